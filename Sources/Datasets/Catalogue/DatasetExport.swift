extension Dataset {
  /// Writes the points and labels for other programs, each whole or not at all.
  ///
  /// The files are `NAME-points.npy` (n×d), `NAME-labels.npy` (n integers), and the same as
  /// `NAME-points.csv` with the features' names and `NAME-labels.csv`. The points are written on the
  /// scale they have.
  ///
  /// - Parameter directory: Where the files go; made when it is missing.
  /// - Returns: The paths of the four files.
  /// - Throws: ``DatasetError/output(path:_:)``.
  @discardableResult
  public func export(to directory: String) throws(DatasetError) -> [String] {
    let start = "\(directory)/\(name.rawValue)"
    let paths = ["-points.npy", "-labels.npy", "-points.csv", "-labels.csv"].map { start + $0 }
    try DatasetFetcher.makeFolder(of: start)
    try NumpyArray(points).write(to: paths[0])
    try NumpyArray(labels).write(to: paths[1])
    try CSVWriter.write(points, columnNames: featureNames, to: paths[2])
    var writer = try CSVWriter(path: paths[3])
    try writer.write(["label"])
    for label in labels { try writer.write(numbers: [Double(label)]) }
    try writer.commit()
    return paths
  }
}
