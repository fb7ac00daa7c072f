internal import Datasets

/// Writes pictures as PNG files.
struct PictureFiles {
  private let folder: String

  /// Pictures go to the folder `pictures`.
  init(output: String) throws { folder = output + "/pictures" }

  /// Writes NAME.png.
  ///
  /// - Returns: The bytes of the file.
  /// - Throws: ``DatasetError`` when it can't be written.
  func write(_ picture: ReportPicture) throws -> [UInt8] {
    try makeFolder(folder)
    let bytes = picture.image.encodedAsPNG()
    try OutputFile.write(bytes, to: "\(folder)/\(picture.name).png")
    return bytes
  }
}
