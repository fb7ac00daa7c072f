internal import LinAlg

/// The relaxation of max tᵀMt over the cube by coordinate ascent on unit vectors.
///
/// X = VVᵀ with unit rows vᵢ; each vᵢ becomes the direction of Σⱼ≠ᵢ Mᵢⱼvⱼ, which maximises ⟨M, X⟩ in
/// that row (the mixing method of Wang, Chang and Kolter, arXiv 1706.00476). At the optimum
/// yᵢ = Mᵢᵢ + ‖Σⱼ≠ᵢ Mᵢⱼvⱼ‖ is dual feasible; before it, y is only nearly so and must be scaled.
struct CoordinateAscent {
  /// The number of columns of V: two SIMD vectors.
  ///
  /// The optimum needs about √(2n); measured on learned metrics, 16 columns lose less than 10⁻³.
  private static let rank = 16
  /// The relative growth of ⟨M, X⟩ per sweep at which to stop.
  private static let tolerance = 1e-6

  private var vectors: [Double]
  private(set) var dual: [Double]
  private(set) var value = 0.0

  /// Ascends with a dense M, in O(16·n²) per sweep.
  init(matrix: Matrix<Double>, maxSweeps: Int = 200) {
    let n = matrix.rows
    (vectors, dual) = (Self.start(n), [Double](repeating: 0, count: n))
    matrix.withUnsafeElements { m in
      guard let m0 = m.baseAddress else { return }
      ascend(count: n, maxSweeps: maxSweeps) { i, state in
        let direction = Self.combination(m0 + i * n, n, state.vectors)
        return state.replace(i, direction, diagonal: m0[i * n + i]).value
      }
    }
  }

  /// Ascends with W alone, in O(32·k·d) per sweep.
  init(factor: Matrix<Double>, maxSweeps: Int = 25) {
    let (k, n) = (factor.rows, factor.columns)
    (vectors, dual) = (Self.start(n), [Double](repeating: 0, count: n))
    let columns = factor.transposed()
    let diagonal = (0..<n).map { columns.row($0).reduce(0) { $0 + $1 * $1 } }
    var images = factor * Matrix(rows: n, columns: Self.rank, elements: vectors)
    columns.withUnsafeElements { w in
      images.withUnsafeMutableElements { image in
        guard let w0 = w.baseAddress, let p0 = image.baseAddress else { return }
        ascend(count: n, maxSweeps: maxSweeps) { i, state in
          let direction = Self.combination(w0 + i * k, k, p0)
          let (value, move) = state.replace(i, direction, diagonal: diagonal[i])
          for row in 0..<k {
            let target = p0 + row * Self.rank
            let weight = w0[i * k + row]
            Self.store(target, eight(target, 0) + weight * move.0, 0)
            Self.store(target, eight(target, 8) + weight * move.1, 8)
          }
          return value
        }
      }
    }
  }

  /// Sweeps until the value no longer grows.
  private mutating func ascend(
    count: Int, maxSweeps: Int, _ update: (Int, inout CoordinateAscent) -> Double
  ) {
    for _ in 0..<maxSweeps {
      let previous = value
      value = 0
      for i in 0..<count { value += update(i, &self) }
      // Σ vᵢᵀ(Σⱼ Mᵢⱼvⱼ) over a sweep equals ⟨M, X⟩ up to the progress of the sweep.
      if value - previous <= Self.tolerance * value { break }
    }
  }

  /// Replaces vᵢ by the direction of Σⱼ Mᵢⱼvⱼ − Mᵢᵢvᵢ.
  private mutating func replace(
    _ i: Int, _ product: (SIMD8<Double>, SIMD8<Double>), diagonal: Double
  ) -> (value: Double, move: (SIMD8<Double>, SIMD8<Double>)) {
    vectors.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return (0, (.zero, .zero)) }
      let v = base + i * Self.rank
      let old = (eight(v, 0), eight(v, 8))
      let direction = (product.0 - diagonal * old.0, product.1 - diagonal * old.1)
      let norm = ((direction.0 * direction.0).sum() + (direction.1 * direction.1).sum())
        .squareRoot()
      dual[i] = diagonal + norm
      guard norm > 0 else { return (diagonal, (.zero, .zero)) }
      let new = (direction.0 / norm, direction.1 / norm)
      Self.store(v, new.0, 0)
      Self.store(v, new.1, 8)
      return (diagonal + norm, (new.0 - old.0, new.1 - old.1))
    }
  }

  /// Σⱼ weightⱼ·rowⱼ over rows of ``rank`` columns.
  private static func combination(
    _ weights: UnsafePointer<Double>, _ count: Int, _ rows: UnsafePointer<Double>
  ) -> (SIMD8<Double>, SIMD8<Double>) {
    var sum = (SIMD8<Double>.zero, SIMD8<Double>.zero)
    for j in 0..<count {
      sum.0 += weights[j] * eight(rows, j * rank)
      sum.1 += weights[j] * eight(rows, j * rank + 8)
    }
    return sum
  }

  @inline(__always)
  private static func store(_ p: UnsafeMutablePointer<Double>, _ v: SIMD8<Double>, _ k: Int) {
    UnsafeMutableRawPointer(p + k).storeBytes(of: v, as: SIMD8<Double>.self)
  }

  /// Unit rows in fixed pseudo-random directions: the optimum does not depend on them.
  private static func start(_ n: Int) -> [Double] {
    var rng = SplitMix64(seed: 1)
    var rows = Matrix<Double>.randomNormal(rows: n, columns: rank, using: &rng).elements
    for i in 0..<n {
      let row = (i * rank)..<((i + 1) * rank)
      let norm = rows[row].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for k in row { rows[k] /= norm }
    }
    return rows
  }
}
