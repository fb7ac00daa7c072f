private import Glibc

/// A number with a fixed number of decimals.
func fixed(_ value: Double, _ decimals: Int = 2) -> String {
  formatted("%.*f", decimals, value)
}

/// A number with its sign and two decimals.
func signed(_ value: Double, _ decimals: Int = 2) -> String {
  // What rounds to zero gets no sign of its own.
  let text = formatted("%+.*f", decimals, value)
  return text.contains { $0 != "-" && $0 != "0" && $0 != "." } ? text : "0"
}

/// A number with at most six significant digits.
func short(_ value: Double) -> String { formatted("%.*g", 6, value) }

/// Mean and the 95 % half-width; the mean alone for one number; a dash for none.
func meanText(_ summary: SampleSummary?, _ decimals: Int = 2) -> String {
  guard let summary else { return "–" }
  guard let half = summary.halfWidth else { return fixed(summary.mean, decimals) }
  return "\(fixed(summary.mean, decimals)) ± \(fixed(half, decimals))"
}

/// A whole number with thin groups of three digits, as "20,100".
func grouped(_ value: Int) -> String {
  let digits = "\(value)"
  return digits.enumerated().map { place, digit in
    let left = digits.count - place
    return place > 0 && left % 3 == 0 ? ",\(digit)" : "\(digit)"
  }.joined()
}

private func formatted(_ format: String, _ digits: Int, _ value: Double) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
    withVaList([Int32(digits), value]) { arguments in
      _ = vsnprintf(buffer.baseAddress, buffer.count, format, arguments)
    }
    return buffer.baseAddress.map { String(cString: $0) } ?? ""
  }
}
