import LinAlg
import Testing

@Suite struct DecompositionsTests {
  /// Oracle: reconstruction.
  ///
  /// The backward errors of these algorithms are below a modest multiple of
  /// n·u (Higham 2002, chapters 10, 19; Anderson et al., LAPACK Users' Guide, section 4.7).
  private func tolerance<Scalar: BLASScalar>(_ matrix: Matrix<Scalar>) -> Scalar {
    16 * Scalar(max(matrix.rows, matrix.columns)) * .ulpOfOne * matrix.frobeniusNorm
  }

  @Test(arguments: [1, 2, 7, 34, 100])
  func eigenpairsRebuildTheMatrix(order: Int) throws {
    try check(Double.self, order)
    try check(Float.self, order)
  }

  private func check<Scalar: BLASScalar>(_: Scalar.Type, _ order: Int) throws {
    var rng = SplitMix64(seed: UInt64(order))
    let root = Matrix<Scalar>.random(rows: order, columns: order, using: &rng)
    let matrix = root + root.transposed()
    let eigen = try matrix.symmetricEigen()
    #expect(eigen.values == eigen.values.sorted())
    let rebuilt = eigen.vectors.transposed().scalingColumns(by: eigen.values) * eigen.vectors
    #expect((rebuilt - matrix).maxAbsoluteElement <= tolerance(matrix))
    let gram = eigen.vectors.gram()
    #expect((gram - .identity(order)).maxAbsoluteElement <= 16 * Scalar(order) * .ulpOfOne)
    let count = min(3, order)
    let largest = try matrix.largestEigenpairs(count: count)
    for index in 0..<count {
      #expect(abs(largest.values[index] - eigen.values[order - 1 - index]) <= tolerance(matrix))
      let product = matrix.times(largest.vectors.row(index))
      for (a, b) in zip(product, largest.vectors.row(index)) {
        #expect(abs(a - largest.values[index] * b) <= tolerance(matrix))
      }
    }
    let values = try matrix.largestEigenvalues(count: count)
    #expect(zip(values, largest.values).allSatisfy { abs($0 - $1) <= tolerance(matrix) })
  }

