public import LinAlg

/// The quadratic z ↦ zᵀMz in the form in which it is given: M itself, or W with M = WᵀW.
///
/// The given matrix is exact, everything computed from it is not. All bounds of this module hold for
/// the exact form. Each uses the absolute form A, which is |M| or |W|ᵀ|W|: a product with M, however
/// its sums are ordered, errs by at most γ·A|z|, so its error is bounded by row sums of A alone.
public struct QuadraticForm: Sendable {
  /// Which matrix is exact.
  public enum Storage: Sendable {
    /// M, d×d, symmetric to the bit.
    case matrix(Matrix<Double>)
    /// W, k×d.
    case factor(Matrix<Double>)
  }

  /// The exact matrix.
  public let storage: Storage
  /// The number of variables d.
  public let dimension: Int
  /// Upper bounds of the row sums of A.
  package let absoluteRowSums: [Double]
  /// γ of the longest chain of roundings in one evaluation of Mz or of zᵀMz, with z itself rounded
  /// once: the sums over d and k terms, two roundings of z and a few products.
  package let roundingConstant: Double

  /// Creates the form of a symmetric matrix.
  ///
  /// - Precondition: `matrix` is square and symmetric to the bit.
  /// - Complexity: O(d²).
  public init(matrix: Matrix<Double>) {
    precondition(matrix.rows == matrix.columns, "\(matrix.shape) is not square")
    storage = .matrix(matrix)
    dimension = matrix.columns
    absoluteRowSums = QuadraticExtrema.absoluteRowSums(of: matrix)
    roundingConstant = OutwardRounding.gamma(2 * dimension + 16)
  }

  /// Creates the form ‖Wz‖².
  ///
  /// - Complexity: O(k·d).
  public init(factor: Matrix<Double>) {
    storage = .factor(factor)
    dimension = factor.columns
    absoluteRowSums = factor.absoluteGramProduct([Double](repeating: 1, count: factor.columns))
    roundingConstant = OutwardRounding.gamma(2 * dimension + factor.rows + 16)
  }

  private init(formed matrix: Matrix<Double>, from form: QuadraticForm) {
    storage = .matrix(matrix)
    dimension = form.dimension
    absoluteRowSums = form.absoluteRowSums
    roundingConstant = form.roundingConstant
  }

  /// Whether products go through W alone, because M would be large and dearer.
  package var staysFactored: Bool {
    guard case .factor(let factor) = storage else { return false }
    return 2 * factor.rows < dimension && dimension > 512
  }

  /// The form in which many points are evaluated: M computed from W where that saves work.
  ///
  /// Its values, products and brackets hold for this form, because the rounding of M counts into
  /// γ·A like any other sum over k terms. A factor with 2k < d stays a factor beyond 512 variables;
  /// below, M takes at most two megabytes and gives the searches its columns.
  ///
  /// - Complexity: O(k·d²), or O(1) where nothing is formed.
  package func working() -> QuadraticForm {
    guard case .factor(let factor) = storage, !staysFactored else { return self }
    return QuadraticForm(formed: factor.gram(ofColumns: true), from: self)
  }

  /// M as a matrix in plain floating point, nil for a factor.
  package var matrix: Matrix<Double>? {
    if case .matrix(let matrix) = storage { return matrix }
    return nil
  }

  /// Upper bounds of the elements of A·b for b ≥ 0.
  package func absoluteProduct(_ scale: [Double]) -> [Double] {
    switch storage {
    case .matrix(let matrix): matrix.absoluteProduct(scale)
    case .factor(let factor): factor.absoluteGramProduct(scale)
    }
  }

  /// The number of columns of the scratch that ``evaluate(_:products:scratch:)`` needs.
  public var scratchColumns: Int {
    switch storage {
    case .matrix: 0
    case .factor(let factor): factor.rows
    }
  }

  /// Evaluates zᵀMz and Mz for every row z, in plain floating point.
  ///
  /// - Parameters:
  ///   - rows: The points z, n×d.
  ///   - products: Gets Mz, n×d; its old contents are not read.
  ///   - scratch: Work space, n×``scratchColumns``; its old contents are not read.
  /// - Returns: zᵀMz per row; as ‖Wz‖² where W is given, which is never negative.
  /// - Complexity: O(n·d²), or O(n·k·d) for a factor.
  public func evaluate(
    _ rows: Matrix<Double>, products: inout Matrix<Double>, scratch: inout Matrix<Double>
  ) -> [Double] {
    // For one row a general product would spend its time on packing M.
    if rows.rows == 1 { return [evaluate(rows.elements, product: &products)] }
    switch storage {
    case .matrix(let matrix):
      products.formProduct(of: rows, and: matrix)
      return rowProducts(rows, products)
    case .factor(let factor):
      scratch.formProduct(of: rows, and: factor, transposesSecond: true)
      products.formProduct(of: scratch, and: factor)
      return rowProducts(scratch, scratch)
    }
  }

  private func evaluate(_ z: [Double], product: inout Matrix<Double>) -> Double {
    switch storage {
    case .matrix(let matrix):
      product = Matrix(rows: 1, columns: dimension, elements: matrix.times(z))
      return dot(z, product.elements, dimension)
    case .factor(let factor):
      let image = factor.times(z)
      product = Matrix(rows: 1, columns: dimension, elements: factor.transposedTimes(image))
      return dot(image, image, factor.rows)
    }
  }

