internal import LinAlg

/// Reads the heart data and codes its categories, 13 columns to the 23 of the paper's Table 1.
///
/// Four categories become one column per value: `cp` (4), `restecg` (3), `slope` (3) and `thal` (3,
/// and one for missing). The other nine stay numbers; a missing `ca` becomes 0, its commonest value.
/// Anyone with disease (`num` > 0) is in class 1.
enum HeartLoader {
  /// The categories by column, with their values.
  private static let categories: [Int: [Double]] = [
    2: [1, 2, 3, 4], 6: [0, 1, 2], 10: [1, 2, 3], 12: [3, 6, 7],
  ]
  private static let columnNames = [
    "age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach", "exang", "oldpeak",
    "slope", "ca", "thal",
  ]
  private static let ca = 11
  private static let thal = 12
  private static let target = 13

  static func load(from directory: String?) throws(DatasetError) -> Dataset {
    let (table, digest) = try TableLoader(.heart, directory)
      .table(columns: target + 1, missingValues: .kept)
    let points = table.points
    var elements: [Double] = []
    for row in 0..<points.rows {
      for column in 0..<target {
        try append(points[row, column], row: row, column: column, to: &elements)
      }
    }
    let labels = points.column(target).map { $0 > 0 ? 1 : 0 }
    if let row = points.column(target).firstIndex(where: { $0.isNaN }) {
      throw unknown(row, "?")
    }
    return Dataset(
      name: .heart,
      points: Matrix(rows: points.rows, columns: featureNames.count, elements: elements),
      labels: labels, featureNames: featureNames, files: [digest])
  }

  private static func unknown(_ row: Int, _ value: String) -> DatasetError {
    let file = DatasetName.heart.entry.files[0].path
    return .catalogue(.heart, .unknownClass(file: file, row: row, value: value))
  }

  private static func append(
    _ value: Double, row: Int, column: Int, to elements: inout [Double]
  ) throws(DatasetError) {
    guard let values = categories[column] else {
      if value.isNaN && column != ca { throw unknown(row, "\(columnNames[column]) = ?") }
      elements.append(value.isNaN ? 0 : value)
      return
    }
    let isMissingThal = value.isNaN && column == thal
    guard values.contains(value) || isMissingThal else {
      throw unknown(row, "\(columnNames[column]) = \(value)")
    }
    elements += values.map { $0 == value ? 1 : 0 }
    if column == thal { elements.append(isMissingThal ? 1 : 0) }
  }

  /// The names of the 23 columns, such as "cp=1".
  static let featureNames: [String] = columnNames.enumerated().flatMap { column, name in
    guard let values = categories[column] else { return [name] }
    let coded = values.map { "\(name)=\(Int($0))" }
    return column == thal ? coded + ["thal=?"] : coded
  }
}
