import Attacks
import LinAlg
import MetricModels

/// AckMetric on pairs, against as many bare products as it has steps.
enum AttackWorkloads {
  struct Case: Sendable {
    var name = "GMML"
    var dimension = 784
    var pairs = 20_100
    var radii = [0.1]
    var precision = SignGradientOptions.Precision.float
    var isShort = false
    var metric: @Sendable (Matrix<Double>, [Int]) throws -> MahalanobisMetric = Inputs.gmml
  }

  static let cases: [Case] = [
    Case(isShort: true),
    Case(name: "normal training", isShort: true, metric: Inputs.trained),
    Case(radii: [0.02, 0.04, 0.06, 0.08, 0.1], isShort: true),
    Case(precision: .double, isShort: true),
    Case(name: "W of 20 rows", isShort: true) { points, _ in
      Inputs.lowRank(rows: 20, dimension: points.columns)
    },
    Case(dimension: 34, isShort: true),
    Case(dimension: 34, precision: .double),
    Case(radii: [0.05]), Case(radii: [0.15]),
    Case(name: "normal training", radii: [0.05], metric: Inputs.trained),
    Case(name: "normal training", radii: [0.15], metric: Inputs.trained),
    Case(pairs: 4_753), Case(pairs: 100_000), Case(pairs: 1_000_000),
    Case(name: "W of 20 rows", dimension: 2048, pairs: 4_753) { points, _ in
      Inputs.lowRank(rows: 20, dimension: points.columns)
    },
    Case(name: "square W", dimension: 2048, pairs: 4_753) { points, _ in
      Inputs.lowRank(rows: points.columns, dimension: points.columns)
    },
  ]

  static let all: [Workload] = cases.map { item in
    let radii = item.radii.map { "\($0)" }.joined(separator: ", ")
    return Workload(
      name: "attack pairs, 20 steps, \(item.name)",
      size: "\(item.pairs) pairs, d \(item.dimension), ε \(radii), \(item.precision.rawValue)",
      isShort: item.isShort
    ) { try prepare(item) }
  }

  static func prepare(_ item: Case) throws -> Prepared {
    let (points, labels): (Matrix<Double>, [Int]) =
      item.dimension == 784
      ? (Inputs.images.points, Inputs.images.labels)
      : Inputs.table(count: 1500, dimension: item.dimension)
    let training = 0..<min(points.rows, 1008)
    let metric = try item.metric(points.selectingRows(training), Array(labels[training]))
    let batch = Inputs.pairs(of: points, count: item.pairs)
    var options = SignGradientOptions()
    options.precision = item.precision
    options.keepsPoints = false
    let attack = SignGradientAttack(options: options)
    let budgets = item.radii.map { PerturbationBudget.shared($0) }
    let worst = try check(attack, metric, batch, item.radii)
    @Sendable func run(_ budgets: [PerturbationBudget]) throws -> Double {
      let timer = EvaluationTimer(clock: Clock.thread)
      _ = try attack.run(
        on: batch, metric: metric, threshold: 1, budgets: budgets, threads: Inputs.threads,
        timer: timer)
      return timer.seconds
    }
    return Prepared(
      unit: "pairs", count: Double(batch.count * budgets.count),
      check: "3 pairs by plain loops: \(rounded(worst))",
      roof: budgets.count == 1
        ? roof(batch.count, metric.dimension, item.precision)
        : Roof(name: "ε \(item.radii.max() ?? 0) alone") { try run(Array(budgets.suffix(1))) },
      run: { try run(budgets) })
  }

  /// Compares with the search written as plain loops over one pair in Double.
  private static func check(
    _ attack: SignGradientAttack, _ metric: MahalanobisMetric, _ batch: PairBatch,
    _ radii: [Double]
  ) throws -> Double {
    var worst = 0.0
    let some = batch.with(pairs: [0, batch.count / 2, batch.count - 1].map { batch.pairs[$0] })
    let matrix = metric.matrix
    for radius in radii {
      let found = try attack.run(on: some, metric: metric, threshold: 1, budgets: [.shared(radius)])
      for (index, result) in found[0].enumerated() {
        let plain = PlainAttack(matrix, some, index, radius: radius).run()
        let error = abs(result.squaredDistance - plain) / plain
        worst = max(worst, error)
        // Where a gradient is within rounding of 0 its sign, and with it one step, is arbitrary.
        guard error <= 5e-3 else {
          throw WrongAnswer(
            description: "pair \(index): \(result.squaredDistance), plain loops \(plain)")
        }
      }
    }
    return worst
  }

