internal import Certify
public import Datasets
internal import MetricModels

extension PairReport {
  /// The names of the columns of the records, in order.
  ///
  /// The certified radius stands behind them when it was computed.
  public static let columns = [
    "first", "second", "similar", "epsilon", "distance", "attacked", "bound_eigenvalue",
    "bound_eigenvalue_paper", "bound_spectral", "bound_frobenius", "bound_pair", "certified",
    "verdict",
  ]

  /// Writes one row per pair and radius, all pairs of the first radius first.
  ///
  /// Values are squared distances; a column that was not computed is empty.
  ///
  /// - Parameter path: A .csv file, or `-` for standard output.
  /// - Throws: ``DatasetError`` when the file cannot be written.
  public func writeRecords(to path: String) throws(DatasetError) {
    let hasRadii = records.contains { $0.contains { $0.certifiedRadius != nil } }
    var file = try CSVWriter(path: path)
    try file.write(PairReport.columns + (hasRadii ? ["certified_radius"] : []))
    for record in records.joined() {
      try file.write(record.fields + (hasRadii ? [field(record.certifiedRadius)] : []))
    }
    try file.commit()
  }
}

extension PairRecord {
  fileprivate var fields: [String] {
    [
      "\(pair.first)", "\(pair.second)", similarity == .similar ? "1" : "0", field(radius),
      field(distance), field(attacked), field(bounds?.eigenvalue), field(bounds?.printedEigenvalue),
      field(bounds?.spectral), field(bounds?.frobenius), field(bounds?.pair),
      field(bounds?.tightest), verdict.rawValue,
    ]
  }
}

private func field(_ value: Double?) -> String { value.map { CSVWriter.field($0) } ?? "" }
