public import LinAlg

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// The folder of reference results and data sets that stands beside the project on some machines.
///
/// It is found through `ROBUSTMETRIC_SHARED`, or at `../shared` from the project's root. Tests that
/// need it are enabled by ``isAvailable`` and say so when they are skipped.
public enum SharedFolder {
  /// The path of the folder, or nil where there is none.
  public static let path: String? = {
    let environment = ProcessInfo.processInfo.environment["ROBUSTMETRIC_SHARED"]
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    let candidate = environment ?? root.joined(separator: "/") + "/../shared"
    return FileManager.default.fileExists(atPath: candidate + "/fixtures") ? candidate : nil
  }()

  /// Whether the folder is there.
  public static var isAvailable: Bool { path != nil }

  /// The path of `name` inside the folder.
  ///
  /// - Precondition: The folder is available.
  public static func path(_ name: String) -> String {
    guard let path else { preconditionFailure("no shared folder; guard the test with isAvailable") }
    return path + "/" + name
  }

  /// The numbers of a small comma-separated file without a header, for use as an oracle.
  ///
  /// - Throws: An error when the file cannot be read.
  public static func matrix(_ name: String) throws -> Matrix<Double> {
    let text = try String(contentsOfFile: path(name), encoding: .utf8)
    let rows = text.split(separator: "\n").map { line in
      line.split(separator: ",").map { Double($0) ?? .nan }
    }
    return Matrix(rows)
  }

  /// The bytes of a file.
  ///
  /// - Throws: An error when the file cannot be read.
  public static func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name)))
  }
}
