public import Attacks
public import Certify
public import LinAlg
public import MetricModels

/// An attack on a nearest-neighbour classifier, and its records.
public struct NeighborStudy: Sendable {
  /// The classifier under attack.
  public let classifier: NeighborClassifier
  /// What embeds points before the classifier sees them; nil for a linear metric.
  public let network: DeepEmbedding?
  /// The points that are attacked.
  public let points: Matrix<Double>
  /// Their true labels.
  public let labels: [Int]
  /// The budgets, a radius each.
  public let budgets: [PerturbationBudget]
  /// Where points start and stay.
  public let domain: InputDomain

  /// Creates a study.
  ///
  /// - Precondition: One label per point.
  public init(
    classifier: NeighborClassifier, network: DeepEmbedding? = nil, points: Matrix<Double>,
    labels: [Int], budgets: [PerturbationBudget], domain: InputDomain = .unitBox
  ) {
    precondition(labels.count == points.rows, "\(labels.count) labels for \(points.shape) points")
    self.classifier = classifier
    self.network = network
    self.points = points
    self.labels = labels
    self.budgets = budgets
    self.domain = domain
  }

  /// Runs the attack and, on request, the certificates.
  ///
  /// - Parameters:
  ///   - attack: The search.
  ///   - certifies: Whether to prove which votes stand.
  ///   - effort: At `exact`, where one neighbour votes, the least move that changes each vote is computed:
  ///     no point stays undecided. With more voters it adds nothing.
  ///   - computesRadii: Whether to compute each point's certified radius.
  ///   - threads: How many tiles may run at once; the results do not depend on it.
  /// - Returns: One result per budget and point, with the time they took.
  /// - Throws: `MetricModelsError` for points outside the domain, ``ExperimentsError`` when an attack
  ///   changes a certified vote, `LinAlgError` when an eigenvalue can't be computed.
  public func run(
    attack: NeighborAttack, certifies: Bool = false, effort: CertificateEffort = .fast,
    computesRadii: Bool = false, threads: Int = 1
  ) throws -> NeighborReport {
    try domain.validate(points)
    let start = monotonicSeconds()
    let results =
      network.map {
        attack.run(
          on: points, labels: labels, network: $0, classifier: classifier, budgets: budgets,
          domain: domain, threads: threads)
      }
      ?? attack.run(
        on: points, labels: labels, classifier: classifier, budgets: budgets, domain: domain,
        threads: threads)
    var proofs = NeighborProofs()
    if certifies || computesRadii {
      proofs = try prove(
        certifies: certifies, effort: effort, computesRadii: computesRadii, threads: threads)
    }
    let report = NeighborReport(
      study: self, results: results, proofs: proofs,
      diagnostics: zip(budgets, results).map {
        NeighborDiagnostics(of: $1, options: attack.options, radius: $0.radius)
      },
      seconds: monotonicSeconds() - start)
    try report.check()
    return report
  }

  private func prove(
    certifies: Bool, effort: CertificateEffort, computesRadii: Bool, threads: Int
  ) throws -> NeighborProofs {
    var proofs = NeighborProofs()
    let certifier = NeighborCertifier(
      try MetricCertificate(classifier.metric, effort: .paper), references: classifier.points,
      labels: classifier.labels, neighborCount: classifier.neighborCount)
    if effort == .exact && classifier.neighborCount == 1, let budget = budgets.first {
      let limit = budgets.map(\.radius).reduce(0, max)
      let exact = try certifier.exactRadii(
        points, labels: labels, budget: budget, domain: domain,
        limit: computesRadii ? .infinity : limit, threads: threads)
      let moved = Matrix(
        rows: exact.count, columns: points.columns,
        elements: exact.indices.flatMap { exact[$0].moved ?? Array(points.row($0)) })
      proofs.moves = zip(exact, classifier.predictions(for: moved, threads: threads)).map {
        NeighborProofs.Move(attacked: $0.attacked, label: $1)
      }
      proofs.certified = budgets.map { budget in exact.map { $0.certified >= budget.radius } }
      if computesRadii { proofs.radii = exact.map(\.certified) }
      return proofs
    }
    if certifies {
      proofs.certified = try budgets.map {
        try certifier.keepsLabel(
          points, labels: labels, budget: $0, domain: domain, threads: threads)
      }
    }
    if computesRadii, let budget = budgets.first {
      proofs.radii = try certifier.radii(
        points, labels: labels, budget: budget, domain: domain, threads: threads)
    }
    return proofs
  }
}

/// What is proved of the votes of a ``NeighborStudy``.
struct NeighborProofs: Sendable {
  /// The least move that changes a vote.
  struct Move: Sendable {
    /// Its length; infinite where none was found.
    let attacked: Double
    /// The prediction after it.
    let label: Int
  }

  /// For each budget and point whether its right vote is proved to stand; nil without certificates.
  var certified: [[Bool]]?
  /// A proved radius within which each right vote stands; nil unless computed.
  var radii: [Double]?
  /// The least move of each point; nil unless computed.
  var moves: [Move]?
}
