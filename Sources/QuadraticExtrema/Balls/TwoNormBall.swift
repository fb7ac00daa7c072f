public import LinAlg

/// The largest value of (s + δ)ᵀM(s + δ) over ‖δ‖₂ ≤ ε, or over ‖δ/b‖₂ ≤ ε: a trust region problem, solved
/// in the eigenbasis.
///
/// With b = VᵀMs and the gaps q = λmax − λ the maximiser has the parts bₖ/(qₖ + t) for the t ≥ 0 at
/// which its norm is ε. When b has no part along the top eigenvectors, t may come to 0 before the norm
/// comes to ε; a top eigenvector then makes up the rest (the hard case). The unknown is t itself: in
/// the near-hard case the digits of t are lost in λmax + t (Moré and Sorensen 1983 describe both
/// cases).
///
/// Every μ > λmax gives an upper bound by weak duality, which holds whatever the errors of eigenvalues
/// and eigenvectors: for any y and r = M(s + y) − μy,
/// D(s + δ) ≤ D(s + y) + μ(ε² − ‖y‖²) + ‖r‖²/(μ − λmax).
///
/// With multipliers b, δ = Diag(b)η, everything is about η: M becomes Diag(b)·M·Diag(b) and Ms becomes b∘Ms.
public struct TwoNormBall: Sendable {
  private let form: QuadraticForm
  /// b; nil for 1 everywhere.
  private let scale: [Double]?
  /// The eigenvalues that are not 0, ascending.
  private let values: [Double]
  /// Their eigenvectors as rows.
  private let vectors: Matrix<Double>
  /// A proved bound of λmax.
  private let normBound: Double

  /// Prepares the eigenbasis.
  ///
  /// - Parameters:
  ///   - form: M.
  ///   - scale: b, not negative; 0 freezes a variable. Default: 1 for each.
  /// - Throws: ``LinAlgError`` when an element is not finite or LAPACK gives up.
  /// - Complexity: O(d³), or O(k³ + k²·d) for a factor with k < d.
  /// - Precondition: b has one number per variable.
  public init(_ form: QuadraticForm, scale: [Double]? = nil) throws(LinAlgError) {
    precondition(
      scale.map { $0.count == form.dimension } ?? true,
      "\(scale?.count ?? 0) multipliers for d = \(form.dimension)")
    self.form = form
    self.scale = scale
    let (scaled, rounding) = scale.map { form.scaled(by: $0) } ?? (form, 0)
    normBound = try scaled.spectralNormBound().plusUp(rounding)
    let (all, basis) = try scaled.eigenbasis()
    // What lies below the rounding of the largest eigenvalue is noise around 0.
    let floor = Double(form.dimension) * Double.ulpOfOne * (all.last ?? 0)
    let kept = all.indices.filter { all[$0] > floor }
    values = kept.map { all[$0] }
    vectors = basis.selectingRows(kept)
  }

  /// λmax in plain floating point, 0 when M is 0.
  public var largestEigenvalue: Double { values.last ?? 0 }

  /// The eigenvector of the largest eigenvalue, of length 1; nil when M is 0.
  public var topDirection: [Double]? {
    values.isEmpty ? nil : Array(vectors.row(values.count - 1))
  }

  /// Finds the maximum and proves a bound.
  ///
  /// - Parameters:
  ///   - center: s.
  ///   - radius: ε ≥ 0.
  /// - Returns: The value and the bound agree to about 10⁻⁹ of ε²λmax.
  /// - Precondition: s has d elements and ε is finite and not negative.
  /// - Complexity: O(d²), or O(k·d) for a factor, and O(d) per Newton step.
  public func maximum(around center: [Double], radius: Double) -> BallMaximum {
    precondition(
      center.count == form.dimension && radius >= 0 && radius.isFinite,
      "\(center.count) numbers for d = \(form.dimension), radius \(radius)")
    // Multipliers leave no room for the rounding of s, which the proof then counts by itself.
    let wide =
      scale == nil
      ? radius.plusUp(OutwardRounding.unitRoundoff.timesUp(normUp(center))) : radius
    guard let largest = values.last else {
      return BallMaximum(
        displacement: [Double](repeating: 0, count: center.count), value: form.value(at: center),
        upperBound: upperBound(center, shift: 1, slopes: [], radius: wide))
    }
    let slopes = slopes(at: center)
    let secular = SecularEquation(
      slopes: slopes.map { $0 / largest },
      gaps: values.map { 1 - $0 / largest })
    var displacement = [Double](repeating: 0, count: center.count)
    if radius > 0 {
      var inner = secular.parts(shift: secular.shift(radius: radius))
      completeHardCase(&inner, sign: slopes[slopes.count - 1], radius: radius)
      displacement = withinRadius(vectors.transposedTimes(inner), radius)
      if let scale { displacement = zip(displacement, scale).map { $0 * $1 } }
    }
    return BallMaximum(
      displacement: displacement,
      value: form.value(at: zip(center, displacement).map { $0 + $1 }),
      upperBound: upperBound(
        center, shift: secular.shift(radius: wide), slopes: slopes, radius: wide))
  }

