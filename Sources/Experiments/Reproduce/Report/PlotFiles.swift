internal import Datasets
private import Glibc

/// Draws plots with gnuplot, and leaves data and script beside them for whoever wants another style.
struct PlotFiles {
  private let folder: String

  /// Makes the folder `plots`.
  ///
  /// - Throws: ``DatasetError`` when it can't be made.
  init(output: String) throws {
    folder = output + "/plots"
  }

  /// A plot that was drawn.
  struct Drawn {
    /// The drawing, an `svg` element; nil when gnuplot is missing or failed.
    let svg: String?
    /// Why there is none.
    let problem: String?
  }

  /// Writes NAME.dat and NAME.gp and has gnuplot make NAME.svg and NAME.png.
  ///
  /// - Throws: ``DatasetError`` when a file can't be written.
  func draw(_ plot: PlotSpecification) throws -> Drawn {
    try makeFolder(folder)
    let data = plot.data.map { row in
      row.map { $0.isEmpty ? "NaN" : $0 }.joined(separator: " ") + "\n"
    }
    try OutputFile.write(data.joined().utf8, to: "\(folder)/\(plot.name).dat")
    let script = """
      # Usage, in this folder: gnuplot \(plot.name).gp (writes \(plot.name).svg and \(plot.name).png)
      data = "\(plot.name).dat"
      set encoding utf8
      do for [format in "svg png"] {
        if (format eq "svg") {
          set terminal svg size \(plot.width),\(plot.height) font "sans,13" background rgb "white" name "\(plot.name.filter(\.isLetterOrDigit))"
        } else {
          set terminal pngcairo size \(plot.width),\(plot.height) font "sans,11"
        }
        set output "\(plot.name)." . format
      \(plot.script.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n"))
        unset output
      }

      """
    try OutputFile.write(script.utf8, to: "\(folder)/\(plot.name).gp")
    for ending in ["svg", "png"] { unlink("\(folder)/\(plot.name).\(ending)") }
    let status = runGnuplot("\(plot.name).gp", in: folder)
    guard status == 0, let bytes = contents(ofFile: "\(folder)/\(plot.name).svg") else {
      return Drawn(
        svg: nil,
        problem: status == 127
          ? "gnuplot is not installed"
          : "gnuplot failed on \(plot.name).gp (status \(status))")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    // What stands before the element is for files alone.
    return Drawn(svg: text.range(ofElement: "<svg").map { String(text[$0...]) }, problem: nil)
  }
}

extension Character {
  fileprivate var isLetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}

extension String {
  /// Where an element begins.
  fileprivate func range(ofElement start: String) -> String.Index? {
    indices.first { self[$0...].hasPrefix(start) }
  }
}

/// Runs gnuplot on a script in its folder and waits for it; 127 when there is no gnuplot.
private func runGnuplot(_ script: String, in folder: String) -> Int32 {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
  // The shell changes the folder and looks the program up; folder and script are its arguments.
  let arguments = ["/bin/sh", "-c", "cd -- \"$1\" && exec gnuplot \"$2\"", "sh", folder, script]
  var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  var process = pid_t()
  guard posix_spawn(&process, arguments[0], &actions, nil, &pointers, environ) == 0 else {
    return 127
  }
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
}
