import LinAlg
import MetricModels
import Testing

@Suite struct PairBatchTests {
  private let points = Matrix<Double>([[1, 2], [3, 5], [7, 11]])

  @Test func allPairsComeInLexicographicOrder() {
    #expect(PairBatch.allPairs(of: points).pairs == [.init(0, 1), .init(0, 2), .init(1, 2)])
    let none = PairBatch.allPairs(of: Matrix<Double>(repeating: 0, rows: 0, columns: 2))
    #expect(none.count == 0 && none.dimension == 2)
  }

  @Test func galleryPairsKeepThePointsOutside() {
    let gallery = Matrix<Double>([[0, 0], [1, 1]])
    let batch = PairBatch.allPairs(of: points, with: gallery)
    #expect(batch.count == 6 && batch.pairs[1] == .init(0, 1) && batch.hasGallery)
    #expect(Array(batch.endpoints(3).second) == [1, 1])
    #expect(batch.similarities(labels: [4, 5, 6], galleryLabels: [6, 4])[5] == .dissimilar)
    #expect(batch.similarities(labels: [4, 5, 6], galleryLabels: [6, 4])[4] == .similar)
    #expect(batch.with(pairs: [.init(2, 1)]).hasGallery)
  }

  @Test func differencesFillTheTileWithZeros() {
    let batch = PairBatch.allPairs(of: points)
    var tile = Matrix<Double>(repeating: .nan, rows: 4, columns: 2)
    batch.formDifferences(of: 1..<3, into: &tile)
    #expect(tile == Matrix([[-6, -9], [-4, -6], [0, 0], [0, 0]]))
  }

  @Test func similaritySignsAreThePapers() {
    #expect(Similarity.similar.sign == 1 && Similarity.dissimilar.sign == -1)
  }
}
