import Foundation

/// Python as an oracle, where it is installed.
enum Python {
  struct Failed: Error {}

  static let hasNumpy = (try? run("import numpy")) != nil

  /// Runs a program and returns what it prints.
  @discardableResult
  static func run(_ program: String, _ arguments: [String] = []) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw Failed() }
    return String(decoding: data, as: UTF8.self)
  }
}
