internal import LinAlg

/// Which rows of a data set are trained on and which are held out.
public struct Split: Equatable, Sendable {
  /// The rows to train on, ascending.
  public let training: [Int]
  /// The rows held out, ascending; disjoint from ``training``.
  public let test: [Int]

  /// How rows are chosen.
  public enum Method: String, CaseIterable, Equatable, Sendable {
    /// Row by row.
    case random
    /// Person by person, so that nobody is on both sides.
    case identity
  }
}

extension Dataset {
  /// How the catalogue splits this data set: faces by identity, everything else at random.
  public var defaultSplitMethod: Split.Method { name == .attFaces ? .identity : .random }

  /// A seeded split into training and test rows.
  ///
  /// The test rows are drawn first: for one seed and method they stay the same when fewer or more
  /// rows are trained on, as long as enough are left.
  ///
  /// - Parameters:
  ///   - trainingCount: The number of training rows; by default the paper's (Table 4).
  ///   - testCount: The number of test rows wanted; by default the paper's. Fewer are given when the
  ///     training rows leave fewer.
  ///   - method: How rows are chosen; ``defaultSplitMethod`` when nil. By identity, the parts hold
  ///     whole identities, as many as fit into the counts.
  ///   - seed: Determines the split.
  /// - Returns: The split; some rows may be in neither part.
  /// - Throws: ``DatasetError/catalogue(_:_:)`` when the training part can't be made, or leaves fewer
  ///   than two rows.
  public func split(
    trainingCount: Int? = nil, testCount: Int? = nil, method: Split.Method? = nil, seed: UInt64
  ) throws(DatasetError) -> Split {
    let training = trainingCount ?? name.entry.trainingCount
    guard training >= 1 && training <= count - 2 else {
      throw .catalogue(name, .badTrainingCount(requested: training, size: count))
    }
    let test = min(testCount ?? name.entry.testCount, count - training)
    var generator = SplitMix64(seed: seed)
    switch method ?? defaultSplitMethod {
    case .random:
      let order = generator.permutation(count)
      return Split(
        training: order[test..<test + training].sorted(), test: order[..<test].sorted())
    case .identity:
      return try splitByIdentity(training: training, test: test, using: &generator)
    }
  }

  /// A split of whole identities: in random order, each goes to the part that still has room for all
  /// of its rows, the test part first.
  private func splitByIdentity(
    training: Int, test: Int, using generator: inout SplitMix64
  ) throws(DatasetError) -> Split {
    guard let identities else { throw .catalogue(name, .noIdentities) }
    let rowsByPerson = Dictionary(grouping: identities.indices) { identities[$0] }
    let people = rowsByPerson.keys.sorted()
    var testRows: [Int] = []
    var trainingRows: [Int] = []
    for place in generator.permutation(people.count) {
      let rows = rowsByPerson[people[place]] ?? []
      if testRows.count + rows.count <= test {
        testRows += rows
      } else if trainingRows.count + rows.count <= training {
        trainingRows += rows
      }
    }
    guard testRows.count >= 2 && !trainingRows.isEmpty else {
      throw .catalogue(name, .noWholeIdentity(training: training, test: test))
    }
    return Split(training: trainingRows.sorted(), test: testRows.sorted())
  }
}
