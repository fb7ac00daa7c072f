import Attacks
import Certify
import Datasets
import Glibc
import LinAlg
import MetricModels

/// Everything but the attack on pairs.
enum OtherWorkloads {
  static let all: [Workload] =
    products + [distances, neighbors] + eigenpairs + [warmEigenpairs] + training + [faces]
    + learners
    + certificates + [reading]

  // MARK: Products and distances

  private static let products: [Workload] = [34, 784, 2048].flatMap { d in
    [
      product(Float.self, "sgemm", d, isShort: d == 784),
      product(Double.self, "dgemm", d, isShort: d == 784),
    ]
  }

  private static func product<Scalar: BLASScalar>(
    _ scalar: Scalar.Type, _ name: String, _ d: Int, isShort: Bool
  ) -> Workload {
    let rows = d == 2048 ? 4_096 : 20_100
    return Workload(
      name: "\(name), the roof of all products", size: "\(rows)×\(d) by \(d)×\(d)",
      isShort: isShort
    ) {
      var rng = SplitMix64(seed: 1)
      let a = Matrix<Scalar>.random(rows: 3, columns: d, using: &rng)
      let b = Matrix<Scalar>.random(rows: d, columns: d, using: &rng)
      let c = a * b
      var sum = 0.0
      for k in 0..<d { sum += Double(a[1, k]) * Double(b[k, d - 1]) }
      guard abs(Double(c[1, d - 1]) - sum) <= Double(d) * Double(Scalar.ulpOfOne) * Double(d) else {
        throw WrongAnswer(description: "\(name): \(c[1, d - 1]), the plain sum is \(sum)")
      }
      return Prepared(
        unit: "GFLOP", count: 2e-9 * Double(rows) * Double(d * d), check: "a plain sum",
        run: {
          AttackWorkloads.multiply(scalar, rows, d, times: 1)
          return 0
        })
    }
  }

  private static let distances = Workload(
    name: "squared distances of pairs", size: "20100 pairs, d 784, double", isShort: true
  ) {
    let (points, labels, _) = Inputs.images
    let metric = try Inputs.trained(points.selectingRows(0..<500), Array(labels[..<500]))
    let batch = Inputs.pairs(of: points, count: 20_100)
    let found = metric.squaredDistances(of: batch)
    for index in [0, 777, 20_099] {
      let (x, y) = batch.endpoints(index)
      try require(
        "D of pair \(index)", found[index], equals: metric.squaredDistance(x, y), to: 1e-12)
    }
    return Prepared(
      unit: "pairs", count: 20_100, check: "3 pairs one by one",
      roof: Roof("1 dgemm") {
        AttackWorkloads.multiply(Double.self, 20_100, 784, times: 1)
      },
      run: {
        _ = metric.squaredDistances(of: batch, threads: Inputs.threads)
        return 0
      })
  }

  private static let neighbors = Workload(
    name: "attack 3-nearest-neighbour votes", size: "100 points, 400 references, d 34, ε 0.05",
    isShort: true
  ) {
    let (points, labels) = Inputs.table(count: 500, dimension: 34)
    let metric = try Inputs.gmml(points, labels)
    let classifier = NeighborClassifier(
      metric: metric, points: points.selectingRows(0..<400), labels: Array(labels[..<400]))
    let (tested, truth) = (points.selectingRows(400..<500), Array(labels[400...]))
    func run() -> [NeighborResult] {
      NeighborAttack().run(
        on: tested, labels: truth, classifier: classifier, budgets: [.perPoint(0.05)],
        threads: Inputs.threads)[0]
    }
    for (index, result) in run().enumerated() {
      let moved = Matrix([result.perturbed])
      guard classifier.predictions(for: moved)[0] == result.attackedLabel,
        zip(result.perturbed, tested.row(index)).allSatisfy({ abs($0 - $1) <= 0.05 + 1e-15 })
      else { throw WrongAnswer(description: "point \(index) is not what the attack says") }
    }
    return Prepared(
      unit: "points", count: 100, check: "votes and budgets again",
      run: {
        _ = run()
        return 0
      })
  }

  // MARK: Eigenpairs and training

  private static let solvers: [(name: String, count: Int?)] = [("all", nil), ("the 3 largest", 3)]

