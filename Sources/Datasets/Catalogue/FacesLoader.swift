internal import LinAlg

/// Reads The Database of Faces: forty people, ten images each, at full size.
enum FacesLoader {
  private static let width = 92
  private static let height = 112

  static func load(from directory: String?) throws(DatasetError) -> Dataset {
    let entry = CatalogueEntry.attFaces
    var elements: [Double] = []
    elements.reserveCapacity(entry.size * entry.dimension)
    var digests: [Dataset.FileDigest] = []
    for file in entry.files {
      let path = try Catalogue.path(of: file, .attFaces, in: directory)
      let image = try PGMImage(contentsOf: path)
      guard image.width == width && image.height == height && image.maximum == 255 else {
        let found = "\(image.width)×\(image.height), white \(image.maximum)"
        let expected = "\(width)×\(height), white 255"
        throw .catalogue(
          .attFaces, .wrongShape(file: file.path, found: found, expected: expected))
      }
      elements.append(contentsOf: image.pixels.lazy.map { Double($0) })
      digests.append(Dataset.FileDigest(file, sha256: try SHA256.digest(ofFile: path)))
    }
    let people = (0..<entry.size).map { $0 / 10 }
    return Dataset(
      name: .attFaces,
      images: Matrix(rows: entry.size, columns: entry.dimension, elements: elements),
      width: width, labels: people, identities: people, files: digests)
  }
}
