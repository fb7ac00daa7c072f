internal import Attacks
internal import Certify
public import Datasets
internal import MetricModels

extension PairReport {
  /// The names of the columns of the records, in order.
  ///
  /// Behind them stand the bounds that only a network has, and the certified and the attacked radius
  /// when one was computed.
  public static let columns = [
    "first", "second", "similar", "epsilon", "distance", "attacked", "bound_eigenvalue",
    "bound_eigenvalue_paper", "bound_spectral", "bound_frobenius", "bound_pair", "certified",
    "verdict",
  ]

  /// Writes one row per pair and radius, all pairs of the first radius first.
  ///
  /// Values are squared distances; a column that was not computed is empty, or NaN in a .npz file.
  /// There the verdict is a whole number, the place of its name in the array `verdict_names`.
  ///
  /// - Parameters:
  ///   - path: A .csv or .npz file, or `-` for text on standard output.
  ///   - optima: For each budget and pair its worst case, written behind all else as `optimum`.
  /// - Throws: ``DatasetError`` when the file cannot be written.
  public func writeRecords(
    to path: String, optima: [[Double]]? = nil
  ) throws(DatasetError) {
    if DataFileFormat(path: path) == .npz { return try writeArchive(to: path, optima: optima) }
    var file = try CSVWriter(path: path)
    try file.write(columns + (optima == nil ? [] : ["optimum"]))
    // Asking this looks through all records, so it is asked once.
    let hasRadii = hasRadii
    let extra = networkBounds
    for (budget, part) in records.enumerated() {
      for (row, record) in part.enumerated() {
        try file.write(
          record.fields + extra.map { bound in field(record.bounds.flatMap { bound.path($0) }) }
            + (hasRadii ? [field(record.certifiedRadius), field(record.attackedRadius)] : [])
            + (optima.map { [field($0[budget][row])] } ?? []))
      }
    }
    try file.commit()
  }

  /// Whether any record has a radius; O(records).
  private var hasRadii: Bool {
    records.contains { $0.contains { $0.certifiedRadius != nil || $0.attackedRadius != nil } }
  }

  private var columns: [String] {
    PairReport.columns + networkBounds.map(\.name)
      + (hasRadii ? ["certified_radius", "attacked_radius"] : [])
  }

  private func writeArchive(to path: String, optima: [[Double]]?) throws(DatasetError) {
    let all = records.flatMap(\.self)
    let names = PairVerdict.allCases.map(\.rawValue)
    var entries: [(String, NumpyArchive.Entry)] = [
      ("first", .integers(all.map(\.pair.first))), ("second", .integers(all.map(\.pair.second))),
      ("similar", .integers(all.map { $0.similarity == .similar ? 1 : 0 })),
      ("epsilon", .numbers(all.map(\.radius))), ("distance", .numbers(all.map(\.distance))),
      ("attacked", .numbers(all.map { $0.attacked ?? .nan })),
    ]
    for bound in PairReport.bounds {
      let values = all.map { record in record.bounds.flatMap { bound.path($0) } ?? .nan }
      entries.append((bound.name, .numbers(values)))
    }
    entries.append(
      ("verdict", .integers(all.map { names.firstIndex(of: $0.verdict.rawValue) ?? 0 })))
    entries.append(("verdict_names", .strings(names)))
    for bound in networkBounds {
      let values = all.map { record in record.bounds.flatMap { bound.path($0) } ?? .nan }
      entries.append((bound.name, .numbers(values)))
    }
    if hasRadii {
      entries.append(("certified_radius", .numbers(all.map { $0.certifiedRadius ?? .nan })))
      entries.append(("attacked_radius", .numbers(all.map { $0.attackedRadius ?? .nan })))
    }
    if let optima { entries.append(("optimum", .numbers(optima.flatMap(\.self)))) }
    try NumpyArchive.write(entries, to: path)
  }

  /// Writes the perturbed points as the arrays `first` and `second`, in the order of the records.
  ///
  /// Each is m×d for one radius and E×m×d for E of them.
  ///
  /// - Parameter path: A .npz file.
  /// - Throws: ``DatasetError`` when the file cannot be written.
  /// - Precondition: The attack kept its points.
  public func writePoints(to path: String) throws(DatasetError) {
    let d = study.metric.dimension
    let shape = (records.count == 1 ? [] : [records.count]) + [pairCount, d]
    func entry(_ points: (PerturbedPair) -> [Double]) -> NumpyArchive.Entry {
      .array(NumpyArray(shape: shape, elements: perturbed.flatMap { $0.flatMap(points) }))
    }
    try NumpyArchive.write([("first", entry(\.first)), ("second", entry(\.second))], to: path)
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
