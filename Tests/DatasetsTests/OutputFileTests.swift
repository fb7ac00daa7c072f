import Foundation
import LinAlg
import Testing

@testable import Datasets

/// Files that appear whole or not at all.
@Suite struct OutputFileTests {
  @Test func aFileAppearsOnlyWhenItIsCommitted() throws {
    let folder = try TemporaryFolder()
    let path = folder("a.txt")
    var file = try OutputFile(path: path)
    try file.write(String(repeating: "x", count: 200_000))
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try folder.names.count == 1)
    try file.commit()
    #expect(try contents(path).count == 200_000)
    #expect(try folder.names == ["a.txt"])
  }

  @Test func withoutACommitTheOldFileStays() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.txt", "old")
    do {
      var file = try OutputFile(path: path)
      try file.write("new")
    }
    #expect(try contents(path) == Array("old".utf8))
    #expect(try folder.names == ["a.txt"])
  }

  @Test func permissionsAndLinksAreKept() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("real.txt", "old")
    chmod(path, 0o640)
    symlink("real.txt", folder("link.txt"))
    try OutputFile.write(Array("new".utf8), to: folder("link.txt"))
    #expect(try contents(path) == Array("new".utf8))
    var information = stat()
    #expect(lstat(folder("link.txt"), &information) == 0)
    #expect(information.st_mode & S_IFMT == S_IFLNK)
    #expect(stat(path, &information) == 0 && information.st_mode & 0o777 == 0o640)
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    let folder = try TemporaryFolder()
    let path = folder("absent/a.npy")
    let error = DatasetError.output(path: path, .cannotCreate(code: ENOENT))
    #expect(throws: error) { try NumpyArray([1]).write(to: path) }
    #expect(error.kind == .cannotCreate)
    #expect(
      error.description.hasSuffix("cannot be created: No such file or directory; check the path"))
    #expect(throws: DatasetError.output(path: folder.path, .directory)) {
      try OutputFile.write([1], to: folder.path)
    }
  }

  @Test func devicesAreWrittenDirectly() throws {
    try OutputFile.write([1, 2, 3], to: "/dev/null")
    #expect(FileManager.default.fileExists(atPath: "/dev/null"))
    // The device that is always full.
    let error = DatasetError.output(path: "/dev/full", .failed(code: ENOSPC))
    #expect(throws: error) { try OutputFile.write([1, 2, 3], to: "/dev/full") }
    #expect(error.kind == .io)
  }

  /// The limit is a property of the process, so the test runs in one of its own.
  @Test func aLimitOnFileSizesIsAnErrorAndLeavesNothing() async {
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
      setrlimit(__rlimit_resource_t(1), &limit)
      let folder = try TemporaryFolder()
      let path = folder("a.npy")
      let elements = [Double](repeating: 1, count: 20_000)
      for _ in 0..<2 {
        #expect(throws: DatasetError.output(path: path, .failed(code: EFBIG))) {
          try NumpyArray(shape: [20_000], elements: elements).write(to: path)
        }
        #expect(throws: DatasetError.output(path: folder("a.csv"), .failed(code: EFBIG))) {
          try CSVWriter.write(
            Matrix(rows: 20_000, columns: 1, elements: elements.map { $0 / 3 }), to: folder("a.csv")
          )
        }
      }
      #expect(try folder.names == [])
    }
  }
}
