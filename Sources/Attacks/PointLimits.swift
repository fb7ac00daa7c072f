import LinAlg
import MetricModels

/// How far a point may move under a budget and a domain, and the sign step within these limits.
struct PointLimits<Scalar: SignStepScalar> {
  let sharing: PerturbationBudget.Sharing
  /// The norm that the radius limits.
  let norm: PerturbationBudget.Norm
  /// ε, rounded down to `Scalar`.
  private(set) var radius: Scalar
  let multipliers: [Scalar]?
  let lower: [Double]
  let upper: [Double]

  init(_ budget: PerturbationBudget, _ domain: InputDomain, dimension: Int) {
    sharing = budget.sharing
    norm = budget.norm
    radius = roundedDown(budget.radius)
    multipliers = budget.featureScale.map { $0.map { roundedDown($0) } }
    lower = domain.lowerBounds(dimension)
    upper = domain.upperBounds(dimension)
  }

  /// The same limits with another radius.
  func withRadius(_ radius: Double) -> PointLimits {
    var limits = self
    limits.radius = roundedDown(radius)
    return limits
  }

  /// The radius beyond which more of it changes nothing; infinite without a domain's faces.
  var largestUsefulRadius: Double {
    let widths = lower.indices.map { k in
      let b = Double(multipliers?[k] ?? 1)
      return b > 0 ? (upper[k] - lower[k]) / b : 0
    }
    let reach =
      switch norm {
      case .infinity: widths.max() ?? 0
      case .two: widths.reduce(0) { $0 + $1 * $1 }.squareRoot()
      case .one: widths.reduce(0, +)
      }
    return sharing == .shared ? 2 * reach : reach
  }

  /// The radius that is left for the first point: what the other has used of a shared one is gone.
  func radiusForFirst(whenSecondUses used: Scalar) -> Scalar {
    radiusForFirst(of: radius, whenSecondUses: used)
  }

  /// The radius that is left for the second point.
  func radiusForSecond(whenFirstUses used: Scalar) -> Scalar {
    radiusForSecond(of: radius, whenFirstUses: used)
  }

  /// The part of `radius` that is left for the first point.
  func radiusForFirst(of radius: Scalar, whenSecondUses used: Scalar) -> Scalar {
    sharing == .shared ? differenceRoundedDown(radius, used) : radius
  }

  /// The part of `radius` that is left for the second point.
  func radiusForSecond(of radius: Scalar, whenFirstUses used: Scalar) -> Scalar {
    switch sharing {
    case .shared: differenceRoundedDown(radius, used)
    case .perPoint: radius
    case .firstOnly: 0
    }
  }

  /// How far the first point may go from where it was clean, when it has gone as far as `own`.
  ///
  /// What rounding alone left of the radius is not worth a step: then it may go no further.
  func reachOfFirst(of radius: Scalar, uses own: Scalar, whenSecondUses used: Scalar) -> Scalar {
    reach(own, radiusForFirst(of: radius, whenSecondUses: used), radius)
  }

  /// How far the second point may go from where it was clean, when it has gone as far as `own`.
  func reachOfSecond(of radius: Scalar, uses own: Scalar, whenFirstUses used: Scalar) -> Scalar {
    reach(own, radiusForSecond(of: radius, whenFirstUses: used), radius)
  }

  private func reach(_ own: Scalar, _ left: Scalar, _ radius: Scalar) -> Scalar {
    own <= left && left - own <= 64 * .ulpOfOne * radius ? own : left
  }

  /// ‖δ‖ of one row, each δₖ divided by bₖ, rounded up.
  func norm(ofRow row: Int, of delta: Matrix<Scalar>) -> Scalar {
    norm == .infinity && multipliers == nil
      ? delta.largestMagnitude(ofRow: row) : norm(of: delta.row(row))
  }

  /// ‖δ‖, each δₖ divided by bₖ, rounded up.
  func norm(of delta: some Collection<Scalar>) -> Scalar {
    guard norm == .infinity else { return normUp(delta) }
    guard let multipliers else { return delta.reduce(0) { Scalar.maximum($0, abs($1)) } }
    return zip(delta, multipliers).reduce(0) { largest, term in
      term.0 == 0 ? largest : Scalar.maximum(largest, (abs(term.0) / term.1).nextUp)
    }
  }

  /// Forms one sign step of one point.
  ///
  /// - Parameters:
  ///   - candidate: Its row `slot` gets the perturbation after the step and the change.
  ///   - slot: The row of the pair.
  ///   - delta: The perturbation before the step.
  ///   - point: The clean point.
  ///   - gradient: M·z; the sign of each element is stepped along.
  ///   - length: The signed length of the step.
  ///   - radius: The radius of this point.
  /// - Returns: Whether any feature moves.
  func formMove(
    _ candidate: inout Candidate<Scalar>, _ slot: Int, from delta: Matrix<Scalar>,
    at point: ArraySlice<Double>, along gradient: Matrix<Scalar>, length: Scalar, radius: Scalar
  ) -> Bool {
    guard norm == .infinity else {
      return formSteepestMove(
        &candidate, slot, from: delta, at: point, along: gradient.row(slot), length: length,
        radius: radius)
    }
    let start = slot * delta.columns
    let (steps, limits) = (featureSteps(length), featureSteps(radius))
    delta.withUnsafeElements { old in
      gradient.withUnsafeElements { slope in
        point.withUnsafeBufferPointer { x in
          candidate.target.withUnsafeMutableElements { target in
            candidate.change.withUnsafeMutableElements { change in
              stepRow(
                old, slope, x, target, change, start, length: length, limit: radius, steps, limits)
            }
          }
        }
      }
    }
    candidate.longest[slot] = candidate.change.largestMagnitude(ofRow: slot)
    return candidate.longest[slot] > 0
  }

