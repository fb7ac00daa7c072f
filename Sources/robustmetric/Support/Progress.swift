/// One line on standard error that says what is going on, wiped when it is over.
struct Progress {
  let isShown: Bool

  /// Shows a phase of the work until the next one.
  func show(_ phase: String) {
    if isShown { writeToStandardError("\r\u{1B}[2K\(phase) …") }
  }

  /// Wipes the line.
  func finish() {
    if isShown { writeToStandardError("\r\u{1B}[2K") }
  }
}
