import LinAlg
import MetricModels

/// What searches need to know of single points, in the order of the columns.
///
/// A list names a point in many pairs; its rows are made once and shared by all of them.
final class LinearPointTable<Scalar: SignStepScalar>: @unchecked Sendable {
  // Safe to share: nothing changes after the initialiser.

  /// The number of points.
  let count: Int
  private let width: Int
  private let products: Slab<Double>
  private let rooms: Slab<Scalar>

  /// - Parameters:
  ///   - rows: Which points.
  ///   - points: All points.
  ///   - products: M·x of these points, in the order of `rows`.
  ///   - columns: The order of the columns.
  ///   - limits: The domain.
  init(
    _ rows: [Int], of points: Matrix<Double>, products: Matrix<Double>,
    _ columns: LinearProducts<Scalar>, _ limits: PointLimits<Scalar>
  ) {
    (count, width) = (rows.count, columns.width)
    self.products = Slab(count: rows.count * width, of: 0)
    rooms = Slab(count: 2 * rows.count * width, of: 0)
    guard points.columns > 0 else { return }
    points.withUnsafeElements { points in
      products.withUnsafeElements { products in
        guard let x0 = points.baseAddress, let p0 = products.baseAddress else { return }
        let d = columns.dimension
        for (place, row) in rows.enumerated() {
          let x = x0 + row * d
          columns.arrange(p0 + place * d, product(place), { value, _ in value }, padding: 0)
          columns.arrange(x, low(place), { Scalar(limits.lower[$1] - $0) }, padding: 0)
          columns.arrange(x, high(place), { Scalar(limits.upper[$1] - $0) }, padding: 0)
        }
      }
    }
  }

  /// M·x.
  func product(_ place: Int) -> UnsafeMutablePointer<Double> { products.base + place * width }
  /// How far the domain lets the point move, down and up.
  func low(_ place: Int) -> UnsafeMutablePointer<Scalar> { rooms.base + 2 * place * width }
  func high(_ place: Int) -> UnsafeMutablePointer<Scalar> { rooms.base + (2 * place + 1) * width }
}

/// The points of some pairs.
struct LinearPointTables<Scalar: SignStepScalar>: Sendable {
  let first: LinearPointTable<Scalar>
  let second: LinearPointTable<Scalar>
  /// Where the points of each pair are.
  let places: [(first: Int, second: Int)]

  /// The same for some of the pairs.
  func slice(_ range: Range<Int>) -> LinearPointTables {
    LinearPointTables(first: first, second: second, places: Array(places[range]))
  }
}
