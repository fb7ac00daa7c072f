import LinAlg
import Testing

@Suite struct TilingTests {
  @Test(arguments: [0, 1, 7, 8, 9, 100], [1, 2, 5])
  func tilesCoverTheListInOrder(count: Int, threads: Int) {
    let tiling = Tiling(count: count, height: 8)
    let tiles = tiling.map(threads: threads) { Array($0) }
    #expect(tiles.flatMap(\.self) == Array(0..<count))
    #expect(tiles.dropLast().allSatisfy { $0.count == 8 })
    #expect(tiles.count == tiling.tileCount)
  }

  @Test(arguments: [1, 2])
  func theFirstErrorInOrderIsThrown(threads: Int) {
    struct Refused: Error, Equatable { let start: Int }
    #expect(throws: Refused(start: 20)) {
      try Tiling(count: 100, height: 10).map(threads: threads) { range throws(Refused) -> Int in
        if range.lowerBound >= 20 { throw Refused(start: range.lowerBound) }
        return 0
      }
    }
  }

  @Test func productsInTilesHaveTheSameBitsWithMoreThreads() {
    var rng = SplitMix64(seed: 14)
    let a = Matrix<Float>.random(rows: 512, columns: 61, using: &rng)
    let b = Matrix<Float>.random(rows: 61, columns: 61, using: &rng)
    func product(threads: Int) -> [Float] {
      Tiling(count: 512, height: 64).map(threads: threads) { (a.selectingRows($0) * b).elements }
        .flatMap(\.self)
    }
    #expect(product(threads: 1) == product(threads: 2))
  }
}
