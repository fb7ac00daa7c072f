import MetricModels
import Testing

@Suite struct LearnerConformanceTests {
  @Test func gmmlConforms() throws { try LearnerConformance(GMML()).check() }

  @Test func lmnnConforms() throws {
    try LearnerConformance(LMNN(), rotationTolerance: 1e-3).check()
  }

  @Test func faithfulLMNNConforms() throws {
    var options = LMNNOptions()
    options.mode = .faithful(stepSize: 1e-3)
    options.maxIterations = 50
    try LearnerConformance(LMNN(options: options)).check()
  }

  @Test func itmlConforms() throws { try LearnerConformance(ITML()).check() }

  @Test func sweepingITMLConforms() throws {
    var options = ITMLOptions()
    options.solver = .projections(maxSweeps: 20, tolerance: 1e-2)
    try LearnerConformance(ITML(options: options)).check()
  }

  @Test func scmlConforms() throws {
    var options = SCMLOptions()
    options.basisCount = 20
    try LearnerConformance(SCML(options: options), rotationTolerance: 1e-4).check()
  }

  @Test func amlConforms() throws { try LearnerConformance(AML()).check() }

  @Test func lowRankConforms() throws {
    var options = LowRankOptions()
    options.rank = 2
    try LearnerConformance(LowRank(options: options)).check()
    options.solver = .multipliers(maxIterations: 10, innerSteps: 30, stepSize: 0.1)
    try LearnerConformance(LowRank(options: options)).check()
  }
}
