import Experiments
import Glibc
import Synchronization

/// Shows how far a long run is: a bar with the time left on a terminal, else now and then a line.
final class ProgressMeter: Sendable {
  private let isBar: Bool
  private let isShown: Bool
  /// The tenth of the run that the last line told of.
  private let lastTenth = Mutex(-1)

  init(_ common: CommonOptions) {
    isShown = !common.quiet && !common.noProgress
    isBar = isShown && standardErrorIsTerminal()
  }

  /// Shows the state of the run; may be called from several threads.
  func show(_ progress: ReproductionProgress) {
    guard isShown && progress.total > 0 else { return }
    lastTenth.withLock { last in
      let tenth = 10 * progress.done / progress.total
      if isBar {
        writeToStandardError("\r\u{1B}[2K" + bar(progress))
      } else if tenth != last {
        writeToStandardError(line(progress) + "\n")
      }
      last = tenth
    }
  }

  /// Wipes the bar.
  func finish() {
    if isBar { writeToStandardError("\r\u{1B}[2K") }
  }

  private func bar(_ progress: ReproductionProgress) -> String {
    let width = 30
    let filled = width * progress.done / progress.total
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      + " " + line(progress) + " · " + progress.latest.prefix(40)
  }

  private func line(_ progress: ReproductionProgress) -> String {
    let reused = progress.reused > 0 ? " (\(progress.reused) from before)" : ""
    let left =
      progress.remaining.map {
        progress.done == progress.total ? "" : ", about \(duration($0)) left"
      } ?? ""
    return "\(progress.done) of \(progress.total) cells\(reused)\(left)"
  }

  /// Seconds as "42 s" or "3 min".
  private func duration(_ seconds: Double) -> String {
    seconds < 90 ? "\(Int(seconds.rounded(.up))) s" : "\(Int((seconds / 60).rounded())) min"
  }
}