  /// The loop of ``formMove(_:_:from:at:along:length:radius:)``, on plain memory.
  ///
  /// Comparisons are written out because the compiler turns them into vector minima and maxima.
  private func stepRow(
    _ old: UnsafeBufferPointer<Scalar>, _ slope: UnsafeBufferPointer<Scalar>,
    _ x: UnsafeBufferPointer<Double>, _ target: UnsafeMutableBufferPointer<Scalar>,
    _ change: UnsafeMutableBufferPointer<Scalar>, _ start: Int, length: Scalar, limit: Scalar,
    _ steps: [Scalar]?, _ limits: [Scalar]?
  ) {
    lower.withUnsafeBufferPointer { lower in
      upper.withUnsafeBufferPointer { upper in
        guard let old = old.baseAddress.map({ $0 + start }), let x0 = x.baseAddress,
          let slope = slope.baseAddress.map({ $0 + start }), let low0 = lower.baseAddress,
          let target = target.baseAddress.map({ $0 + start }), let high0 = upper.baseAddress,
          let change = change.baseAddress.map({ $0 + start })
        else { return }
        if let steps, let limits {
          for k in 0..<x.count {
            target[k] = stepped(
              old[k], along: slope[k], steps[k], limits[k], low0[k] - x0[k], high0[k] - x0[k])
          }
        } else {
          for k in 0..<x.count {
            target[k] = stepped(
              old[k], along: slope[k], length, limit, low0[k] - x0[k], high0[k] - x0[k])
          }
        }
        for k in 0..<x.count { change[k] = target[k] - old[k] }
      }
    }
  }

  /// One feature after a sign step, clipped to the limit and to the room in the domain.
  @inline(__always)
  private func stepped(
    _ old: Scalar, along slope: Scalar, _ step: Scalar, _ limit: Scalar, _ roomBelow: Double,
    _ roomAbove: Double
  ) -> Scalar {
    let push: Scalar = slope > 0 ? step : slope < 0 ? -step : 0
    let (low, high) = (Scalar(roomBelow), Scalar(roomAbove))
    let floor = low > -limit ? low : -limit
    let ceiling = high < limit ? high : limit
    let wanted = old + push
    let raised = wanted < floor ? floor : wanted
    return raised > ceiling ? ceiling : raised
  }

  /// `length` for each feature; nil where all have the same.
  private func featureSteps(_ length: Scalar) -> [Scalar]? {
    multipliers.map { $0.indices.map { scaledDown(length, $0) } }
  }

  /// Puts `length` for the feature of each column into memory; 0 where a column has none.
  ///
  /// - Returns: The memory, or nil where all features have the same.
  func fillFeatureSteps(
    _ steps: UnsafeMutablePointer<Scalar>, _ length: Scalar, _ features: [Int32]
  ) -> UnsafePointer<Scalar>? {
    guard multipliers != nil else { return nil }
    for (column, k) in features.enumerated() {
      steps[column] = k < 0 ? 0 : scaledDown(length, Int(k))
    }
    return UnsafePointer(steps)
  }

  /// max |δₖ| / bₖ, rounded up, of a perturbation in columns whose largest element is known.
  func norm(
    _ delta: UnsafePointer<Scalar>, largest: Scalar, _ features: [Int32]
  ) -> Scalar {
    guard let multipliers else { return largest }
    return features.indices.reduce(0) { norm, column in
      delta[column] == 0
        ? norm
        : Scalar.maximum(norm, (abs(delta[column]) / multipliers[Int(features[column])]).nextUp)
    }
  }

  /// A point after a perturbation, as in ``moved(_:by:)``.
  func move(
    _ point: ArraySlice<Double>, by delta: UnsafePointer<Scalar>,
    into result: UnsafeMutablePointer<Double>
  ) {
    point.withUnsafeBufferPointer { x in
      lower.withUnsafeBufferPointer { lower in
        upper.withUnsafeBufferPointer { upper in
          guard let x0 = x.baseAddress, let l0 = lower.baseAddress, let u0 = upper.baseAddress
          else { return }
          Scalar.moved(x.count, x0, by: delta, low: l0, high: u0, result)
        }
      }
    }
  }

