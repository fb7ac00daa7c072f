import ArgumentParser
import Experiments
import LinAlg

/// Says what the program runs on and whether it computes correctly here.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the BLAS, its kernel, the threads and the versions, and runs a self-test.",
    discussion: "Exit status 70 when the self-test fails.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let environment = RunEnvironment(threads: common.threadCount)
    let checks = SelfTest.run(threads: common.threadCount)
    let report = DoctorReport(environment: environment, selfTest: checks)
    if let json = common.json { try writeJSON(report, to: json) }
    var lines: [[String]] = [
      ["robustmetric", toolVersion],
      ["platform", environment.platform],
      ["BLAS", environment.blas],
      ["BLAS library", environment.blasLibrary],
      ["LAPACK library", environment.lapackLibrary],
      ["kernel", environment.kernel],
      ["threads", "\(common.threadCount) tiles at once, \(environment.blasThreads) per BLAS call"],
    ]
    for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS"] {
      if let value = environmentVariable(name) { lines.append([name, value + " (environment)"]) }
    }
    for check in checks {
      lines.append([check.name, check.passed ? "ok" : "FAILED: \(check.detail)"])
    }
    common.say(TextTable(rows: lines).text)
    if checks.contains(where: { !$0.passed }) {
      throw Failure(.internalError, "the self-test failed; do not trust results on this machine")
    }
  }

  private struct DoctorReport: Encodable {
    let tool = "robustmetric"
    let version = toolVersion
    let environment: RunEnvironment
    let selfTest: [SelfTest.Check]
  }
}
