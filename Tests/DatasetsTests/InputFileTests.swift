import Foundation
import Testing

@testable import Datasets

/// Opening and reading files that may not be what they seem.
@Suite struct InputFileTests {
  @Test func contentsAreReadWhole() throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<2_100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let path = try folder.file("a", bytes)
    #expect(try InputFile(path: path).contents() == bytes)
    #expect(try InputFile(path: folder.file("b", "")).contents() == [])
  }

  @Test func whatIsNoFileIsRefused() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder("pipe"), 0o600) == 0)
    #expect(symlink("loop", folder("loop")) == 0)
    let cases: [(String, InputProblem)] = [
      (folder("absent"), .missing), (folder("absent/x"), .missing), (folder("loop"), .missing),
      (folder.path, .directory), (folder("pipe"), .notRegular), ("/dev/zero", .notRegular),
      ("", .missing),
    ]
    for (path, problem) in cases {
      let error = DatasetError.input(path: path, problem)
      #expect(throws: error) { try InputFile(path: path) }
      #expect(error.kind == .missing)
    }
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func whatMayNotBeReadIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("secret", "1")
    chmod(path, 0)
    #expect(throws: DatasetError.input(path: path, .notPermitted)) { try InputFile(path: path) }
  }

  @Test func aFileThatGrowsShrinksOrIsTouchedWhileItIsReadIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", "12345678")
    for size in [4, 12] {
      let file = try InputFile(path: path)
      #expect(throws: DatasetError.input(path: path, .changed)) {
        truncate(path, off_t(size))
        return try file.contents()
      }
      truncate(path, 8)
    }
    let file = try InputFile(path: path)
    #expect(throws: DatasetError.input(path: path, .changed)) {
      var times = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
      utimes(path, &times)
      return try file.contents()
    }
  }

  /// A sparse file of a terabyte costs no time and no memory.
  @Test func filesBeyondTheLimitAreRefusedAtOnce() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("huge", "1,2\n")
    try #require(truncate(path, 1 << 40) == 0)
    #expect(throws: DatasetError.input(path: path, .tooLarge(limit: InputFile.sizeLimit))) {
      try CSVTable(contentsOf: path)
    }
    // Below the limit, the zeros of the first chunk end a table, the first bytes an array.
    truncate(path, 1 << 33)
    #expect(throws: DatasetError.csv(path: path, line: 2, column: nil, .binary(offset: 4))) {
      try CSVTable(contentsOf: path)
    }
    #expect(throws: DatasetError.self) { try NumpyArray(contentsOf: path) }
  }

  @Test func aSparseArrayThatLiesIsRefusedByItsSize() throws {
    let folder = try TemporaryFolder()
    let path = folder("a.npy")
    try NumpyArray(shape: [2], elements: [1, 2]).write(to: path)
    truncate(path, 1 << 33)
    #expect(throws: DatasetError.array(path: path, .trailingBytes(offset: 144))) {
      try NumpyArray(contentsOf: path)
    }
  }
}