  /// Sets a row of `delta` to `radius` along `signs`, within the limits.
  ///
  /// - Returns: The norm of the row.
  func place(
    _ delta: inout Matrix<Scalar>, _ row: Int, at point: ArraySlice<Double>, signs: [Scalar],
    radius: Scalar
  ) -> Scalar {
    guard norm == .infinity else {
      delta.setRow(row, to: along(signs, at: point, radius: radius))
      return norm(ofRow: row, of: delta)
    }
    for (k, x) in point.enumerated() {
      let limit = scaledDown(radius, k)
      delta[row, k] = clamped(signs[k] * limit, k, x, limit)
    }
    return norm(ofRow: row, of: delta)
  }

  /// A wanted perturbation brought inside what a radius and the domain allow.
  func feasible(
    _ wanted: [Scalar], at point: ArraySlice<Double>, radius: Scalar
  ) -> [Scalar] {
    guard norm == .infinity else { return drawnBack(wanted, at: point, radius: radius) }
    return point.enumerated().map { k, x in clamped(wanted[k], k, x, scaledDown(radius, k)) }
  }

  /// Fills one row of a box with the differences x′ − y′ that one split of a shared budget allows.
  ///
  /// - Parameters:
  ///   - lower: Its row gets the lower ends.
  ///   - upper: Its row gets the upper ends.
  ///   - row: The row.
  ///   - x: The clean first point.
  ///   - y: The clean second point.
  ///   - split: What the first point may spend of a shared budget; the others ignore it.
  func fillBox(
    _ lower: inout Matrix<Double>, _ upper: inout Matrix<Double>, _ row: Int,
    first x: ArraySlice<Double>, second y: ArraySlice<Double>, split: Double
  ) {
    let own = sharing == .shared ? Scalar(split) : radius
    let other = radiusForSecond(whenFirstUses: sharing == .shared ? own : 0)
    let start = row * x.count
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        lower.withUnsafeMutableElements { low in
          upper.withUnsafeMutableElements { high in
            for k in x.indices {
              let (a, b) = (Double(scaledDown(own, k)), Double(scaledDown(other, k)))
              let (floor, ceiling) = (self.lower[k], self.upper[k])
              high[start + k] = x[k] - y[k] + (min(a, ceiling - x[k]) + min(b, y[k] - floor))
              low[start + k] = x[k] - y[k] - (min(a, x[k] - floor) + min(b, ceiling - y[k]))
            }
          }
        }
      }
    }
  }

  /// Whether what a shared budget allows depends on its split: some feature can reach a face.
  func dependsOnSplit(first x: ArraySlice<Double>, second y: ArraySlice<Double>) -> Bool {
    guard sharing == .shared else { return false }
    return zip(x, y).enumerated().contains { k, pair in
      let reach = Double(scaledDown(radius, k))
      let nearest = min(
        min(upper[k] - pair.0, pair.0 - lower[k]), min(upper[k] - pair.1, pair.1 - lower[k]))
      return nearest < reach
    }
  }

  /// A point after a perturbation, every feature as in ``moved(_:by:feature:)``.
  func moved(_ point: ArraySlice<Double>, by delta: ArraySlice<Scalar>) -> [Double] {
    zip(point, delta).enumerated().map { k, pair in
      moved(pair.0, by: Double(pair.1), feature: k)
    }
  }

  /// A point after a perturbation, never further from `x` than `delta` and inside the domain.
  func moved(_ x: Double, by delta: Double, feature k: Int) -> Double {
    var sum = x + delta
    // The rounding error of the sum is exact (Knuth's two-sum), so its sign tells an overshoot.
    let part = sum - x
    let error = (x - (sum - part)) + (delta - part)
    if delta > 0 && error < 0 { sum = sum.nextDown }
    if delta < 0 && error > 0 { sum = sum.nextUp }
    return min(max(sum, lower[k]), upper[k])
  }

  func clamped(_ value: Scalar, _ k: Int, _ x: Double, _ limit: Scalar) -> Scalar {
    let low = Scalar.maximum(-limit, Scalar(lower[k] - x))
    let high = Scalar.minimum(limit, Scalar(upper[k] - x))
    return Scalar.minimum(Scalar.maximum(value, low), high)
  }

  /// `length` times the multiplier of feature k, rounded towards zero.
  private func scaledDown(_ length: Scalar, _ k: Int) -> Scalar {
    guard let multipliers else { return length }
    let product = length * multipliers[k]
    let error = (-product).addingProduct(length, multipliers[k])
    if length > 0 && error < 0 { return product.nextDown }
    if length < 0 && error > 0 { return product.nextUp }
    return product
  }
}

/// `value` in the precision `Scalar`, not above it.
private func roundedDown<Scalar: BLASScalar>(_ value: Double) -> Scalar {
  let nearest = Scalar(value)
  return Double(nearest) > value ? nearest.nextDown : nearest
}

/// a − b for 0 ≤ b ≤ a, not above the exact difference.
private func differenceRoundedDown<Scalar: BLASScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
  let difference = a - b
  let part = a - difference
  let error = (a - (difference + part)) + (part - b)
  return max(0, error < 0 ? difference.nextDown : difference)
}
