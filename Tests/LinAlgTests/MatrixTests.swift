import LinAlg
import Testing

@Suite struct MatrixTests {
  @Test func copiesAreIndependent() {
    let original: Matrix<Double> = [[1, 2], [3, 4]]
    var copy = original
    copy[0, 1] = 7
    #expect(original[0, 1] == 2 && copy[0, 1] == 7)
  }

  @Test func rowsAreViewsInRowMajorOrder() {
    let matrix: Matrix<Float> = [[1, 2, 3], [4, 5, 6]]
    #expect(Array(matrix.row(1)) == [4, 5, 6])
    #expect(matrix.column(2) == [3, 6])
    #expect(matrix.elements == [1, 2, 3, 4, 5, 6])
    #expect(matrix.selectingRows([1, 1, 0]) == [[4, 5, 6], [4, 5, 6], [1, 2, 3]])
  }

  @Test(arguments: [(0, 5), (5, 0), (1, 1), (33, 65), (64, 32)])
  func transposingTwiceIsTheIdentity(rows: Int, columns: Int) {
    var rng = SplitMix64(seed: 2)
    let matrix = Matrix<Double>.random(rows: rows, columns: columns, using: &rng)
    let transposed = matrix.transposed()
    #expect(transposed.transposed() == matrix)
    #expect(transposed.rows == columns && transposed.columns == rows)
    if rows > 0 && columns > 1 { #expect(transposed[1, 0] == matrix[0, 1]) }
  }

  @Test(arguments: [0, 1, 31, 32, 33, 70])
  func mirroringCopiesTheLowerTriangle(order: Int) {
    var rng = SplitMix64(seed: 6)
    let full = Matrix<Double>.random(rows: order, columns: order, using: &rng)
    var mirrored = full
    mirrored.mirrorLowerTriangle()
    for i in 0..<order {
      for j in 0..<order { #expect(mirrored[i, j] == full[max(i, j), min(i, j)]) }
    }
  }

  @Test func elementOutsideTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix<Double>(repeating: 0, rows: 2, columns: 3)[0, 3]
    }
  }

  @Test func wrongElementCountTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix<Double>(rows: 2, columns: 3, elements: [1, 2])
    }
  }
}

@Suite struct ElementwiseTests {
  @Test(arguments: [1e-200, 1e-308, 1, 1e150, 1e300])
  func frobeniusNormNeitherOverflowsNorUnderflows(scale: Double) {
    let matrix = scale * ([[3, 0], [0, -4]] as Matrix<Double>)
    // Subnormal elements have fewer digits themselves.
    #expect(abs(matrix.frobeniusNorm / (5 * scale) - 1) < 1e-14)
  }

  @Test func normsOfAKnownMatrix() {
    let matrix: Matrix<Double> = [[1, -2], [3, 4]]
    #expect(matrix.infinityNorm == 7 && matrix.oneNorm == 6)
    #expect(matrix.maxAbsoluteElement == 4 && matrix.trace == 5)
    let empty = Matrix<Double>(repeating: 0, rows: 0, columns: 3)
    #expect(empty.frobeniusNorm == 0 && empty.infinityNorm == 0 && empty.maxAbsoluteElement == 0)
  }

  @Test func theFirstNonFiniteElementIsNamed() {
    let matrix: Matrix<Double> = [[1, 2], [.infinity, .nan]]
    #expect(throws: LinAlgError.notFinite(row: 1, column: 0)) { try matrix.requireFinite() }
  }

  @Test func scalingColumnsIsAProductWithADiagonalMatrix() {
    let matrix: Matrix<Double> = [[1, 2], [3, 4]]
    #expect(matrix.scalingColumns(by: [2, -1]) == matrix * .diagonal([2, -1]))
  }
}
