import LinAlg
import MetricModels

/// What every attack on a batch of pairs is told, whatever the metric.
struct PairTask: Sendable {
  let batch: PairBatch
  /// γ of every pair.
  let thresholds: [Double]
  let domain: InputDomain
  let direction: AttackDirection
  /// Whether results carry the perturbed points.
  let keepsPoints: Bool
  let timer: EvaluationTimer?

  init(
    batch: PairBatch, thresholds: [Double], domain: InputDomain, direction: AttackDirection,
    keepsPoints: Bool, timer: EvaluationTimer?
  ) {
    precondition(
      thresholds.count == batch.count, "\(thresholds.count) thresholds for \(batch.count) pairs")
    self.batch = batch
    self.thresholds = thresholds
    self.domain = domain
    self.direction = direction
    self.keepsPoints = keepsPoints
    self.timer = timer
  }

  /// Refuses budgets that do not fit the points.
  func validate(_ budgets: [PerturbationBudget], dimension: Int) {
    precondition(
      batch.dimension == dimension, "points of \(batch.dimension) features, metric of \(dimension)")
    for budget in budgets {
      precondition(
        budget.featureScale.map { $0.count == dimension } ?? true,
        "\(budget.featureScale?.count ?? 0) multipliers for \(dimension) features")
    }
  }

  /// Runs `body`, and adds its time to the timer where there is one.
  func timed<Output>(_ body: () -> Output) -> Output { timer.map { $0.measure(body) } ?? body() }
}

/// What a search says of one pair, before anything is evaluated again.
struct SearchOutcome {
  var perturbed: PerturbedPair
  var iterations = 0
  var run = 0
  var firstRunSquaredDistance: Double
  var lastWasWorse = false
  var vanished = false
  var history: [Double] = []
}

extension PairTask {
  /// The result of one pair, from D at the perturbed points.
  ///
  /// - Parameters:
  ///   - outcome: What the search says.
  ///   - index: The pair.
  ///   - clean: D of the clean pair.
  ///   - distance: D of the perturbed pair, evaluated in Double.
  /// - Returns: The perturbed pair, or the clean one where that is better for the attacker.
  func result(
    _ outcome: SearchOutcome, ofPair index: Int, clean: Double, distance: Double
  ) -> AttackResult {
    // In the last digit a weak attack may come out behind the clean pair, which is allowed too.
    let improves = direction.prefers(distance, to: clean)
    let found = improves ? distance : clean
    let (x, y) = batch.endpoints(index)
    let kept =
      !keepsPoints
      ? nil : improves ? outcome.perturbed : PerturbedPair(first: Array(x), second: Array(y))
    let succeeded = direction.isReached(by: found, threshold: thresholds[index])
    return AttackResult(
      status: succeeded
        ? .succeeded : outcome.vanished ? .vanishedGradient : .reachedIterationLimit,
      cleanSquaredDistance: clean, squaredDistance: found, iterations: outcome.iterations,
      run: outcome.run, firstRunSquaredDistance: outcome.firstRunSquaredDistance,
      lastWasWorse: outcome.lastWasWorse, perturbed: kept,
      history: outcome.history)
  }
}

extension MahalanobisMetric {
  /// D of the pairs of a tile, in the order of evaluation of ``squaredDistances(of:threads:)``.
  func squaredDistances(ofTile pairs: [PerturbedPair]) -> [Double] {
    var differences = Matrix<Double>(repeating: 0, rows: tileHeight, columns: dimension)
    differences.withUnsafeMutableElements { target in
      for (slot, pair) in pairs.enumerated() {
        for k in pair.first.indices {
          target[slot * dimension + k] = pair.first[k] - pair.second[k]
        }
      }
    }
    return squaredNorms(ofRows: differences)
  }
}
