internal import LinAlg

/// Reads MNIST 8v9.
///
/// The paper uses 2,016 images and doesn't say which. The first 10,500 training images hold exactly
/// 2,016 eights and nines (984 and 1,032); these are taken.
enum DigitsLoader {
  private static let itemCount = 10_500
  private static let digits: ClosedRange<Double> = 8...9

  static func load(from directory: String?) throws(DatasetError) -> Dataset {
    let entry = CatalogueEntry.mnist8v9
    let (images, imageDigest) = try items(entry.files[0], directory)
    let (labels, labelDigest) = try items(entry.files[1], directory)
    try checkShape(images, [itemCount, 28, 28], entry.files[0])
    try checkShape(labels, [itemCount], entry.files[1])
    let rows = labels.elements.indices.filter { digits.contains(labels.elements[$0]) }
    guard rows.count == entry.size else {
      let file = entry.files[1].path
      throw .catalogue(
        .mnist8v9,
        .wrongShape(
          file: file, found: "\(rows.count) eights and nines", expected: "\(entry.size)"))
    }
    let all = Matrix(rows: itemCount, columns: entry.dimension, elements: images.elements)
    return Dataset(
      name: .mnist8v9, images: all.selectingRows(rows), width: 28,
      labels: rows.map { Int(labels.elements[$0] - digits.lowerBound) }, identities: nil,
      files: [imageDigest, labelDigest])
  }

  private static func items(
    _ file: CatalogueFile, _ directory: String?
  ) throws(DatasetError) -> (NumpyArray, Dataset.FileDigest) {
    let path = try Catalogue.path(of: file, .mnist8v9, in: directory)
    let array = try IDXFile.firstItems(itemCount, at: path)
    return (array, Dataset.FileDigest(file, sha256: try SHA256.digest(ofFile: path)))
  }

  private static func checkShape(
    _ array: NumpyArray, _ expected: [Int], _ file: CatalogueFile
  ) throws(DatasetError) {
    guard array.shape == expected else {
      let problem = CatalogueProblem.wrongShape(
        file: file.path, found: shapeText(array.shape), expected: shapeText(expected))
      throw .catalogue(.mnist8v9, problem)
    }
  }
}

extension Dataset {
  /// A data set of images, one per row, with pixels from 0 to 255.
  init(
    name: DatasetName, images: Matrix<Double>, width: Int, labels: [Int], identities: [Int]?,
    files: [FileDigest]
  ) {
    let height = images.columns / width
    self.init(
      name: name, points: images, labels: labels, classNames: name.entry.classNames,
      featureNames: (0..<images.columns).map { "r\($0 / width)c\($0 % width)" },
      featureRanges: FeatureRanges(
        lower: Array(repeating: 0, count: images.columns),
        upper: Array(repeating: 255, count: images.columns)),
      imageSize: ImageSize(width: width, height: height), identities: identities,
      provenance: files)
  }
}

extension Dataset.FileDigest {
  /// What was read in place of a file of the catalogue.
  init(_ file: CatalogueFile, sha256: String) {
    self.init(file: file.path, sha256: sha256, isCatalogued: sha256 == file.sha256)
  }
}