  private static let eigenpairs: [Workload] = solvers.map { name, count in
    Workload(name: "eigenpairs, \(name) (dsyevr)", size: "d 784", isShort: true) {
      let (points, labels, _) = Inputs.images
      let matrix = try Inputs.trained(points.selectingRows(0..<500), Array(labels[..<500])).matrix
      func run() throws -> SymmetricEigen<Double> {
        guard let count else { return try matrix.symmetricEigen() }
        return try matrix.largestEigenpairs(count: count)
      }
      let found = try run()
      for index in found.values.indices.suffix(3) {
        let v = Array(found.vectors.row(index))
        let residual = zip(matrix.times(v), v).reduce(0.0) {
          $0 + ($1.0 - found.values[index] * $1.1) * ($1.0 - found.values[index] * $1.1)
        }
        guard residual.squareRoot() <= 1e-11 * (found.values.max() ?? 0) else {
          throw WrongAnswer(description: "eigenpair \(index) has the residual \(residual)")
        }
      }
      return Prepared(
        unit: "solves", count: 1, check: "residuals",
        run: {
          _ = try run()
          return 0
        })
    }
  }

  /// What training does: from the eigenpairs of the step before.
  private static let warmEigenpairs = Workload(
    name: "eigenpairs, the 3 largest, from a step before", size: "d 784", isShort: true
  ) {
    let (points, labels, _) = Inputs.images
    let some = (points.selectingRows(0..<500), Array(labels[..<500]))
    let before = try Inputs.trained(some.0, some.1, steps: 30).transform
    let after = try Inputs.trained(some.0, some.1, steps: 31).transform
    var warm = WarmEigenpairs(count: 3, tolerance: 0.01)
    _ = try warm.largest(of: before)
    @Sendable func run(_ warm: WarmEigenpairs) throws -> LargestEigenpairs {
      var copy = warm
      return try copy.largest(of: after)
    }
    let exact = try after.gram(ofColumns: true).largestEigenpairs(count: 3)
    for (value, oracle) in zip(try run(warm).values, exact.values) {
      try require("an eigenvalue", value, equals: oracle, to: 0.01)
    }
    let start = warm
    return Prepared(
      unit: "solves", count: 1, check: "dsyevr, to the step's length",
      roof: Roof("dsyevr") { _ = try after.gram(ofColumns: true).largestEigenpairs(count: 3) },
      run: {
        _ = try run(start)
        return 0
      })
  }

  private static let regularizers: [(regularizer: Regularizer, name: String)] = [
    (.none, "no regulariser"), (.topEigenvalues(count: 3), "top-3 regulariser"),
    (.frobenius(), "Frobenius regulariser"),
  ]

  private static let training: [Workload] = starts.flatMap { start, place in
    regularizers.map { regularizer, name in
      Workload(
        name: "pairwise training, \(name)\(place)", size: "\(steps) steps, 1008 points, d 784",
        isShort: start == .identity
      ) {
        let (all, labels, _) = Inputs.images
        return try prepareTraining(
          regularizer, all.selectingRows(0..<1008), Array(labels[..<1008]), from: start)
      }
    }
  }

  /// From the identity steps are taken in closed form as long as no pair of different labels is active.
  private static let starts: [(PairwiseOptions.InitialTransform, String)] = [
    (.identity, ""), (.normal(scale: 0.3), ", random start"),
  ]

  private static let steps = 50

  /// Fewer points than features: everything happens in their span.
  private static let faces = Workload(
    name: "pairwise training, top-3 regulariser", size: "\(steps) steps, 240 points, d 10304",
    isShort: true
  ) {
    let (points, labels) = Inputs.table(count: 240, dimension: 10_304)
    return try prepareTraining(.topEigenvalues(count: 3), points, labels)
  }