  /// The parts of Ms, or of b∘Ms, along the eigenvectors.
  private func slopes(at center: [Double]) -> [Double] {
    guard let scale else { return zip(values, vectors.times(center)).map { $0 * $1 } }
    return vectors.times(zip(scale, form.gradient(at: center)).map { $0 * $1 })
  }

  /// What the length of the parts lacks to ε goes along the top eigenvector, where it costs nothing.
  private func completeHardCase(_ inner: inout [Double], sign: Double, radius: Double) {
    let rest = inner.dropLast().reduce(0) { $0 + $1 * $1 }
    let top = inner[inner.count - 1]
    guard rest + top * top < radius * radius else { return }
    let length = (radius * radius - rest).squareRoot()
    inner[inner.count - 1] = top < 0 || (top == 0 && sign < 0) ? -length : length
  }

  private func withinRadius(_ vector: [Double], _ radius: Double) -> [Double] {
    let norm = normUp(vector)
    return norm > radius ? vector.map { $0 * (radius / norm) } : vector
  }

  /// The dual value at μ = λmax(1 + t), proved.
  ///
  /// Below t = 10⁻¹⁰ rounding would cost more than the larger t does, which is at most 10⁻¹⁰·λmax·ε².
  private func upperBound(
    _ center: [Double], shift: Double, slopes: [Double], radius: Double
  ) -> Double {
    let mu = max(
      (values.last ?? 0) * (1 + max(shift, 1e-10)), normBound.timesUp(1 + 1e-10),
      Double.leastNormalMagnitude)
    let inner = zip(values, slopes).map { $1 / (mu - $0) }
    let eta =
      inner.isEmpty
      ? [Double](repeating: 0, count: center.count) : vectors.transposedTimes(inner)
    let z = zip(center, scale.map { zip(eta, $0).map { $0 * $1 } } ?? eta).map { $0 + $1 }
    let point = DualPoint(eta: eta, center: center, point: z, scale: scale)
    let (b, y) = (scale ?? [Double](repeating: 1, count: z.count), point.y)
    let gradient = form.gradient(at: z)
    let largest = z.reduce(0) { max($0, abs($1)) }
    let rounding = form.roundingConstant.timesUp(largest)
    let residual = z.indices.map { k in
      abs(b[k] * gradient[k] - mu * y[k])
        .plusUp(
          (6 * OutwardRounding.unitRoundoff).timesUp(max(abs(b[k] * gradient[k]), abs(mu * y[k])))
        )
        .plusUp(b[k].timesUp(rounding.timesUp(form.absoluteRowSums[k])))
        .plusUp(mu.timesUp(point.errors[k]))
        // More than what underflows, and large enough for the norm of the residual not to.
        .plusUp(1e-290)
    }
    let distance = mu.minusDown(normBound)
    let norm = normUp(residual)
    let sizes = zip(y, point.errors).map { max(0, abs($0).minusDown($1)) }
    let squares = sizes.reduce(0) { $0 + $1 * $1 }.deflated(byTerms: y.count + 2)
    let rest = radius.timesUp(radius).minusUp(squares)
    let shiftTerm = rest > 0 ? mu.timesUp(rest) : -mu.timesDown(-rest)
    return max(
      0,
      form.upperBound(at: z).plusUp(shiftTerm)
        .plusUp(norm.dividedUp(by: distance).timesUp(norm)))
  }
}

/// The η at which a dual value is taken.
private struct DualPoint {
  let y: [Double]
  /// How far each element may be from the exact (z − s)/b.
  let errors: [Double]

