/// Points sorted by label, so that every class is one range.
struct ClassOrder: Sendable {
  /// The points in the order of their labels.
  let order: [Int]
  /// The range of every class in `order`.
  let classes: [Range<Int>]
  /// For every place in `order`, where its class ends.
  let ends: [Int]

  init(_ labels: [Int]) {
    let order = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
    var classes: [Range<Int>] = []
    var start = 0
    while start < order.count {
      let end = order[start...].firstIndex { labels[$0] != labels[order[start]] } ?? order.count
      classes.append(start..<end)
      start = end
    }
    (self.order, self.classes) = (order, classes)
    ends = classes.flatMap { Array(repeating: $0.upperBound, count: $0.count) }
  }
}
