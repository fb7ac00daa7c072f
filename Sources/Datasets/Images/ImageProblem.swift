/// What is wrong with an image file.
public enum ImageProblem: Error, Equatable, Sendable {
  /// The file isn't a binary PGM; `kind` is the relative of that format it is.
  case wrongFormat(kind: String?)
  /// The header can't be understood at this byte.
  case badHeader(offset: Int)
  /// White is above 255, so a pixel has two bytes.
  case tooDeep(maximum: Int)
  /// The pixels need `expected` bytes and the file has `found`.
  case truncated(expected: Int, found: Int)
  /// There are bytes behind the last pixel.
  case trailingBytes(offset: Int)
  /// The pixel at this byte is brighter than white.
  case pixelTooLarge(offset: Int, maximum: Int)
}

extension ImageProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .wrongFormat(let kind):
      "is not a binary PGM image (P5)\(kind.map { " but \($0)" } ?? ""); convert it"
    case .badHeader(let offset): "byte \(offset): the header is damaged; convert the image again"
    case .tooDeep(let maximum): "has pixels up to \(maximum); convert it to 8 bits per pixel"
    case .truncated(let expected, let found):
      "ends early: \(found) of \(expected) pixels; copy it again"
    case .trailingBytes(let offset):
      "goes on after its last pixel, from byte \(offset) on; keep one image per file"
    case .pixelTooLarge(let offset, let maximum):
      "byte \(offset): a pixel is brighter than white (\(maximum)); convert the image again"
    }
  }
}