  private static func prepareTraining(
    _ regularizer: Regularizer, _ points: Matrix<Double>, _ labels: [Int],
    from start: PairwiseOptions.InitialTransform = .identity
  ) throws -> Prepared {
    @Sendable func train(_ regularizer: Regularizer, _ points: Matrix<Double>, _ labels: [Int])
      throws -> PairwiseResult
    {
      var options = PairwiseOptions()
      options.initialTransform = start
      options.iterations = steps
      options.threads = Inputs.threads
      var rng = SplitMix64(seed: 0)
      return try PairwiseTrainer(penalty: regularizer, options: options).train(
        points: points, labels: labels, using: &rng)
    }
    let few = try train(regularizer, points.selectingRows(0..<60), Array(labels[..<60]))
    var sum = 0.0
    for i in 0..<60 {
      for j in 0..<i {
        let y = labels[i] == labels[j] ? 1.0 : -1
        sum += max(0, 1 + y * (few.metric.squaredDistance(points.row(i), points.row(j)) - 1))
      }
    }
    // A loss near zero is a mean of hinges that begin at 1.
    try require("the loss", 1 + few.loss, equals: 1 + sum / (60 * 59 / 2), to: 1e-9)
    let roof =
      regularizer.isZero
      ? nil
      : Roof("without it") { _ = try train(.none, points, labels) }
    return Prepared(
      unit: "steps", count: Double(steps), check: "the loss pair by pair", roof: roof,
      run: {
        _ = try train(regularizer, points, labels)
        return 0
      })
  }

  private static let learners: [Workload] = LearnerKind.allCases.map { kind in
    Workload(
      name: "learner \(kind.rawValue)", size: "175 points, d 34", isShort: kind == .gmml
    ) {
      let (points, labels) = Inputs.table(count: 175, dimension: 34)
      func run() throws -> LearnedMetric {
        var rng = SplitMix64(seed: 0)
        return try kind.learner(threads: Inputs.threads).learn(
          points: points, labels: labels, using: &rng)
      }
      let found = try run()
      if let bound = found.lowerBound, found.objective < bound - 1e-6 * abs(bound) {
        throw WrongAnswer(description: "objective \(found.objective) below its bound \(bound)")
      }
      return Prepared(
        unit: "fits", count: 1, check: found.lowerBound == nil ? "finite" : "its lower bound",
        run: {
          _ = try run()
          return 0
        })
    }
  }

  // MARK: Certificates and files

  private static let efforts: [(effort: CertificateEffort, count: Int, isShort: Bool)] = [
    (.paper, 2_000, true), (.fast, 2_000, true), (.tight, 200, false),
  ]

  private static let certificates: [Workload] = efforts.map { effort, count, isShort in
    Workload(
      name: "certificates, effort \(effort.rawValue)", size: "\(count) pairs, d 34, ε 0.05",
      isShort: isShort
    ) {
      let (points, labels) = Inputs.table(count: 175, dimension: 34)
      let metric = try Inputs.gmml(points, labels)
      let batch = Inputs.pairs(of: points, count: count)
      let certifier = PairCertifier(
        try MetricCertificate(metric, effort: effort), budgets: [.shared(0.05)])
      func run() throws -> BudgetCertification {
        try certifier.certify(batch, threshold: 1, effort: effort, threads: Inputs.threads)
          .budgets[0]
      }
      let bounds = try run()
      let attacked = try SignGradientAttack().run(
        on: batch, metric: metric, threshold: 1, budgets: [.shared(0.05)])[0]
      for (index, result) in attacked.enumerated()
      where result.squaredDistance > bounds.certified[index] {
        throw WrongAnswer(description: "an attack passes the certificate of pair \(index)")
      }
      return Prepared(
        unit: "pairs", count: Double(count), check: "no attack passes them",
        run: {
          _ = try run()
          return 0
        })
    }
  }

  private static let reading = Workload(
    name: "read a .npy file", size: "20000×784 doubles, 125 MB", isShort: true
  ) {
    let path = "/tmp/robustmetric-bench-\(getpid()).npy"
    var rng = SplitMix64(seed: 5)
    let matrix = Matrix<Double>.random(rows: 20_000, columns: 784, using: &rng)
    try DataFile.write(matrix, to: path)
    guard try DataFile.matrix(at: path) == matrix else {
      throw WrongAnswer(description: "the file does not come back")
    }
    return Prepared(
      unit: "MB", count: 125.4, check: "equals what was written",
      roof: Roof("fread") { plainRead(path) },
      run: {
        _ = try DataFile.matrix(at: path)
        return 0
      })
  }

  private static func plainRead(_ path: String) {
    guard let file = fopen(path, "r") else { return }
    var bytes = [UInt8](repeating: 0, count: 20_000 * 784 * 8 + 128)
    fread(&bytes, 1, bytes.count, file)
    fclose(file)
  }
}

/// All workloads.
public let workloads: [Workload] = AttackWorkloads.all + OtherWorkloads.all
