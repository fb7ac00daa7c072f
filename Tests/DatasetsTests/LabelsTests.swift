import Testing

@testable import Datasets

/// Labels as numbers and as texts.
@Suite struct LabelsTests {
  @Test func wholeNumbersStayThemselves() {
    #expect(Labels(texts: ["2", "-1", "3.0", "2"]) == Labels([2, -1, 3, 2]))
    #expect(Labels([5]).name(of: 5) == "5")
  }

  @Test func textsAreNumberedInSortedOrder() {
    let labels = Labels(texts: ["g", "b", "g", "a"])
    #expect(labels.values == [2, 1, 2, 0])
    #expect(labels.names == ["a", "b", "g"])
    #expect(labels.name(of: 2) == "g")
  }

  @Test func oneTextMakesAllLabelsTexts() {
    #expect(Labels(texts: ["1", "10", "x"]).names == ["1", "10", "x"])
    #expect(Labels(texts: ["1.5", "1"]).names == ["1", "1.5"])
  }
}
