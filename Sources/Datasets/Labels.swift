/// The class of each point: whole numbers as they are, or texts numbered in their sorted order.
public struct Labels: Equatable, Sendable {
  /// The label of each point: the whole number itself, or the place of its text in ``names``.
  public let values: [Int]
  /// The sorted texts, or nil when the labels are whole numbers.
  public let names: [String]?

  /// Creates labels that are whole numbers.
  public init(_ values: [Int]) {
    self.values = values
    names = nil
  }

  /// Creates labels from texts.
  ///
  /// When every text is a whole number (`2`, `-1`, `3.0`), the labels are those numbers.
  ///
  /// - Parameter texts: One per point.
  /// - Complexity: O(n) for few classes.
  public init(texts: some Sequence<String>) {
    var codes: [String: Int] = [:]
    var distinct: [String] = []
    let raw = texts.map { text in
      if let code = codes[text] { return code }
      codes[text] = distinct.count
      distinct.append(text)
      return distinct.count - 1
    }
    let numbers = distinct.compactMap(Labels.wholeNumber)
    if numbers.count == distinct.count {
      values = raw.map { numbers[$0] }
      names = nil
    } else {
      let order = distinct.indices.sorted { distinct[$0] < distinct[$1] }
      var rank = Array(repeating: 0, count: order.count)
      for (place, code) in order.enumerated() { rank[code] = place }
      values = raw.map { rank[$0] }
      names = order.map { distinct[$0] }
    }
  }

  /// The text of a label, for output.
  ///
  /// - Parameter value: One of ``values``.
  /// - Returns: The text, or the number itself.
  public func name(of value: Int) -> String { names?[value] ?? "\(value)" }

  /// The number of points.
  public var count: Int { values.count }

  private static func wholeNumber(_ text: String) -> Int? {
    if let value = Int(text) { return value }
    guard case .number(let value) = CellValue(text) else { return nil }
    return Int(exactly: value)
  }
}
