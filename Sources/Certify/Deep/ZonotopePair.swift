internal import LinAlg
internal import QuadraticExtrema

/// Upper bounds of ‖z − z′‖² for z and z′ in two zonotopes.
///
/// The difference is c + Ge with the columns of both, so that ‖c + Ge‖² = tᵀFᵀFt for F = [c, G] and
/// signs t with t₀ = 1: the quadratic over the cube of ``CubeRelaxation``.
struct ZonotopePair {
  /// F, outputs×(1 + columns), without columns that are as good as zero.
  private let form: QuadraticForm
  /// A bound of the norm of everything that F leaves out.
  private let slack: Double
  /// Whether F is finite; else there is no bound.
  private let isFinite: Bool

  init(_ first: Zonotope, _ second: Zonotope) {
    let k = first.center.count
    let difference = zip(first.center, second.center).map { $0 - $1 }
    let n = first.generators.columns
    var rest = (0..<k).map { row in
      first.slack[row].plusUp(second.slack[row])
        .plusUp(2 * OutwardRounding.unitRoundoff * abs(difference[row]))
    }
    let columns = ZonotopePair.usedColumns(first, second, &rest)
    form = QuadraticForm(
      factor: Matrix(rows: k, columns: 1 + columns.count) { f in
        let width = 1 + columns.count
        for row in 0..<k {
          f[row * width] = difference[row]
          for (at, j) in columns.enumerated() {
            f[row * width + 1 + at] =
              j < n ? first.generators[row, j] : -second.generators[row, j - n]
          }
        }
      })
    slack = normUp(rest)
    isFinite =
      slack.isFinite && difference.allSatisfy(\.isFinite)
      && [first, second].allSatisfy { $0.generators.elements.allSatisfy(\.isFinite) }
  }

  /// The columns of [G, G′] that count; the others, below 10⁻¹² of the largest, go into ρ, since they
  /// would only hurt the conditioning of the kernel.
  private static func usedColumns(
    _ first: Zonotope, _ second: Zonotope, _ rest: inout [Double]
  ) -> [Int] {
    let sides = [first.generators, second.generators]
    let sizes = sides.flatMap { side in
      (0..<side.columns).map { j in (0..<side.rows).reduce(0.0) { max($0, abs(side[$1, j])) } }
    }
    let smallest = 1e-12 * (sizes.max() ?? 0)
    for size in sizes where size > 0 && size <= smallest {
      for row in rest.indices { rest[row] = rest[row].plusUp(size) }
    }
    return sizes.indices.filter { sizes[$0] > smallest }
  }

  /// (√value + ‖ρ‖)².
  private func widened(_ value: Double) -> Double {
    let root = value.rootUp().plusUp(slack)
    return root.timesUp(root)
  }

  /// The bound Σ|FᵀF|ᵢⱼ.
  ///
  /// - Complexity: O(k·n²).
  func absoluteBound() -> Double {
    guard isFinite else { return .infinity }
    return widened(form.absoluteSumBound(scale: [Double](repeating: 1, count: form.dimension)))
  }

  /// The bound ‖c‖² + 2‖Gᵀc‖₁ + B(GᵀG): exact in what is linear, which is most of it at small radii.
  ///
  /// B comes from coordinate ascent with G alone.
  ///
  /// - Returns: The bound.
  /// - Throws: `LinAlgError` when an eigenvalue can't be computed.
  /// - Complexity: O(k·n) per sweep of the ascent and O(k³ + k²·n) for its proof.
  func separableBound() throws(LinAlgError) -> Double {
    guard isFinite, case .factor(let factor) = form.storage, form.dimension > 1 else {
      return .infinity
    }
    let (k, n) = (factor.rows, factor.columns - 1)
    let generators = Matrix(
      rows: k, columns: n, elements: (0..<k).flatMap { factor.row($0).dropFirst() })
    let dual = [0] + (try QuadraticForm(factor: generators).lowRankCubeDual(of: generators))
    let center = [1] + [Double](repeating: 0, count: n)
    let value = factor.column(0).reduce(0) { $0 + $1 * $1 }
    return widened(
      form.separableBound(
        center: center, gradient: form.gradient(at: center), value: value,
        lower: [1] + [Double](repeating: -1, count: n), upper: [Double](repeating: 1, count: n + 1),
        dual: dual))
  }

  /// The bound of the semidefinite relaxation, with a verified dual.
  ///
  /// - Parameter target: Stop when the bound is surely below.
  /// - Returns: The bound.
  /// - Throws: `LinAlgError` when an eigenvalue can't be computed.
  /// - Complexity: About 5n³ per step of the interior point up to 256 columns, O(k·n) per sweep of the
  ///   coordinate ascent beyond.
  func relaxedBound(target: Double) throws(LinAlgError) -> Double {
    guard isFinite else { return .infinity }
    guard form.dimension <= 256 else {
      return widened(sumUp(try form.cubeDual(spectralNorm: try form.spectralNormBound())))
    }
    guard let matrix = form.gram else { return absoluteBound() }
    // A little below, for what the proof and the slack add.
    let root = max(0, target.rootDown() - slack)
    let relaxation = CubeRelaxation(
      of: matrix, tolerance: 1e-6, target: target > 0 ? root * root * (1 - 1e-9) : -.infinity)
    let proved = VerifiedDual(proving: relaxation.dual, for: matrix).diagonal
    return widened(sumUp(zip(proved, form.gramRoundingDiagonal).map { $0.plusUp($1) }))
  }
}

extension QuadraticForm {
  /// FᵀF in plain floating point, nil where a matrix is given.
  fileprivate var gram: Matrix<Double>? {
    guard case .factor(let factor) = storage else { return nil }
    return factor.gram(ofColumns: true)
  }
}
