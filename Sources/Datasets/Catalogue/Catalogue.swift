internal import LinAlg

/// The data sets of the paper's Table 1.
public enum Catalogue {
  /// Reads a data set, raw.
  ///
  /// - Parameters:
  ///   - name: Which one.
  ///   - directory: The data directory; nil when there is none, which suffices for
  ///     ``DatasetName/ionosphere``.
  /// - Returns: The points in raw units, coded as `docs/data-sets.md` says.
  /// - Throws: ``DatasetError``.
  public static func load(
    _ name: DatasetName, from directory: String? = nil
  ) throws(DatasetError) -> Dataset {
    switch name {
    case .ionosphere: try IonosphereLoader.load()
    case .heart: try HeartLoader.load(from: directory)
    case .mnist8v9: try DigitsLoader.load(from: directory)
    case .attFaces: try FacesLoader.load(from: directory)
    case .parkinsons: try TableLoader(.parkinsons, directory).loadClasses()
    case .energy, .energyCooling, .housing, .concrete:
      try TableLoader(name, directory).loadTopShare()
    }
  }

  /// The path of a file of the catalogue.
  ///
  /// - Throws: ``DatasetError/catalogue(_:_:)`` without a directory, or when the file isn't in it.
  static func path(
    of file: CatalogueFile, _ name: DatasetName, in directory: String?
  ) throws(DatasetError) -> String {
    guard let directory else { throw .catalogue(name, .needsDirectory) }
    let path = directory + "/" + file.path
    do throws(DatasetError) {
      _ = try InputFile(path: path)
    } catch {
      if case .input(_, .missing) = error {
        throw .catalogue(name, .fileMissing(file: file.path, directory: directory))
      }
      throw error
    }
    return path
  }
}
