/// An image of grey levels.
public struct GrayImage: Equatable, Sendable {
  /// The number of pixels in a row.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// The grey levels, row after row.
  public private(set) var pixels: [UInt8]

  /// A blank image.
  init(width: Int, height: Int, gray: UInt8 = 255) {
    precondition(width >= 1 && height >= 1, "an image of \(width)×\(height)")
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: gray, count: width * height)
  }

  /// An image of given grey levels.
  init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height, "\(pixels.count) pixels for \(width)×\(height)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Copies an image into this one with its upper left corner at a place.
  ///
  /// - Precondition: It fits.
  mutating func paste(_ image: GrayImage, x: Int, y: Int) {
    precondition(x >= 0 && y >= 0 && x + image.width <= width && y + image.height <= height)
    for row in 0..<image.height {
      let start = (y + row) * width + x
      pixels.replaceSubrange(
        start..<start + image.width,
        with: image.pixels[row * image.width..<(row + 1) * image.width])
    }
  }

  /// The image with every pixel repeated in both directions.
  func enlarged(by factor: Int) -> GrayImage {
    let rows = (0..<height).flatMap { row in
      let line = pixels[row * width..<(row + 1) * width].flatMap {
        [UInt8](repeating: $0, count: factor)
      }
      return (0..<factor).flatMap { _ in line }
    }
    return GrayImage(width: width * factor, height: height * factor, pixels: rows)
  }
}
