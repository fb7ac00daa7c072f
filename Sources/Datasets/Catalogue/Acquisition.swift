/// How the files of a data set are to be had.
public enum Acquisition: Equatable, Sendable {
  /// They aren't needed: the data are part of the program.
  case embedded
  /// Each file has its own download; several addresses of one are copies of each other.
  case downloads([[String]])
  /// All files are members of one zip archive.
  case archive([String])
  /// By hand, since no free library here reads the original's spreadsheet.
  case manual(steps: [String])
}

extension CatalogueEntry {
  /// How the files are to be had.
  public var acquisition: Acquisition {
    switch name {
    case .ionosphere: .embedded
    case .parkinsons: .downloads([[uci + "parkinsons/parkinsons.data"]])
    case .heart: .downloads([[uci + "heart-disease/processed.cleveland.data"]])
    case .housing: .downloads([[uci + "housing/housing.data"]])
    case .mnist8v9:
      .downloads(
        files.map { file in
          let name = file.path.split(separator: "/")[1]
          return [
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
          ]
          .map { $0 + name }
        })
    case .attFaces:
      .archive(["https://www.cl.cam.ac.uk/Research/DTG/attarchive/pub/data/att_faces.zip"])
    case .energy, .energyCooling:
      .manual(steps: [
        "Download \(uci)00242/ENB2012_data.xlsx (\(origin)).",
        "Save its sheet as comma-separated text with the columns X1 to X8 and "
          + (name == .energy ? "Y1 (heating load)" : "Y2 (cooling load)") + ", 768 rows.",
        "Replace the header by \"relative_compactness,surface_area,wall_area,roof_area,"
          + "overall_height,orientation,glazing_area,glazing_area_distribution,"
          + (name == .energy ? "heating_load" : "cooling_load") + "\".",
        "Put it into the data directory as \(files[0].path).",
      ])
    case .concrete:
      .manual(steps: [
        "Download \(uci)concrete/compressive/Concrete_Data.xls (\(origin)); its SHA-256 is "
          + (files[0].originDigest?.sha256 ?? "") + ".",
        "Save its sheet as comma-separated text with full precision, 9 columns and 1,030 rows.",
        "Replace the header by \"cement,blast_furnace_slag,fly_ash,water,superplasticizer,"
          + "coarse_aggregate,fine_aggregate,age_days,compressive_strength_mpa\".",
        "Put it into the data directory as \(files[0].path).",
      ])
    }
  }

  /// Where the UCI Machine Learning Repository keeps its files.
  private var uci: String { "https://archive.ics.uci.edu/ml/machine-learning-databases/" }
}
