import LinAlg

/// Paper (20) along a training with γ ≤ 1, without the pairs of different labels that can't be active.
///
/// All similar pairs are active, and add ⟨W, W·A⟩ and a constant: one product. The others are screened:
/// see ``PairScreen``. Where too many of them may be active, all pairs are evaluated. The active pairs are
/// those of the definition in any case, but for rounding at D = 1 + γ.
struct ScreenedPairs {
  private let loss: PairwiseLoss
  /// The points in the order of their labels, less their mean.
  private let points: Matrix<Double>
  /// 2·A, where screening can pay: with more features than points, two products cost less than W·A.
  private let doubledScatter: Matrix<Double>?
  /// What similar pairs add whatever W is.
  private let constant: Double
  private var screen: PairScreen?
  /// The map of the last evaluation, for the length of a step.
  private var last: Matrix<Double>?
  /// Steps until the next attempt to screen, and how many there will be after a vain one.
  private var (pause, nextPause) = (0, 1)
  /// How often all pairs were evaluated, for tests.
  private(set) var wholeEvaluations = 0

  /// Below this many features a step costs little, and keeps the sums of ``PairwiseLoss`` to the bit.
  ///
  /// From the identity the last bits decide which of equal eigenvalues a penalty meets first.
  static let smallestDimension = WarmEigenpairs.smallestOrder

  /// Prepares for a training; nil for few features, and where similar pairs may be inactive or n² numbers
  /// are too many.
  ///
  /// - Complexity: O(n·d²).
  init?(
    _ loss: PairwiseLoss, points: Matrix<Double>,
    smallestDimension: Int = ScreenedPairs.smallestDimension
  ) {
    guard loss.threshold <= 1, loss.labels.count <= PairwiseLoss.largestStoredCount,
      points.columns >= smallestDimension
    else { return nil }
    self.loss = loss
    self.points = points.selectingRows(loss.classes.order).centeredExactly()
    let canScreen = points.columns <= points.rows && points.rows > 1
    let rows = canScreen ? similarRows(self.points, loss) : nil
    doubledScatter = rows.map { $0.gram(ofColumns: true).scaled(by: 2) }
    constant = similarConstant(loss)
  }

  /// The loss and its gradient at W.
  ///
  /// - Complexity: O(k·d²) where few pairs may be active, else O(n²·k + n·k·d).
  mutating func evaluate(at transform: Matrix<Double>, threads: Int) -> TransformEvaluation {
    defer { last = transform }
    if let doubledScatter, let screen, screen.covers(transform) {
      return evaluate(at: transform, screen, doubledScatter, threads)
    }
    let embedding = points.tiledProduct(with: transform, transposesSecond: true, threads: threads)
    screen = makeScreen(at: transform, embedding, threads: threads)
    if let doubledScatter, let screen {
      return evaluate(at: transform, screen, doubledScatter, threads)
    }
    wholeEvaluations += 1
    let pairs = loss.evaluateByClasses(sorted: embedding, threads: threads)
    return TransformEvaluation(
      value: pairs.value,
      gradient: pairs.gradient.tiledProduct(with: points, transposesFirst: true, threads: threads))
  }

  /// A screen that is likely to last for two steps and leaves an eighth of the points at most.
  ///
  /// After a vain attempt there is none for 1, 2, 4, … 64 steps.
  private mutating func makeScreen(
    at transform: Matrix<Double>, _ embedding: Matrix<Double>, threads: Int
  ) -> PairScreen? {
    guard doubledScatter != nil else { return nil }
    guard pause == 0 else {
      pause -= 1
      return nil
    }
    let found = PairScreen(
      loss: loss, points: points, embedding: embedding, transform: transform,
      maxCount: points.rows / 8, minRadius: 2 * (last?.distance(to: transform) ?? 0),
      threads: threads)
    (pause, nextPause) = found == nil ? (nextPause, min(64, 2 * nextPause)) : (0, 1)
    return found
  }

  private func evaluate(
    at transform: Matrix<Double>, _ screen: PairScreen, _ doubledScatter: Matrix<Double>,
    _ threads: Int
  ) -> TransformEvaluation {
    var gradient = transform.tiledProduct(with: doubledScatter, threads: threads)
    var value = constant + 0.5 * transform.laneDot(gradient)
    let scale = pairScale(points.rows)
    if let (hinges, forces) = screen.activePairs(
      at: transform, limit: 1 + loss.threshold, threads: threads)
    {
      value += scale * hinges
      gradient.formTiledProduct(
        of: forces, and: screen.points, transposesFirst: true, alpha: -2 * scale, beta: 1,
        threads: threads)
    }
    return TransformEvaluation(value: value, gradient: gradient)
  }
}
