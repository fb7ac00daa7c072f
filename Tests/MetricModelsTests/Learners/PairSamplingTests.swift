import LinAlg
import MetricModels
import Testing

@Suite struct PairSamplingTests {
  private let labels = [0, 1, 2, 0, 1]

  @Test func countsAreThoseOfThePublishedCodes() {
    var rng = SplitMix64(seed: 1)
    #expect(PairSelection.sampled(factor: 40).pairs(labels: labels, using: &rng).count == 240)
    #expect(PairSelection.all.pairs(labels: labels, using: &rng).count == 10)
    let distinct = PairSelection.distinct(count: 20).pairs(labels: labels, using: &rng)
    #expect(Set(distinct).count == 20)
    let everything = PairSelection.distinct(count: 99).pairs(labels: labels, using: &rng)
    #expect(Set(everything).count == 25)
  }

  /// 10,000 draws of 25 cells: each expects 400 with a standard deviation of 20.
  @Test func drawsAreUniformOverOrderedPairs() {
    var rng = SplitMix64(seed: 2)
    var counts: [IndexPair: Int] = [:]
    for _ in 0..<2000 {
      for pair in PairSelection.distinct(count: 5).pairs(labels: labels, using: &rng) {
        counts[pair, default: 0] += 1
      }
    }
    #expect(counts.count == 25)
    for count in counts.values { #expect(abs(count - 400) < 100) }
  }
}
