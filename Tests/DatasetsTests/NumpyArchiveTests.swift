import Foundation
import LinAlg
import Testing

@testable import Datasets

/// Reading and writing .npz files.
@Suite struct NumpyArchiveTests {
  private static let array = NumpyArray(shape: [2, 2], elements: [1, 2, 3, 4])

  private func archive(_ members: [ZipFixture.Member]) throws -> NumpyArchive {
    try NumpyArchive(bytes: ZipFixture(members: members).bytes, path: "a.npz")
  }

  @Test func anArchiveMadeByHandIsRead() throws {
    let archive = try archive([
      .init(name: "W.npy", data: Self.array.encoded()), .init(name: "notes.txt", data: [1, 2]),
      .init(name: "threshold.npy", data: NumpyArray(shape: [], elements: [0.5]).encoded()),
    ])
    #expect(archive.keys == ["W", "threshold"])
    #expect(archive.contains("W") && !archive.contains("V"))
    #expect(try archive.matrix("W") == Matrix([[1, 2], [3, 4]]))
    #expect(try archive.number("threshold") == 0.5)
    #expect(try archive.array("W") == Self.array)
  }

  @Test(arguments: [false, true])
  func everythingThatIsWrittenReadsBack(isCompressed: Bool) throws {
    let folder = try TemporaryFolder()
    let matrix = Matrix<Double>([[0.1, -0.0], [1e300, .pi]])
    func write(_ name: String) throws {
      try NumpyArchive.write(
        [
          "W": .matrix(matrix), "numbers": .numbers([1, .nan]), "integers": .integers([3, -4]),
          "number": .number(0.25), "integer": .integer(7), "text": .string("lmnn"),
          "texts": .strings(["certified", "é😀", ""]),
          "cube": .array(NumpyArray(shape: [1, 1, 1], elements: [9])),
        ], to: folder(name), isCompressed: isCompressed)
    }
    try write("a.npz")
    let archive = try NumpyArchive(contentsOf: folder("a.npz"))
    #expect(
      archive.keys == ["W", "numbers", "integers", "number", "integer", "text", "texts", "cube"])
    #expect(try archive.matrix("W").elements.map(\.bitPattern) == matrix.elements.map(\.bitPattern))
    #expect(try archive.array("numbers").elements[1].isNaN)
    #expect(try archive.array("integers").type == .int64)
    #expect(try archive.array("integers").integers() == [3, -4])
    #expect(try archive.number("integer") == 7)
    #expect(try archive.strings("text") == ["lmnn"])
    #expect(try archive.strings("texts") == ["certified", "é😀", ""])
    #expect(try archive.array("cube").shape == [1, 1, 1])
    try write("b.npz")
    #expect(try contents(folder("a.npz")) == contents(folder("b.npz")))
  }

  @Test func compressionCompresses() throws {
    let folder = try TemporaryFolder()
    let zeros = Matrix<Double>(repeating: 0, rows: 100, columns: 100)
    try NumpyArchive.write(["X": .matrix(zeros)], to: folder("a.npz"), isCompressed: true)
    #expect(try contents(folder("a.npz")).count < 2000)
    #expect(try DataFile.matrix(at: folder("a.npz")) == zeros)
  }

  @Test func aKeyIsNeededUnlessThereIsOneArray() throws {
    let folder = try TemporaryFolder()
    let path = folder("a.npz")
    try NumpyArchive.write(["A": .matrix(Matrix([[1]])), "b": .integers([5])], to: path)
    #expect(try DataFile.matrix(at: path, key: "A") == Matrix([[1]]))
    #expect(try DataFile.labels(at: path, key: "b") == Labels([5]))
    #expect(
      throws: DatasetError.compression(path: path, member: nil, .needsKey(available: ["A", "b"]))
    ) { try DataFile.matrix(at: path) }
    let error = DatasetError.compression(
      path: path, member: "Z", .noSuchKey(available: ["A", "b"]))
    #expect(throws: error) { try DataFile.matrix(at: path, key: "Z") }
    #expect(error.description == "\(path): 'Z': there is no such array; name one of 'A', 'b'")
  }

  @Test func pointsAndLabelsHaveUsualNames() throws {
    let folder = try TemporaryFolder()
    let path = folder("a.npz")
    try NumpyArchive.write(["X": .matrix(Matrix([[1]])), "y": .integers([5])], to: path)
    #expect(try DataFile.matrix(at: path) == Matrix([[1]]))
    #expect(try DataFile.labels(at: path) == Labels([5]))
    try NumpyArchive.write(["points": .matrix(Matrix([[2]]))], to: path)
    #expect(try DataFile.matrix(at: path) == Matrix([[2]]))
  }

  @Test func twoArraysOfOneNameAreRefused() {
    let member = ZipFixture.Member(name: "W.npy", data: Self.array.encoded())
    #expect(throws: DatasetError.compression(path: "a.npz", member: "W", .duplicateKey)) {
      try archive([member, member])
    }
  }

  @Test(arguments: [1, 21, 22, 1000])
  func bytesBehindTheArchiveAreRefused(count: Int) {
    let bytes = ZipFixture(members: [.init(name: "W.npy", data: Self.array.encoded())]).bytes
    #expect(throws: DatasetError.compression(path: "a.npz", member: nil, .trailingBytes)) {
      try NumpyArchive(bytes: bytes + [UInt8](repeating: 7, count: count), path: "a.npz")
    }
  }

  /// What the header claims, what the directory claims and what is there must agree.
  @Test func liesAboutSizesAreRefused() throws {
    let data = Self.array.encoded()
    let error = { (problem: ArrayProblem) in DatasetError.array(path: "a.npz[W]", problem) }
    #expect(throws: error(.truncated(expected: 32, found: 22))) {
      try archive([.init(name: "W.npy", data: Array(data.dropLast(10)))]).array("W")
    }
    #expect(throws: error(.trailingBytes(offset: 160))) {
      try archive([.init(name: "W.npy", data: data + [0])]).array("W")
    }
    let huge = NumpyHeader(descriptor: "<f8", shape: [1 << 30]).encoded()
    #expect(throws: error(.truncated(expected: 8 << 30, found: 0))) {
      try archive([.init(name: "W.npy", data: huge)]).array("W")
    }
  }

  /// Header and directory agree on 2³¹ bytes, of which 128 and a few are there.
  @Test func aBombIsRefusedBeforeItIsInflated() throws {
    let header = NumpyHeader(descriptor: "|u1", shape: [1 << 31]).encoded()
    let claimed = header.count + (1 << 31)
    for method: UInt16 in [0, 8] {
      // Deflate's stored block: final, length, its complement, the bytes.
      let length = UInt16(header.count)
      let block: [UInt8] =
        [1] + [length, ~length].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } + header
      let data = method == 8 ? block : header
      let member = ZipFixture.Member(
        name: "W.npy", data: data, method: method, claimedSize: claimed,
        checksum: ZipFixture.checksum(header))
      #expect(throws: DatasetError.self) { try archive([member]).array("W") }
    }
    // Where the sizes agree with the data, the ratio speaks: 64 MiB of zeros in 64 KiB.
    let folder = try TemporaryFolder()
    try NumpyArchive.write(
      [
        "X": .array(
          NumpyArray(shape: [1 << 22 + 1], elements: Array(repeating: 0, count: 1 << 22 + 1)))
      ],
      to: folder("a.npz"), isCompressed: true)
    #expect {
      try DataFile.matrix(at: folder("a.npz"))
    } throws: { error in
      guard case .compression(_, "X", .implausible) = error as? DatasetError else { return false }
      return true
    }
  }

  /// The header of a list of texts claims a gigabyte, the archive a few bytes.
  @Test func textsThatLieAboutTheirSizeAreRefused() throws {
    let header = NumpyHeader(descriptor: "<U1024", shape: [1 << 18]).encoded()
    let problem = ArrayProblem.truncated(expected: 1 << 30, found: 0)
    #expect(throws: DatasetError.array(path: "a.npz[s]", problem)) {
      try archive([.init(name: "s.npy", data: header)]).strings("s")
    }
  }

  @Test func otherMethodsEncryptionAndDamageAreNamed() {
    let data = Self.array.encoded()
    #expect(throws: DatasetError.compression(path: "a.npz", member: "W", .unsupportedMethod(12))) {
      try archive([.init(name: "W.npy", data: data, method: 12)]).array("W")
    }
    #expect(throws: DatasetError.compression(path: "a.npz", member: "W", .encrypted)) {
      try archive([.init(name: "W.npy", data: data, flags: 1)]).array("W")
    }
    #expect {
      try archive([.init(name: "W.npy", data: data, checksum: 7)]).array("W")
    } throws: { error in
      guard case .compression(_, "W", .damaged(let detail)) = error as? DatasetError else {
        return false
      }
      return detail.contains("CRC")
    }
  }

  @Test func everyPrefixOfAnArchiveIsRefused() throws {
    let whole = ZipFixture(members: [.init(name: "W.npy", data: Self.array.encoded())]).bytes
    for count in 0..<whole.count {
      #expect(throws: DatasetError.self) {
        try NumpyArchive(bytes: Array(whole[..<count])).array("W")
      }
    }
  }

  /// Property: a damaged archive is read as before or refused, never a crash.
  @Test(arguments: UInt64(0)..<20)
  func flippedBytesAreReadOrRefused(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let whole = ZipFixture(members: [.init(name: "W.npy", data: Self.array.encoded())]).bytes
    for _ in 0..<50 {
      var bytes = whole
      bytes[Int(rng.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: rng.next())
      _ = try? NumpyArchive(bytes: bytes).array("W")
    }
  }

  @Test func moreMembersThanTheLimitAreRefused() throws {
    let members = (0...ZipArchive.memberLimit).map { ZipFixture.Member(name: "\($0)", data: []) }
    let bytes = ZipFixture(members: members).bytes
    let folder = try TemporaryFolder()
    let path = try folder.file("a.npz", bytes)
    let problem = CompressionProblem.tooManyMembers(limit: 4096)
    #expect(throws: DatasetError.compression(path: path, member: nil, problem)) {
      try NumpyArchive(contentsOf: path)
    }
    #expect(throws: DatasetError.compression(path: "b", member: nil, problem)) {
      try NumpyArchive(bytes: bytes, path: "b")
    }
  }

  /// Eight gigabytes of nothing behind the first bytes of an archive are not read.
  @Test func aSparseFileIsRefusedByItsEnd() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.npz", "PK\u{3}\u{4}")
    try #require(truncate(path, 1 << 33) == 0)
    #expect(throws: DatasetError.self) { try NumpyArchive(contentsOf: path) }
  }

  @Test func anArchiveThatChangesWhileItIsOpenIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(
      "a.npz", ZipFixture(members: [.init(name: "W.npy", data: Self.array.encoded())]).bytes)
    let archive = try NumpyArchive(contentsOf: path)
    truncate(path, 10_000)
    #expect(throws: DatasetError.input(path: path, .changed)) { try archive.array("W") }
  }

  @Test func otherFormatsAreNamed() {
    let error = DatasetError.compression(
      path: "a.npz", member: nil, .wrongFormat(hint: "it looks like .npy; rename it"))
    #expect(throws: error) { try NumpyArchive(bytes: Self.array.encoded(), path: "a.npz") }
    #expect(throws: DatasetError.self) { try NumpyArchive(bytes: [], path: "a.npz") }
  }

  @Test func textsOfAnotherTypeAreRefused() throws {
    let archive = try archive([.init(name: "W.npy", data: Self.array.encoded())])
    #expect(throws: DatasetError.array(path: "a.npz[W]", .unsupportedType("<f8"))) {
      try archive.strings("W")
    }
    #expect(throws: DatasetError.content(path: "a.npz[W]", .notOneNumber(shape: [2, 2]))) {
      try archive.number("W")
    }
  }
}
