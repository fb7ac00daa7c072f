/// The cells of one experiment, in the order of its plan.
struct ResultSet: Sendable {
  let records: [CellRecord]

  /// The numbers of one quantity in the order of the cells, for those cells that `isWanted` accepts.
  func values(
    _ quantity: String, epsilon: Double? = nil, where isWanted: (CellIdentity) -> Bool
  ) -> [Double] {
    records.filter { isWanted($0.identity) }
      .compactMap { $0.result.value(quantity, epsilon: epsilon) }
  }

  /// Mean and spread over the seeds; nil when there is no such cell.
  func summary(
    _ quantity: String, epsilon: Double? = nil, where isWanted: (CellIdentity) -> Bool
  ) -> SampleSummary? {
    SampleSummary(values(quantity, epsilon: epsilon, where: isWanted))
  }

  /// The paired differences `first − second` of one quantity, seed by seed.
  func differences(
    _ quantity: String, epsilon: Double? = nil, first: (CellIdentity) -> Bool,
    second: (CellIdentity) -> Bool
  ) -> [Double] {
    func bySeed(_ isWanted: (CellIdentity) -> Bool) -> [UInt64: Double] {
      records.filter { isWanted($0.identity) }.reduce(into: [:]) { all, record in
        all[record.identity.seed] = record.result.value(quantity, epsilon: epsilon)
      }
    }
    let others = bySeed(second)
    return bySeed(first).sorted { $0.key < $1.key }.compactMap { seed, value in
      others[seed].map { value - $0 }
    }
  }

  /// The different values of a field, in the order of the cells.
  func distinct<Value: Hashable>(_ field: (CellIdentity) -> Value) -> [Value] {
    var seen: Set<Value> = []
    return records.map { field($0.identity) }.filter { seen.insert($0).inserted }
  }
}