  @Test func eigenvaluesOfTheFiveCycleAreKnown() throws {
    var laplacian = Matrix<Double>(repeating: 0, rows: 5, columns: 5)
    for i in 0..<5 {
      laplacian[i, i] = 2
      laplacian[i, (i + 1) % 5] = -1
      laplacian[(i + 1) % 5, i] = -1
    }
    let values = try laplacian.eigenvalues()
    let golden = (5.0.squareRoot() + 1) / 2
    let expected = [0, 3 - golden, 3 - golden, 2 + golden, 2 + golden]
    #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  /// Hundreds of equal eigenvalues, as of a metric that training has hardly moved from the identity;
  /// bisection fails on some such matrices.
  @Test func tiedEigenvaluesAreFound() throws {
    var rng = SplitMix64(seed: 31)
    let order = 300
    let basis = try ThinQR(Matrix<Double>.random(rows: order, columns: order, using: &rng)).q
    let values = (0..<order).map { $0 < 200 ? 1 : 1 - Double($0 - 199) / 150 }
    var matrix = basis.scalingColumns(by: values).timesTransposed(of: basis)
    matrix.mirrorLowerTriangle()
    let largest = try matrix.largestEigenvalues(count: 5)
    #expect(largest.allSatisfy { abs($0 - 1) <= 1e-13 })
    let pairs = try matrix.largestEigenpairs(count: 150)
    #expect((pairs.vectors.gram() - .identity(150)).maxAbsoluteElement <= 1e-12)
    #expect(pairs.values.allSatisfy { abs($0 - 1) <= 1e-13 })
  }

  @Test func onlyTheLowerTriangleIsRead() throws {
    let values = try ([[2, 1e9], [1, 2]] as Matrix<Double>).eigenvalues()
    #expect(abs(values[0] - 1) < 1e-14 && abs(values[1] - 3) < 1e-14)
  }

  @Test func notANumberIsATypedError() {
    let matrix: Matrix<Double> = [[1, 0], [.nan, 1]]
    #expect(throws: LinAlgError.notFinite(row: 1, column: 0)) { try matrix.symmetricEigen() }
    #expect(throws: LinAlgError.notFinite(row: 1, column: 0)) { try Cholesky(matrix) }
    #expect(throws: LinAlgError.notFinite(row: 1, column: 0)) { try ThinQR(matrix) }
    #expect(throws: LinAlgError.notFinite(row: 1, column: 0)) { try SingularValues(matrix) }
  }

  @Test func emptyMatricesDecompose() throws {
    let empty = Matrix<Double>(repeating: 0, rows: 0, columns: 0)
    #expect(try empty.symmetricEigen().values.isEmpty)
    #expect(try empty.largestEigenpairs(count: 2).vectors.isEmpty)
    #expect(try Cholesky(empty).lower.isEmpty)
    #expect(try ThinQR(Matrix<Double>(repeating: 0, rows: 4, columns: 0)).r.isEmpty)
    let thin = try SingularValues(Matrix<Double>(repeating: 0, rows: 3, columns: 0))
    #expect(thin.values.isEmpty && thin.left.rows == 3)
  }

  /// |A − L·Lᵀ|ᵢⱼ ≤ (n+1)ε/(1−(n+1)ε)·√(aᵢᵢaⱼⱼ) (Demmel; as in Julia's tests of `cholesky`).
  @Test(arguments: [1, 5, 40, 120])
  func choleskyRebuildsAndSolves(order: Int) throws {
    var rng = SplitMix64(seed: 8)
    let root = Matrix<Double>.random(rows: 2 * order, columns: order, using: &rng)
    let matrix = root.gram(ofColumns: true)
    let cholesky = try Cholesky(matrix)
    let rebuilt = cholesky.lower.timesTransposed(of: cholesky.lower)
    let unit = Double(order + 1) * .ulpOfOne
    for i in 0..<order {
      for j in 0..<order {
        let bound = unit / (1 - unit) * (matrix[i, i] * matrix[j, j]).squareRoot()
        #expect(abs(rebuilt[i, j] - matrix[i, j]) <= bound)
        if j > i { #expect(cholesky.lower[i, j] == 0) }
      }
    }
    let x = Matrix<Double>.random(rows: order, columns: 3, using: &rng)
    let residual = matrix * cholesky.solve(matrix * x) - matrix * x
    #expect(residual.maxAbsoluteElement <= 1e-12 * matrix.maxAbsoluteElement)
    let product = cholesky.inverse() * matrix
    #expect((product - .identity(order)).maxAbsoluteElement <= 1e-9)
  }

  @Test func theFirstBadMinorIsNamed() {
    let matrix: Matrix<Double> = [[4, 0, 0], [0, 1, 2], [0, 2, 1]]
    #expect(throws: LinAlgError.notPositiveDefinite(order: 3)) { try Cholesky(matrix) }
  }

  @Test(arguments: [(1, 1), (5, 5), (40, 7), (200, 33)])
  func thinQRRebuildsWithOrthonormalColumns(m: Int, n: Int) throws {
    var rng = SplitMix64(seed: 10)
    let matrix = Matrix<Double>.random(rows: m, columns: n, using: &rng)
    let qr = try ThinQR(matrix)
    #expect((qr.q * qr.r - matrix).maxAbsoluteElement <= tolerance(matrix))
    let orthogonality = (qr.q.gram(ofColumns: true) - .identity(n)).maxAbsoluteElement
    #expect(orthogonality <= 16 * Double(m) * .ulpOfOne)
    for i in 0..<n { for j in 0..<i { #expect(qr.r[i, j] == 0) } }
  }

  @Test(arguments: [(1, 1), (6, 6), (30, 8), (8, 30)])
  func singularValuesRebuild(m: Int, n: Int) throws {
    var rng = SplitMix64(seed: 12)
    let matrix = Matrix<Double>.random(rows: m, columns: n, using: &rng)
    let svd = try SingularValues(matrix)
    #expect(svd.values == svd.values.sorted(by: >) && svd.values.allSatisfy { $0 >= 0 })
    let rebuilt = svd.left.scalingColumns(by: svd.values) * svd.right
    #expect((rebuilt - matrix).maxAbsoluteElement <= tolerance(matrix))
  }
}
