import Foundation
import Testing

@testable import Experiments

@Suite struct ImageGridTests {
  /// One example of two 2×1 images.
  private static let example = PicturedExample(
    role: "dissimilar", epsilon: 0.01, width: 2, height: 1, rows: [3, 4],
    clean: [[0, 255], [10, 20]], attacked: [[2, 255], [10, 18]], distances: [1, 3, 2.5],
    threshold: 2)

  /// Rows from the top: attacked, 128 + 40 · change, clean.
  @Test func rowsAreAttackedPerturbationAndClean() throws {
    let image = try #require(ImageGrid([Self.example])).image
    // Images of width 2 are enlarged 48 times; there are 6 pixels between them.
    func pixel(column: Int, row: Int, index: Int) -> UInt8 {
      let x = 6 + index * (96 + 6) + column * 48
      let y = 6 + row * (48 + 6)
      return image.pixels[y * image.width + x]
    }
    #expect(pixel(column: 0, row: 0, index: 0) == 2)
    #expect(pixel(column: 0, row: 1, index: 0) == 128 + 80)
    #expect(pixel(column: 1, row: 1, index: 0) == 128)
    #expect(pixel(column: 0, row: 2, index: 0) == 0)
    #expect(pixel(column: 1, row: 1, index: 1) == 128 - 80)
    #expect(image.pixels[0] == 255)
    #expect(ImageGrid([]) == nil)
  }

  /// A perturbation rounded towards the clean image never grows, and whole levels stay.
  @Test(arguments: [(0.01, 2), (-0.01, -2), (3.0 / 255, 3), (-3.0 / 255, -3), (0.001, 0)])
  func roundingStaysWithinTheBudget(shift: Double, levels: Int) {
    let clean: [UInt8] = [100]
    let rounded = roundedTowardsClean([100.0 / 255 + shift], clean)
    #expect(Int(rounded[0]) - 100 == levels)
  }

  /// Oracle: the signature and header that every PNG file of this size and kind begins with.
  @Test func encodedImageIsAPNGFile() {
    let bytes = GrayImage(width: 3, height: 2, pixels: [0, 1, 2, 253, 254, 255]).encodedAsPNG()
    #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    #expect(bytes[16..<24] == [0, 0, 0, 3, 0, 0, 0, 2])
    // 8 bits, grey.
    #expect(bytes[24..<26] == [8, 0])
  }
}
