import LinAlg
import MetricModels

/// The products with M that a search needs, for rows of `width` elements in plain memory.
///
/// A metric leaves many features of images by themselves: those of pixels that never vary have zero, or
/// rounding, beside the diagonal of M. Rows have the features that M couples first, then, padded to whole
/// vectors, those that are alone, whose products are single multiplications. Short rows are not worth that.
/// A low-rank metric keeps W, takes two products, and has no feature alone.
struct LinearProducts<Scalar: SignStepScalar>: Sendable {
  let dimension: Int
  /// The number of elements of a row.
  let width: Int
  /// How many of them the coupled features take.
  let coupledWidth: Int
  /// The feature of every column; −1 in the padding.
  let features: [Int32]
  /// M of the coupled features, rows of `coupledWidth` elements; empty for a low-rank metric.
  let matrix: [Scalar]
  /// √Mₖₖ of every column; empty for a low-rank metric.
  let roots: [Scalar]
  /// An upper bound of M's largest eigenvalue; 0 for a low-rank metric.
  let largestEigenvalue: Scalar
  /// Mₖₖ of the columns of features that are alone.
  private let diagonal: [Scalar]
  /// The number of rows of `matrix`.
  let coupledCount: Int
  /// W, for a low-rank metric alone.
  private let transform: Matrix<Scalar>?

  /// - Parameters:
  ///   - metric: The metric.
  ///   - isStill: Which features have a gradient of zero in all clean pairs. Where such a feature is
  ///     alone too its gradient stays zero, and columns of nothing else are left out.
  init(_ metric: MahalanobisMetric, isStill: [Bool]) {
    let d = metric.dimension
    dimension = d
    let isAlone =
      metric.isLowRank || d <= wholeCourseWidth
      ? [Bool](repeating: false, count: d) : aloneFeatures(metric.matrix, Scalar.ulpOfOne)
    let coupled = (0..<d).filter { !isAlone[$0] }
    coupledCount = coupled.count
    var features = paddedToLanes(coupled.map(Int32.init))
    coupledWidth = features.count
    // Whole blocks are left out, so that what is left keeps its lanes and its rounding.
    let alone = paddedToLanes((0..<d).filter { isAlone[$0] }.map(Int32.init))
    for start in stride(from: 0, to: alone.count, by: signStepLanes) {
      let block = alone[start..<(start + signStepLanes)]
      if block.contains(where: { $0 >= 0 && !isStill[Int($0)] }) { features += block }
    }
    self.features = features
    width = features.count
    guard !metric.isLowRank else {
      (matrix, roots, diagonal, largestEigenvalue) = ([], [], [], 0)
      transform = metric.transform.converted(to: Scalar.self)
      return
    }
    transform = nil
    let m = metric.matrix
    var padded = [Scalar](repeating: 0, count: coupled.count * coupledWidth)
    for (row, i) in coupled.enumerated() {
      for (column, k) in coupled.enumerated() {
        padded[row * coupledWidth + column] = Scalar(m[i, k])
      }
    }
    matrix = padded
    let ownProducts = features.map { $0 < 0 ? 0 : m[Int($0), Int($0)] }
    roots = ownProducts.map { Scalar(max(0, $0).squareRoot()).nextUp }
    diagonal = ownProducts[coupledWidth...].map { Scalar($0) }
    largestEigenvalue = max(
      largestEigenvalueBound(padded, order: coupled.count, width: coupledWidth),
      (diagonal.max() ?? 0).nextUp)
  }

  /// Whether rows are short enough for whole courses at a time.
  var isSmall: Bool { isIncremental && width <= wholeCourseWidth && width == coupledWidth }

  /// Whether a step's products are updated from the last step's.
  var isIncremental: Bool { transform == nil }

  /// The number of scratch elements that a product of `count` rows needs.
  func scratchCount(rows count: Int) -> Int { count * (transform?.rows ?? 0) }

  /// Puts a row of all features into the order of the columns.
  func arrange<Source: BLASScalar, Target>(
    _ source: UnsafePointer<Source>, _ target: UnsafeMutablePointer<Target>,
    _ convert: (Source, _ feature: Int) -> Target, padding: Target
  ) {
    for column in 0..<width {
      let feature = Int(features[column])
      target[column] = feature < 0 ? padding : convert(source[feature], feature)
    }
  }

  /// Puts a row into the order of the features; those without a column get zero.
  func spread(_ row: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>) {
    target.update(repeating: 0, count: dimension)
    for column in 0..<width where features[column] >= 0 {
      target[Int(features[column])] = row[column]
    }
  }

