private import CPNG

extension GrayImage {
  /// The image as a PNG file, by libpng; the grey levels are the file's samples as they are.
  func encodedAsPNG() -> [UInt8] {
    let capacity = robustmetric_png_encode(nil, UInt32(width), UInt32(height), nil, 0)
    return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = robustmetric_png_encode(
        pixels, UInt32(width), UInt32(height), buffer.baseAddress, buffer.count)
      precondition(count > 0, "libpng refuses an image of \(width)×\(height)")
    }
  }
}
