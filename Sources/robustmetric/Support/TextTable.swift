import Glibc

/// Columns of text, the first flush left and the numbers flush right.
struct TextTable {
  var header: [String] = []
  var rows: [[String]]

  /// The table with two blanks between columns and a rule under the header.
  var text: String {
    let all = header.isEmpty ? rows : [header] + rows
    let columns = all.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let isNumeric = (0..<columns).map { column in
      !header.isEmpty && column > 0
    }
    var lines = all.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return isNumeric[column] ? padding + cell : cell + padding
      }.joined(separator: "  ").trimmingTrailingBlanks
    }
    if !header.isEmpty {
      lines.insert(String(repeating: "-", count: lines.map(\.count).max() ?? 0), at: 1)
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmingTrailingBlanks: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

/// A number with `digits` significant digits, for tables; records carry all digits.
func rounded(_ value: Double, digits: Int = 4) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
    withVaList([Int32(digits), value]) { arguments in
      _ = vsnprintf(buffer.baseAddress, buffer.count, "%.*g", arguments)
    }
    return buffer.baseAddress.map { String(cString: $0) } ?? ""
  }
}

/// A share in per cent, for tables.
func percent(_ share: Double) -> String { rounded(100 * share, digits: 3) + " %" }
