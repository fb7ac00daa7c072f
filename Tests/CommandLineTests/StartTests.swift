import Foundation
import Testing

@Suite struct StartTests {
  /// The library under the program starts threads when it is loaded, which spin for 0.1 s; none is left
  /// when the program comes to its work.
  @Test func aRunBeginsWithOneThread() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Tool.path)
    process.arguments = ["certify", "model", "--metric", "-", "--epsilon", "0.1"]
    let input = Pipe()
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The threads are counted once the program waits for its input, long after it was loaded.
    usleep(300_000)
    let status = "/proc/\(process.processIdentifier)/status"
    var threads = ""
    for _ in 0..<500 {
      usleep(10_000)
      let lines = try String(contentsOfFile: status, encoding: .utf8).split(separator: "\n")
      threads = lines.first { $0.hasPrefix("Threads:") }.map(String.init) ?? ""
      if lines.contains(where: { $0.hasPrefix("State:\tS") }) && threads == "Threads:\t1" { break }
    }
    #expect(threads == "Threads:\t1")
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 65)
  }
}
