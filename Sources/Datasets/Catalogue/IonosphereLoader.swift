internal import LinAlg

/// Reads the embedded Ionosphere data, so that one real data set needs no file.
enum IonosphereLoader {
  /// The bytes of the original file.
  static var text: [UInt8] {
    ionosphereText.withUTF8Buffer { Array($0) }
  }

  /// What reports call the embedded file.
  static let fileName = "ionosphere.data (embedded)"

  /// The names of the features, which the original doesn't name.
  static let featureNames = (1...34).map { "a\($0 < 10 ? "0" : "")\($0)" }

  static func load() throws(DatasetError) -> Dataset {
    let text = text
    let table = try CSVTable(
      text: text, path: "ionosphere.data",
      options: CSVOptions(header: .absent, labelColumn: "-1"))
    guard let labels = table.labels?.values else { preconditionFailure("no label column") }
    let sha256 = SHA256.digest(of: text)
    let origin = DatasetName.ionosphere.entry.files[0].originDigest
    let digest = Dataset.FileDigest(
      file: fileName, sha256: sha256, isCatalogued: sha256 == origin?.sha256)
    // Sorted, "b" comes before "g": the labels are in the order of the class names.
    return Dataset(
      name: .ionosphere, points: table.points, labels: labels,
      featureNames: featureNames, files: [digest])
  }
}
