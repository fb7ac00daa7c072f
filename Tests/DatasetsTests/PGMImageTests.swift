import Testing

@testable import Datasets

/// Binary PGM images.
@Suite struct PGMImageTests {
  private func image(_ header: String, _ pixels: [UInt8]) throws -> PGMImage {
    try PGMImage(bytes: Array(header.utf8) + pixels)
  }

  @Test(arguments: [
    "P5\n3 2\n255\n", "P5 3 2 255 ", "P5\t3\r\n2\n255\r",
    "P5\n# made by\n3 # wide\n2\n# deep\n255\n",
    "P5 # 9 9\n3 2 255\n",
  ])
  func headersAreReadWithSpacesAndComments(header: String) throws {
    let image = try image(header, [0, 10, 20, 35, 254, 255])
    #expect(image.width == 3 && image.height == 2 && image.maximum == 255)
    #expect(image.pixels == [0, 10, 20, 35, 254, 255])
  }

  /// The first pixel may look like white space or a comment.
  @Test func onlyOneSpaceStandsBeforeThePixels() throws {
    #expect(try image("P5 2 1 255\n", [0x0a, 0x23]).pixels == [0x0a, 0x23])
  }

  @Test(arguments: [
    ("P5 2 2 255\n", [1, 2, 3], ImageProblem.truncated(expected: 4, found: 3)),
    ("P5 1 1 255\n", [1, 2], .trailingBytes(offset: 12)),
    ("P5 65536 65536 255\n", [1], .truncated(expected: 1 << 32, found: 1)),
    ("P5 65537 1 255\n", [1], .badHeader(offset: 3)),
    ("P5 99999999999999999999 1 255\n", [1], .badHeader(offset: 3)),
    ("P5 1 1 65535\n", [1, 2], .tooDeep(maximum: 65535)),
    ("P5 1 1 100\n", [101], .pixelTooLarge(offset: 11, maximum: 100)),
    ("P5 0 1 255\n", [], .badHeader(offset: 9)), ("P5 1 1 0\n", [0], .badHeader(offset: 7)),
    ("P5 1 -1 255\n", [1], .badHeader(offset: 5)), ("P5 1 1 255", [], .badHeader(offset: 10)),
    ("P51 1 255\n", [1], .badHeader(offset: 2)), ("P5", [], .badHeader(offset: 2)),
    ("P2 1 1 255\n", [1], .wrongFormat(kind: "P2")), ("", [], .wrongFormat(kind: nil)),
    ("GIF89a", [], .wrongFormat(kind: nil)),
  ])
  func damageIsNamed(header: String, pixels: [UInt8], problem: ImageProblem) {
    #expect(throws: DatasetError.image(path: "image", problem)) { try image(header, pixels) }
  }

  @Test func aCommentWithoutAnEndIsRefused() {
    #expect(throws: DatasetError.self) {
      try image("P5 #" + String(repeating: "x", count: 10_000), [])
    }
  }

  @Test func filesLargerThanTheHeaderLimitAreReadWhole() throws {
    let folder = try TemporaryFolder()
    let pixels = (0..<10_304).map { UInt8(truncatingIfNeeded: $0) }
    let path = try folder.file("a.pgm", Array("P5\n92 112\n255\n".utf8) + pixels)
    #expect(try PGMImage(contentsOf: path).pixels == pixels)
  }
}