  /// Twenty bare products of all differences with M, in tiles over the same threads.
  static func roof(
    _ pairs: Int, _ dimension: Int, _ precision: SignGradientOptions.Precision
  ) -> Roof {
    switch precision {
    case .float: Roof("20 sgemm") { multiply(Float.self, pairs, dimension, times: 20) }
    case .double: Roof("20 dgemm") { multiply(Double.self, pairs, dimension, times: 20) }
    }
  }

  static func multiply<Scalar: BLASScalar>(
    _ scalar: Scalar.Type, _ rows: Int, _ dimension: Int, times: Int
  ) {
    let matrix = Matrix<Scalar>(repeating: 0.5, rows: dimension, columns: dimension)
    _ = Tiling(count: rows, height: 512).map(threads: Inputs.threads) { range in
      let tile = Matrix<Scalar>(repeating: 0.25, rows: range.count, columns: dimension)
      var product = tile
      for _ in 0..<times { product.formProduct(of: tile, and: matrix) }
      return product.isEmpty ? 0 : product[0, 0]
    }
  }
}

/// AckMetric on one pair under a shared budget in the unit box, moving the point that gains more.
struct PlainAttack {
  let matrix: Matrix<Double>
  let first: [Double]
  let second: [Double]
  let radius: Double

  init(_ matrix: Matrix<Double>, _ batch: PairBatch, _ index: Int, radius: Double) {
    let (x, y) = batch.endpoints(index)
    (self.matrix, first, second, self.radius) = (matrix, Array(x), Array(y), radius)
  }

  func run() -> Double {
    var (x, y) = (first, second)
    var best = value(x, y)
    // Below 64 features those with small slopes wait for up to five steps.
    var patience = x.count < 64 && radius <= 0.1 ? 5.0 : 0
    for iteration in 0..<20 {
      let slopes = matrix.times(zip(x, y).map { $0 - $1 })
      let share = patience > 0 ? 0.1 * max(0, 1 - Double(iteration) / patience) : 0
      let floor = share * slopes.reduce(0) { max($0, abs($1)) }
      var gradient = slopes.map { abs($0) >= floor ? $0 : 0 }
      let (usedX, usedY) = (distance(x, first), distance(y, second))
      // What rounding left of a radius is not worth a step.
      func reach(_ left: Double, _ own: Double) -> Double {
        abs(left - own) <= 64 * .ulpOfOne * radius ? own : left
      }
      let (reachX, reachY) = (reach(radius - usedY, usedX), reach(radius - usedX, usedY))
      var nextX = moved(x, first, gradient, 0.01, reachX)
      var nextY = moved(y, second, gradient, -0.01, reachY)
      if nextX == x && nextY == y {
        (patience, gradient) = (0, slopes)
        nextX = moved(x, first, gradient, 0.01, reachX)
        nextY = moved(y, second, gradient, -0.01, reachY)
      }
      let (a, b) = (value(nextX, y), value(x, nextY))
      let isTie = abs(a - b) <= 256 * .ulpOfOne * best && nextX != x
      if isTie || nextY == y || (nextX != x && a > b) { x = nextX } else { y = nextY }
      best = max(best, value(x, y))
    }
    return best
  }

  private func value(_ x: [Double], _ y: [Double]) -> Double {
    let z = zip(x, y).map { $0 - $1 }
    return zip(z, matrix.times(z)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func distance(_ x: [Double], _ clean: [Double]) -> Double {
    zip(x, clean).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  private func moved(
    _ x: [Double], _ clean: [Double], _ gradient: [Double], _ step: Double, _ radius: Double
  ) -> [Double] {
    let left = max(0, radius)
    return x.indices.map { k in
      let push = gradient[k] > 0 ? step : gradient[k] < 0 ? -step : 0
      let (low, high) = (max(clean[k] - left, 0), min(clean[k] + left, 1))
      return min(max(x[k] + push, low), high)
    }
  }
}

/// A number in a few digits.
public func rounded(_ value: Double) -> String {
  guard value != 0 && value.isFinite else { return "\(value)" }
  var (mantissa, exponent) = (abs(value), 0)
  while mantissa >= 10 {
    mantissa /= 10
    exponent += 1
  }
  while mantissa < 1 {
    mantissa *= 10
    exponent -= 1
  }
  if (-2..<6).contains(exponent) {
    var scale = 1.0
    for _ in 0..<max(0, 2 - exponent) { scale *= 10 }
    let text = (value * scale).rounded() / scale
    return text == text.rounded() && abs(text) < 1e9 ? "\(Int(text))" : "\(text)"
  }
  return "\((mantissa * 10).rounded() / 10)e\(exponent)"
}
