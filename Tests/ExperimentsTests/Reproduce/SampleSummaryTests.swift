import Experiments
import Testing

@Suite struct SampleSummaryTests {
  /// By hand: mean 2, deviation 1, t = 4.303 for two degrees of freedom.
  @Test func intervalIsStudents() throws {
    let summary = try #require(SampleSummary([1, 2, 3]))
    #expect(summary.mean == 2 && summary.deviation == 1)
    #expect(abs(try #require(summary.halfWidth) - 4.303 / 3.0.squareRoot()) < 1e-12)
    #expect(summary.sign == 0)
    #expect(try #require(SampleSummary([10, 11, 12])).sign == 1)
    #expect(try #require(SampleSummary([-10, -11, -12])).sign == -1)
  }

  /// Tables give t = 2.201 for 11, 2.086 for 20 and 2.000 for 60 degrees of freedom.
  @Test(arguments: [(12, 2.201), (21, 2.086), (61, 2.000)])
  func expansionAgreesWithTheTables(count: Int, quantile: Double) throws {
    let values = (0..<count).map { Double($0 % 2) }
    let summary = try #require(SampleSummary(values))
    let found = try #require(summary.halfWidth) / summary.deviation * Double(count).squareRoot()
    #expect(abs(found - quantile) < 0.001)
  }

  @Test func oneNumberHasNoInterval() throws {
    #expect(SampleSummary([]) == nil)
    let one = try #require(SampleSummary([5]))
    #expect(one.halfWidth == nil && one.sign == 0 && one.deviation == 0)
  }
}