  /// Replaces `results` by `rows`·M, both of `count` rows.
  func multiply(
    _ rows: UnsafePointer<Scalar>, count: Int, into results: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    let c = coupledCount
    guard count > 0 && width > 0 else { return }
    for row in 0..<count {
      let start = row * width + coupledWidth
      for k in diagonal.indices { results[start + k] = diagonal[k] * rows[start + k] }
    }
    guard c > 0 else { return }
    guard let transform else {
      matrix.withUnsafeBufferPointer { m in
        guard let m0 = m.baseAddress else { return }
        Scalar._gemm(
          false, false, count, c, c, 1, rows, width, m0, coupledWidth, 0, results, width)
      }
      return
    }
    let k = transform.rows
    transform.withUnsafeElements { w in
      guard let w0 = w.baseAddress, k > 0 else {
        for row in 0..<count { (results + row * width).update(repeating: 0, count: width) }
        return
      }
      Scalar._gemm(false, true, count, k, c, 1, rows, width, w0, c, 0, scratch, k)
      Scalar._gemm(false, false, count, c, k, 1, scratch, k, w0, c, 0, results, width)
    }
  }

  /// row += Σ values[e]·(row indices[e] of M), the indices being ascending columns.
  func addRows(
    _ indices: UnsafePointer<Int32>, _ values: UnsafePointer<Scalar>, count: Int,
    to row: UnsafeMutablePointer<Scalar>
  ) {
    var coupled = count
    while coupled > 0 && Int(indices[coupled - 1]) >= coupledWidth {
      coupled -= 1
      let column = Int(indices[coupled])
      row[column] += values[coupled] * diagonal[column - coupledWidth]
    }
    matrix.withUnsafeBufferPointer { matrix in
      guard let m0 = matrix.baseAddress, coupled > 0 else { return }
      Scalar.addRows(coupledWidth, m0, indices, values, count: coupled, to: row)
    }
  }

  /// Beyond this many rows of M a pair waits for a dense product.
  ///
  /// Measured at d = 784 in Float: adding up a row costs two to three times its share of a blocked
  /// product; small matrices are never worth the wait. The result depends on it by rounding alone.
  var largestSparseCount: Int {
    coupledCount < smallestBlockedCount ? width : coupledCount * 3 / 8
  }
}

/// So many rows in whole groups, which keep the rounding of a product's row independent of how many there are.
func wholeGroups(ofRows count: Int) -> Int { (count + 15) / 16 * 16 }

/// Below this number of coupled features a pair never waits for the others.
private let smallestBlockedCount = 64

/// An upper bound of the largest eigenvalue of a positive semidefinite matrix, rows of `width` elements.
///
/// λ₁ ≤ (Σλᵢ⁸)^⅛, which is the fourth root of the Frobenius norm of the fourth power. A hundredth more is far
/// beyond the rounding of the two products.
private func largestEigenvalueBound<Scalar: BLASScalar>(
  _ matrix: [Scalar], order: Int, width: Int
) -> Scalar {
  let largest = (0..<order).reduce(Scalar(0)) { max($0, matrix[$1 * width + $1]) }
  guard largest > 0 else { return 0 }
  // No element is above the largest one of the diagonal, so that nothing overflows.
  var power = Matrix<Scalar>(rows: order, columns: order) { target in
    for i in 0..<order {
      for k in 0..<order { target[i * order + k] = matrix[i * width + k] / largest }
    }
  }
  power = power.timesTransposed(of: power)
  power = power.timesTransposed(of: power)
  return 1.01 * largest * power.frobeniusNorm.squareRoot().squareRoot()
}

/// A list of features, padded with −1 to whole vectors.
private func paddedToLanes(_ features: [Int32]) -> [Int32] {
  let missing = (signStepLanes - features.count % signStepLanes) % signStepLanes
  return features + [Int32](repeating: -1, count: missing)
}

/// The features that M couples with no other: what stands beside the diagonal is lost in the rounding
/// of either diagonal element's product, even if it came d times.
private func aloneFeatures(
  _ matrix: Matrix<Double>, _ precision: some BinaryFloatingPoint
) -> [Bool] {
  let d = matrix.rows
  let share = Double(precision) / (4 * Double(max(1, d)))
  var isAlone = [Bool](repeating: true, count: d)
  matrix.withUnsafeElements { m in
    for i in 0..<d {
      for k in 0..<i
      where abs(m[i * d + k]) > share * min(abs(m[i * d + i]), abs(m[k * d + k])) {
        isAlone[i] = false
        isAlone[k] = false
      }
    }
  }
  return isAlone
}
