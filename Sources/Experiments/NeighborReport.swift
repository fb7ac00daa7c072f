public import Attacks
public import Certify
public import Datasets
internal import LinAlg
internal import MetricModels

/// What a ``NeighborStudy`` found.
public struct NeighborReport: Sendable {
  /// The study.
  public let study: NeighborStudy
  /// For each budget one result per point.
  public let results: [[NeighborResult]]
  /// What is proved.
  let proofs: NeighborProofs
  /// Signs of weakness of the steps of (23), for each budget.
  public let diagnostics: [NeighborDiagnostics]
  /// The wall time of search and certificates in seconds.
  public let seconds: Double

  /// For each budget and point whether the right vote is proved to stand; nil without certificates.
  public var certified: [[Bool]]? { proofs.certified }
  /// A proved radius within which each right vote stands; nil unless computed.
  public var certifiedRadii: [Double]? { proofs.radii }
  /// The length of the least move that was found to change each vote, infinite where none was; nil
  /// unless the exact radii were computed.
  public var attackedRadii: [Double]? { proofs.moves?.map(\.attacked) }

  /// The label after the strongest attack that ran: the search, or the least move where that suffices.
  public func attackedLabel(budget: Int, point: Int) -> Int {
    let result = results[budget][point]
    guard !result.isMisclassified && !result.succeeded, let move = proofs.moves?[point],
      move.attacked <= study.budgets[budget].radius
    else { return result.attackedLabel }
    return move.label
  }

  /// Whether a right vote was turned wrong.
  public func succeeded(budget: Int, point: Int) -> Bool {
    let result = results[budget][point]
    return !result.isMisclassified && attackedLabel(budget: budget, point: point) != result.label
  }

  /// The share of the points whose right vote is proved to stand; nil without certificates.
  public func certifiedAccuracy(budget: Int) -> Double? {
    certified.map { all in
      Double(all[budget].count { $0 }) / Double(max(1, all[budget].count))
    }
  }

  /// Refuses a vote that is both certified and changed.
  func check() throws(ExperimentsError) {
    guard let certified else { return }
    for (budget, flags) in certified.enumerated() {
      for (point, isCertified) in flags.enumerated()
      where isCertified
        && (succeeded(budget: budget, point: point) || results[budget][point].isMisclassified)
      {
        throw .voteBeyondCertificate(point: point, radius: study.budgets[budget].radius)
      }
    }
  }

  /// The share of the points that are classified rightly when clean.
  public var cleanAccuracy: Double { share(budget: 0) { !results[0][$0].isMisclassified } }

  /// The share of the points that are still right under the gradient of (23).
  public func accuracyUnderNeighbors(budget: Int) -> Double {
    share(budget: budget) { point in
      let result = results[budget][point]
      return !result.isMisclassified && result.source != .neighbors
    }
  }

  /// The share of the points that are still right under every attack that ran.
  public func accuracyUnderAll(budget: Int) -> Double {
    share(budget: budget) { point in
      !results[budget][point].isMisclassified && !succeeded(budget: budget, point: point)
    }
  }

  /// The share of the points that are still right under every attack within this radius.
  ///
  /// What was found at a smaller radius counts too, so the share never grows with the radius, as
  /// ``RobustnessCurve`` has it for pairs.
  public func accuracyWithin(budget: Int) -> Double {
    let inside = study.budgets.indices.filter {
      study.budgets[$0].radius <= study.budgets[budget].radius
    }
    let count = study.points.rows
    let right = (0..<count).count { point in
      !results[budget][point].isMisclassified
        && !inside.contains { succeeded(budget: $0, point: point) }
    }
    return Double(right) / Double(max(1, count))
  }

  private func share(budget: Int, _ isRight: (Int) -> Bool) -> Double {
    guard let results = results.indices.contains(budget) ? results[budget] : nil,
      !results.isEmpty
    else { return 0 }
    return Double(results.indices.count(where: isRight)) / Double(results.count)
  }

  /// What became of one point under one budget.
  public func verdict(budget: Int, point: Int) -> PairVerdict {
    let result = results[budget][point]
    if result.isMisclassified { return .misclassified }
    if succeeded(budget: budget, point: point) { return .attacked }
    return certified?[budget][point] == true ? .certified : .undecided
  }

  /// The names of the columns of the records, in order.
  public static let columns = [
    "point", "label", "predicted", "epsilon", "verdict", "attacked_label",
  ]

  /// Writes one row per point and radius.
  ///
  /// - Parameter path: A .csv or .npz file, or `-` for text on standard output.
  /// - Throws: ``DatasetError`` when the file cannot be written.
  public func writeRecords(to path: String) throws(DatasetError) {
    if DataFileFormat(path: path) == .npz { return try writeArchive(to: path) }
    var file = try CSVWriter(path: path)
    let radii = radiusColumns
    try file.write(NeighborReport.columns + radii.map(\.name))
    for (index, results) in results.enumerated() {
      for (point, result) in results.enumerated() {
        try file.write(
          [
            "\(point)", "\(result.label)", "\(result.predicted)",
            CSVWriter.field(study.budgets[index].radius),
            verdict(budget: index, point: point).rawValue,
            "\(attackedLabel(budget: index, point: point))",
          ] + radii.map { CSVWriter.field($0.values[point]) })
      }
    }
    try file.commit()
  }

  /// The columns of radii that were computed, behind the others.
  private var radiusColumns: [(name: String, values: [Double])] {
    guard let certifiedRadii else { return [] }
    return [("certified_radius", certifiedRadii)]
      + (attackedRadii.map { [("attacked_radius", $0)] } ?? [])
  }

  private func writeArchive(to path: String) throws(DatasetError) {
    let all = results.flatMap(\.self)
    let names = PairVerdict.allCases.map(\.rawValue)
    let radii = zip(study.budgets, results).flatMap { budget, results in
      results.map { _ in budget.radius }
    }
    let verdicts = results.indices.flatMap { index in
      results[index].indices.map { verdict(budget: index, point: $0).rawValue }
    }
    var entries: [(String, NumpyArchive.Entry)] =
      [
        ("point", .integers(results.flatMap { Array($0.indices) })),
        ("label", .integers(all.map(\.label))), ("predicted", .integers(all.map(\.predicted))),
        ("epsilon", .numbers(radii)),
        ("verdict", .integers(verdicts.map { names.firstIndex(of: $0) ?? 0 })),
        (
          "attacked_label",
          .integers(
            results.indices.flatMap { index in
              results[index].indices.map { attackedLabel(budget: index, point: $0) }
            })
        ),
        ("verdict_names", .strings(names)),
      ]
    entries += radiusColumns.map { column in
      (column.name, .numbers(results.flatMap { _ in column.values }))
    }
    try NumpyArchive.write(entries, to: path)
  }
}
