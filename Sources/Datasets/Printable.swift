/// A path for a message: escaped, whole, and with `-` spelled out.
func printable(_ path: String, standardStream: String) -> String {
  path == "-" ? standardStream : escaped(path)
}

/// Text from a file for a message: escaped, in quotes, cut after 40 characters.
func quoted(_ text: some StringProtocol) -> String {
  let shown = text.prefix(40)
  return "'\(escaped(shown))\(shown.endIndex < text.endIndex ? "…" : "")'"
}

/// The text with everything escaped that could break a line or drive a terminal.
private func escaped(_ text: some StringProtocol) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      result += scalar.escaped(asASCII: true)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// "1 row", "2 rows".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
