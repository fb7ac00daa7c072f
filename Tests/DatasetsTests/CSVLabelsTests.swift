import Testing

@testable import Datasets

/// Labels in a file of their own.
@Suite struct CSVLabelsTests {
  private func labels(_ text: String, _ count: Int? = nil) throws -> Labels {
    try CSVLabels.labels(text: Array(text.utf8), path: "y.csv", pointCount: count)
  }

  @Test func numbersNeedNoRule() throws {
    #expect(try labels("1\n0\n1\n") == Labels([1, 0, 1]))
    #expect(try labels("label\n1\n0\n") == Labels([1, 0]))
  }

  @Test func theNumberOfPointsTellsAHeaderFromALabel() throws {
    #expect(try labels("class\ng\nb\n", 2).names == ["b", "g"])
    #expect(try labels("class\ng\nb\n", 3).names == ["b", "class", "g"])
    #expect(try labels("label\n1\n2\n", 3).names == ["1", "2", "label"])
  }

  @Test func withoutItAFirstTextThatRecursIsALabel() throws {
    #expect(try labels("g\nb\ng\n").values == [1, 0, 1])
    #expect(try labels("class\ng\nb\ng\n").values == [1, 0, 1])
  }

  @Test func badLinesAreNamed() {
    #expect(throws: DatasetError.csv(path: "y.csv", line: 2, column: nil, .missing(""))) {
      try labels("1\n\n2")
    }
    #expect(
      throws: DatasetError.csv(path: "y.csv", line: 2, column: nil, .ragged(found: 2, expected: 1))
    ) { try labels("1\n2,3") }
    #expect(throws: DatasetError.csv(path: "y.csv", line: 1, column: nil, .empty)) {
      try labels("")
    }
  }
}
