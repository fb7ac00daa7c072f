import ArgumentParser
import Experiments
import Glibc
import LinAlg

/// The command line: parse, run, report.
@main
struct RobustMetric: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "robustmetric",
    abstract: "Learns distance metrics, attacks them, and proves how far an attack can get.",
    discussion: """
      A metric is a matrix W: points x and x' are similar when ||W(x - x')||^2 is at most a threshold.
      'train' learns one, 'attack' searches for small changes of both points of a pair that flip its
      verdict, and 'certify' bounds what any such change can do. Files are NumPy's .npy or .csv, points
      are rows, and ready-made data sets are chosen by name ('datasets list').

      Exit status: 0 done, 1 done and the answer is no, 64 usage, 65 bad data, 66 input missing, \
      69 something needed is unavailable, 70 internal error, 73 output cannot be made, 74 reading or \
      writing failed, 130 interrupted.
      """,
    version: toolVersion,
    subcommands: [
      Doctor.self, DatasetsCommand.self, Train.self, Attack.self, Certify.self, Transfer.self,
      Reproduce.self, Merge.self,
    ])

  /// Runs the command of the arguments and exits with its status.
  static func main() {
    // A limit on file sizes becomes an error of the write instead of the end of the program.
    signal(SIGXFSZ, SIG_IGN)
    BLAS.useOneThreadPerCall()
    BLAS.endIdleWorkers()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      fail(error)
    }
  }
}