  /// With multipliers the point z, as it was rounded, is the exact one, and y follows from it.
  init(eta: [Double], center: [Double], point z: [Double], scale: [Double]?) {
    guard let scale else {
      (y, errors) = (eta, [Double](repeating: 0, count: eta.count))
      return
    }
    // A frozen variable stays at s; what s was rounded is within what the value at z allows for.
    let y = z.indices.map { scale[$0] > 0 ? (z[$0] - center[$0]) / scale[$0] : 0 }
    errors = z.indices.map { k in
      let u = OutwardRounding.unitRoundoff
      return scale[k] > 0
        ? u.timesUp(abs(center[k])).dividedUp(by: scale[k]).plusUp((3 * u).timesUp(abs(y[k]))) : 0
    }
    self.y = y
  }
}

/// ‖y(t)‖ = ε for yₖ(t) = bₖ/(qₖ + t).
private struct SecularEquation {
  /// b.
  let slopes: [Double]
  /// q ≥ 0.
  let gaps: [Double]

  /// y(t), with 0/0 = 0.
  func parts(shift: Double) -> [Double] {
    zip(slopes, gaps).map { $0 == 0 ? 0 : $0 / ($1 + shift) }
  }

  /// The root t, or 0 in the hard case.
  ///
  /// 1/‖y(t)‖ is nearly linear in t, so Newton's method on it takes a few steps; a step that leaves the
  /// interval known to hold the root is replaced by its middle.
  func shift(radius: Double) -> Double {
    let top = zip(slopes, gaps).reduce(0) { $1.1 == 0 ? $0 + $1.0 * $1.0 : $0 }.squareRoot()
    var low = top / radius
    var high = slopes.reduce(0) { $0 + $1 * $1 }.squareRoot() / radius
    guard high > 0 else { return 0 }
    if low == 0, norm(at: 0) <= radius { return 0 }
    var t = max(low, high * 1e-16)
    for _ in 0..<200 {
      let size = norm(at: t)
      if size > radius { low = t } else { high = t }
      guard abs(size - radius) > 1e-15 * radius, low < high else { break }
      let curvature = zip(slopes, gaps).reduce(0) { sum, term in
        term.0 == 0 ? sum : sum + (term.0 / (term.1 + t)) * (term.0 / (term.1 + t)) / (term.1 + t)
      }
      let next = t + size * size / curvature * (size - radius) / radius
      let middle = low + (high - low) / 2
      let candidate = next > low && next < high ? next : middle
      guard candidate != t, candidate.isFinite else { break }
      t = candidate
    }
    return t
  }

  private func norm(at t: Double) -> Double {
    parts(shift: t).reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

extension QuadraticForm {
  /// Diag(b)·M·Diag(b) in plain floating point, and a bound of the spectral norm of its rounding.
  fileprivate func scaled(by b: [Double]) -> (form: QuadraticForm, rounding: Double) {
    let u = 3 * OutwardRounding.unitRoundoff
    switch storage {
    case .factor(let factor):
      // Each element is rounded once: (2u + u²)·‖WB‖²_F in all.
      let scaled = factor.scalingColumns(by: b)
      let norm = frobeniusUp(scaled)
      return (
        QuadraticForm(factor: scaled),
        u.timesUp(norm.timesUp(norm))
          .plusUp(OutwardRounding.underflow(2 * (factor.columns + factor.rows)))
      )
    case .matrix(let matrix):
      var scaled = matrix
      for i in 0..<dimension {
        for j in 0...i {
          scaled[i, j] = b[i] * matrix[i, j] * b[j]
          scaled[j, i] = scaled[i, j]
        }
      }
      return (
        QuadraticForm(matrix: scaled),
        u.timesUp(frobeniusUp(scaled)).plusUp(OutwardRounding.underflow(2 * dimension * dimension))
      )
    }
  }

  /// Eigenvalues of M, ascending, and orthonormal eigenvectors as rows; for a factor with k < d only
  /// the k that may differ from 0.
  fileprivate func eigenbasis() throws(LinAlgError) -> (values: [Double], vectors: Matrix<Double>) {
    let factor: Matrix<Double>
    switch storage {
    case .matrix(let matrix):
      let eigen = try matrix.symmetricEigen()
      return (eigen.values, eigen.vectors)
    case .factor(let given): factor = given
    }
    guard factor.rows < factor.columns else {
      let eigen = try factor.gram(ofColumns: true).symmetricEigen()
      return (eigen.values, eigen.vectors)
    }
    let eigen = try factor.gram(ofColumns: false).symmetricEigen()
    var vectors = eigen.vectors * factor
    for (row, value) in eigen.values.enumerated() where value > 0 {
      let scale = 1 / value.squareRoot()
      for column in 0..<vectors.columns { vectors[row, column] *= scale }
    }
    return (eigen.values, vectors)
  }
}
