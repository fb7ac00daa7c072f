/// How a file as its origin publishes it differs from the catalogue's file.
///
/// Both directions are exact, byte for byte: the catalogue's file is made from a download, and the
/// published digest of the original is checked on the catalogue's file.
public enum OriginalForm: Equatable, Sendable {
  /// The original has no header; lines end in LF.
  case withoutHeader(header: String)
  /// The original has no header and pads each field with blanks to one of these widths.
  case fixedWidths(header: String, widths: [Int])
  /// Parkinson's: lines end in CRLF, the first field names the recording, the target stands behind 16
  /// of the 22 features.
  case namedRecordings

  /// The catalogue's file, from the original; nil when the text hasn't the form.
  func catalogued(from original: [UInt8]) -> [UInt8]? {
    let text = String(decoding: original, as: UTF8.self)
    switch self {
    case .withoutHeader(let header): return Array((header + "\n" + text).utf8)
    case .fixedWidths(let header, _):
      let lines = text.split(separator: "\n").map { line in
        line.split(separator: " ").joined(separator: ",")
      }
      return OriginalForm.text([header] + lines, "\n")
    case .namedRecordings:
      var lines: [String] = []
      for line in text.split(whereSeparator: \.isNewline) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 24 else { return nil }
        lines.append((fields[1..<17] + fields[18...] + [fields[17]]).joined(separator: ","))
      }
      return OriginalForm.text(lines, "\n")
    }
  }

  /// The original, from the catalogue's file; nil when the text hasn't the form.
  func original(from catalogued: [UInt8]) -> [UInt8]? {
    let text = String(decoding: catalogued, as: UTF8.self)
    let lines = text.split(separator: "\n")
    switch self {
    case .withoutHeader:
      return text.firstIndex(of: "\n").map { Array(text[$0...].dropFirst().utf8) }
    case .fixedWidths(_, let widths):
      var padded: [String] = []
      for line in lines.dropFirst() {
        let fields = line.split(separator: ",")
        guard fields.count == widths.count else { return nil }
        let pairs = zip(fields, widths)
        padded.append(
          pairs.map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }.joined())
      }
      return OriginalForm.text(padded, "\n")
    case .namedRecordings:
      let names = ["name"] + ParkinsonsRecordings.all.map(\.name)
      guard lines.count == names.count else { return nil }
      var named: [String] = []
      for (name, line) in zip(names, lines) {
        let fields = line.split(separator: ",")
        guard fields.count == 23 else { return nil }
        let reordered = fields[..<16] + [fields[22]] + fields[16..<22]
        named.append(name + "," + reordered.joined(separator: ","))
      }
      return OriginalForm.text(named, "\r\n")
    }
  }

  private static func text(_ lines: [String], _ lineEnd: String) -> [UInt8] {
    Array((lines.joined(separator: lineEnd) + lineEnd).utf8)
  }
}
