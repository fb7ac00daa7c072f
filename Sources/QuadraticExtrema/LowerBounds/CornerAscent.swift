/// The climb of one point to a corner of its box, with Mz kept up to date column by column.
///
/// After the first step few variables move, so that their columns cost less than a product with M.
struct CornerAscent {
  let point: UnsafeMutablePointer<Double>
  /// Mz.
  let gradient: UnsafeMutablePointer<Double>
  let lower: UnsafePointer<Double>
  let upper: UnsafePointer<Double>
  /// M, row-major.
  let matrix: UnsafePointer<Double>
  /// The diagonal of M.
  let diagonal: UnsafePointer<Double>
  let dimension: Int

  /// The limit of rounds of sign iteration; it ends after 2 to 5 and the limit guards against ties.
  private static let maxRounds = 20

  /// Climbs by sign iteration, then by single flips.
  ///
  /// - Parameter value: zᵀMz at the start.
  /// - Returns: zᵀMz at the corner, in plain floating point.
  func run(from value: Double) -> Double {
    for _ in 0..<CornerAscent.maxRounds {
      guard moveToSigns() else { break }
    }
    let reached = dot(point, gradient, dimension)
    // The value itself when nothing moved or when rounding hides the gain.
    return max(value, reached) + flip(scale: max(value, reached))
  }

  /// Moves every variable to the end its gradient points to; a zero gradient leaves it.
  private func moveToSigns() -> Bool {
    // All ends are chosen by the gradient before the first move changes it.
    let moves = (0..<dimension).compactMap { k -> (variable: Int, move: Double)? in
      let end = gradient[k] > 0 ? upper[k] : (gradient[k] < 0 ? lower[k] : point[k])
      guard end != point[k] else { return nil }
      defer { point[k] = end }
      return (k, end - point[k])
    }
    for (variable, move) in moves { addColumn(variable, times: move) }
    return !moves.isEmpty
  }

  /// Flips single variables of the corner, largest gain first, and returns the sum of the gains.
  private func flip(scale: Double) -> Double {
    var total = 0.0
    // A gain below the rounding of the value itself is noise, and could flip back and forth.
    let threshold = 1e-13 * scale
    for _ in 0..<(4 * dimension) {
      guard let (k, gain) = bestFlip(above: threshold) else { break }
      let move = otherEnd(k) - point[k]
      point[k] = otherEnd(k)
      addColumn(k, times: move)
      total += gain
    }
    return total
  }

  private func otherEnd(_ k: Int) -> Double { point[k] == upper[k] ? lower[k] : upper[k] }

  /// The variable whose flip gains most, the first of equals; nil where none gains enough.
  private func bestFlip(above threshold: Double) -> (variable: Int, gain: Double)? {
    var gains = SIMD8<Double>(repeating: threshold)
    var places = SIMD8<Double>(repeating: -1)
    var k = 0
    while k + 8 <= dimension {
      let (z, high) = (eight(point, k), eight(upper, k))
      let e = high.replacing(with: eight(lower, k), where: z .== high) - z
      let gain = e * (2 * eight(gradient, k) + eight(diagonal, k) * e)
      let isBetter = gain .> gains
      gains.replace(with: gain, where: isBetter)
      places.replace(with: Double(k), where: isBetter)
      k += 8
    }
    var best: (variable: Int, gain: Double) = (-1, threshold)
    for lane in 0..<8 where places[lane] >= 0 {
      let variable = Int(places[lane]) + lane
      if gains[lane] > best.gain || (gains[lane] == best.gain && variable < best.variable) {
        best = (variable, gains[lane])
      }
    }
    while k < dimension {
      let e = otherEnd(k) - point[k]
      let gain = e * (2 * gradient[k] + diagonal[k] * e)
      if gain > best.gain { best = (k, gain) }
      k += 1
    }
    return best.variable >= 0 ? best : nil
  }

  /// Mz ← Mz + move·M₍ₖ₎; M is symmetric, so its rows are its columns.
  private func addColumn(_ k: Int, times move: Double) {
    let column = matrix + k * dimension
    for i in 0..<dimension { gradient[i] += move * column[i] }
  }
}
