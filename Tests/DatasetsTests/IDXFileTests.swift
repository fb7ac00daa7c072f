import Foundation
import LinAlg
import Testing

@testable import Datasets

/// IDX files, plain and compressed.
@Suite struct IDXFileTests {
  /// 2 × 1 × 3 bytes.
  static let plain: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]

  /// The gzip file of `data`, as one stored block.
  static func gzip(_ data: [UInt8]) -> [UInt8] {
    let length = UInt16(data.count)
    let words = [length, ~length].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let sum = ZipFixture.checksum(data)
    let tail = [sum, UInt32(data.count)].flatMap { word in
      (0..<4).map { UInt8(word >> (8 * $0) & 255) }
    }
    return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1] + words + data + tail
  }

  private func read(_ bytes: [UInt8]) throws -> NumpyArray {
    try IDXFile.array(bytes: bytes, path: "i")
  }

  @Test func plainAndCompressedFilesAreRead() throws {
    for bytes in [Self.plain, Self.gzip(Self.plain)] {
      let array = try read(bytes)
      #expect(array.shape == [2, 1, 3])
      #expect(array.elements == [1, 2, 3, 4, 5, 255])
    }
  }

  @Test func everyTypeIsRead() throws {
    let cases: [(UInt8, [UInt8], Double)] = [
      (0x08, [255], 255), (0x09, [255], -1), (0x0b, [255, 254], -2), (0x0c, [0, 1, 0, 0], 65536),
      (0x0d, [0x3f, 0xc0, 0, 0], 1.5), (0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5),
    ]
    for (code, data, value) in cases {
      #expect(try read([0, 0, code, 1, 0, 0, 0, 1] + data).elements == [value])
    }
  }

  @Test func filesAreReadByNameAsRows() throws {
    let folder = try TemporaryFolder()
    for name in ["a-idx3-ubyte", "a-idx3-ubyte.gz", "b.idx", "b.IDX.GZ"] {
      let bytes = name.lowercased().hasSuffix("gz") ? Self.gzip(Self.plain) : Self.plain
      let path = try folder.file(name, bytes)
      #expect(try DataFile.matrix(at: path) == Matrix([[1, 2, 3], [4, 5, 255]]))
    }
    let labels = try folder.file("y-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 8, 9])
    #expect(try DataFile.labels(at: labels) == Labels([8, 9]))
  }

  @Test func theFirstItemsAreReadAlone() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.idx.gz", Self.gzip(Self.plain))
    let first = try IDXFile.firstItems(1, at: path)
    #expect(first.shape == [1, 1, 3] && first.elements == [1, 2, 3])
    #expect(try IDXFile.firstItems(5, at: path).shape == [2, 1, 3])
  }

  @Test func damageIsNamed() {
    let error = { (problem: ArrayProblem) in DatasetError.array(path: "i", problem) }
    #expect(throws: error(.truncated(expected: 6, found: 5))) {
      try read(Array(Self.plain.dropLast()))
    }
    #expect(throws: error(.trailingBytes(offset: 22))) { try read(Self.plain + [0]) }
    #expect(throws: error(.trailingBytes(offset: 22))) { try read(Self.gzip(Self.plain + [0])) }
    #expect(throws: error(.truncated(expected: 6, found: 5))) {
      try read(Self.gzip(Array(Self.plain.dropLast())))
    }
    #expect(throws: error(.unknownCode(7))) { try read([0, 0, 7, 1, 0, 0, 0, 1, 1]) }
    #expect(throws: error(.truncatedHeader(expected: 1024, found: 4))) { try read([0, 0, 8, 255]) }
    #expect(throws: error(.wrongFormat(expected: .idx, hint: "it is empty"))) { try read([]) }
    // 255 dimensions, and a product beyond 64 bits.
    #expect(throws: DatasetError.self) {
      try read([0, 0, 8, 255] + [UInt8](repeating: 0, count: 1020))
    }
    #expect(throws: DatasetError.self) {
      try read([0, 0, 14, 4] + [UInt8](repeating: 255, count: 16))
    }
  }

  @Test func damagedCompressionIsNamed() {
    let whole = Self.gzip(Self.plain)
    for count in 2..<whole.count {
      #expect(throws: DatasetError.self) { try read(Array(whole[..<count])) }
    }
    #expect(throws: DatasetError.compression(path: "i", member: nil, .truncated)) {
      try read(Array(whole.dropLast()))
    }
    #expect(throws: DatasetError.compression(path: "i", member: nil, .trailingBytes)) {
      try read(whole + [0])
    }
    var flipped = whole
    flipped[35] ^= 1
    #expect(
      throws: DatasetError.compression(
        path: "i", member: nil, .damaged(detail: "incorrect data check"))
    ) { try read(flipped) }
  }

  /// Two gigabytes of zeros are claimed by a few bytes.
  @Test func aBombIsRefusedBeforeItIsInflated() {
    let header: [UInt8] = [0, 0, 8, 1, 0x7f, 0xff, 0xff, 0xff]
    #expect(
      throws: DatasetError.compression(
        path: "i", member: nil, .implausible(expanded: 8 * 0x7fff_ffff, compressed: 31))
    ) { try read(Self.gzip(header)) }
  }
}
