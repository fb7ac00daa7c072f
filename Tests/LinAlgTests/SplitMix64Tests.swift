import LinAlg
import Testing

@Suite struct SplitMix64Tests {
  /// The first outputs of Vigna's reference implementation, `splitmix64.c`, from the state 1234567.
  @Test func sequenceIsTheReferenceSequence() {
    var rng = SplitMix64(seed: 1_234_567)
    #expect(rng.next() == 6_457_827_717_110_365_317)
    #expect(rng.next() == 3_203_168_211_198_807_973)
    #expect(rng.next() == 9_817_491_932_198_370_423)
  }

  /// Means of n draws lie within five standard errors; the seed is fixed, so this never flickers.
  @Test func momentsAreThoseOfTheDistributions() {
    var rng = SplitMix64(seed: 1)
    let n = 20_000
    let uniforms = (0..<n).map { _ in rng.uniform() }
    let normals = (0..<n).map { _ in rng.normal() }
    let root = Double(n).squareRoot()
    #expect(uniforms.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(uniforms.reduce(0, +) / Double(n) - 0.5) < 5 * (1 / 12.0).squareRoot() / root)
    #expect(abs(normals.reduce(0, +) / Double(n)) < 5 / root)
    let variance = normals.reduce(0) { $0 + $1 * $1 } / Double(n)
    #expect(abs(variance - 1) < 5 * 2.0.squareRoot() / root)
  }

  @Test func coordinatesGiveIndependentGenerators() {
    var seen = Set<UInt64>()
    for i in 0..<50 {
      for j in 0..<50 {
        var rng = SplitMix64(seed: 9, at: i, j)
        seen.insert(rng.next())
      }
    }
    #expect(seen.count == 2500)
  }

  @Test func permutationHoldsEveryNumberOnce() {
    var rng = SplitMix64(seed: 4)
    let order = rng.permutation(100)
    #expect(order.sorted() == Array(0..<100) && order != Array(0..<100))
  }
}