  /// Evaluates zᵀMz for every row z, in plain floating point.
  ///
  /// - Parameters:
  ///   - rows: The points z, n×d.
  ///   - products: Work space of the shape of `rows`, n×d.
  ///   - scratch: Work space, n×``scratchColumns``.
  /// - Returns: zᵀMz per row.
  /// - Complexity: O(n·d²), or O(n·k·d) for a factor, half of what Mz takes as well.
  package func values(
    _ rows: Matrix<Double>, products: inout Matrix<Double>, scratch: inout Matrix<Double>
  ) -> [Double] {
    guard case .factor(let factor) = storage, rows.rows > 1 else {
      return evaluate(rows, products: &products, scratch: &scratch)
    }
    scratch.formProduct(of: rows, and: factor, transposesSecond: true)
    return rowProducts(scratch, scratch)
  }

  /// An interval around the exact zᵀMz from its computed value.
  ///
  /// It also covers every point within two roundings of z, such as the exact difference of two
  /// points whose computed difference is z.
  ///
  /// - Parameters:
  ///   - value: The computed zᵀMz or ‖Wz‖².
  ///   - absoluteForm: An upper bound of |z|ᵀA|z|, from ``absoluteForm(_:)``.
  /// - Returns: A lower bound, not negative, and an upper bound.
  package func bracket(value: Double, absoluteForm: Double) -> (lower: Double, upper: Double) {
    switch storage {
    case .matrix:
      let slack = roundingConstant.timesUp(absoluteForm)
      return (max(0, value.minusDown(slack)), max(0, value.plusUp(slack)))
    case .factor(let factor):
      // ‖fl(Wz)‖ and ‖Wz‖ differ by at most γ·‖|W||z|‖, and the sum of squares has k terms.
      let slack = roundingConstant.timesUp(absoluteForm.rootUp())
        .plusUp(OutwardRounding.underflow((dimension + 2) * (factor.rows + 2)))
      let upper = value.inflated(byTerms: factor.rows + 2).rootUp().plusUp(slack)
      let lower = max(0, value.deflated(byTerms: factor.rows + 2).rootDown().minusDown(slack))
      return (lower.timesDown(lower), upper.timesUp(upper))
    }
  }

  /// Mz of one point, in plain floating point.
  ///
  /// - Complexity: O(d²), or O(k·d) for a factor.
  package func gradient(at z: [Double]) -> [Double] {
    switch storage {
    case .matrix(let matrix): matrix.times(z)
    case .factor(let factor): factor.transposedTimes(factor.times(z))
    }
  }

  /// A lower bound of the form at the exact difference of two points.
  ///
  /// - Complexity: O(d²), or O(k·d) for a factor.
  package func lowerBound(atDifferenceOf first: [Double], _ second: [Double]) -> Double {
    bracket(atDifferenceOf: first, second).lower
  }

  /// An upper bound of the form at the exact difference of two points.
  ///
  /// - Complexity: O(d²), or O(k·d) for a factor.
  package func upperBound(atDifferenceOf first: [Double], _ second: [Double]) -> Double {
    bracket(atDifferenceOf: first, second).upper
  }

  private func bracket(
    atDifferenceOf first: [Double], _ second: [Double]
  ) -> (lower: Double, upper: Double) {
    let row = Matrix(
      rows: 1, columns: dimension, elements: zip(first, second).map { $0 - $1 })
    var product = row
    var scratch = Matrix<Double>(repeating: 0, rows: 1, columns: scratchColumns)
    let value = evaluate(row, products: &product, scratch: &scratch)[0]
    return bracket(value: value, absoluteForm: absoluteForm(row.elements))
  }

  /// An upper bound of |z|ᵀA|z| from the row sums r of A: Σ rₖzₖ², since 2|zₖzₗ| ≤ zₖ² + zₗ².
  ///
  /// - Complexity: O(d), no allocation.
  package func absoluteForm(_ z: UnsafePointer<Double>) -> Double {
    weightedSquares(z, absoluteRowSums, dimension).inflated(byTerms: dimension + 10)
  }
}

/// The scalar product of each row of `a` with the same row of `b`.
private func rowProducts(_ a: Matrix<Double>, _ b: Matrix<Double>) -> [Double] {
  a.withUnsafeElements { x in
    b.withUnsafeElements { y in
      guard let x0 = x.baseAddress, let y0 = y.baseAddress, a.columns > 0 else {
        return [Double](repeating: 0, count: a.rows)
      }
      return (0..<a.rows).map { dot(x0 + $0 * a.columns, y0 + $0 * a.columns, a.columns) }
    }
  }
}

extension Matrix<Double> {
  /// Upper bounds of the elements of |self|·b for b ≥ 0.
  func absoluteProduct(_ vector: [Double]) -> [Double] {
    precondition(vector.count == columns, "\(shape) does not fit a vector of \(vector.count)")
    return withUnsafeElements { elements in
      guard let a = elements.baseAddress, columns > 0 else {
        return [Double](repeating: 0, count: rows)
      }
      return (0..<rows).map {
        absoluteDot(a + $0 * columns, vector, columns).inflated(byTerms: columns + 9)
      }
    }
  }

  /// Upper bounds of the elements of |self|ᵀ(|self|·b) for b ≥ 0.
  func absoluteGramProduct(_ vector: [Double]) -> [Double] {
    let inner = absoluteProduct(vector)
    var sums = [Double](repeating: 0, count: columns)
    withUnsafeElements { elements in
      sums.withUnsafeMutableBufferPointer { sums in
        for row in 0..<rows {
          let base = row * columns
          for k in 0..<columns { sums[k] += abs(elements[base + k]) * inner[row] }
        }
      }
    }
    return sums.map { $0.inflated(byTerms: rows + 1) }
  }
}
