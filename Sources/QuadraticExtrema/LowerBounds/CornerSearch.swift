public import LinAlg

/// A search for a corner of a box with a large value of a convex quadratic, on batches of boxes.
///
/// Sign iteration moves every variable to the end that the gradient points to; since the form is
/// convex the value never falls, and a few rounds reach a fixed point. Then single variables are
/// flipped to their other end, largest gain first, until none gains. The result is a lower bound of
/// the maximum, attained by the corner; it is not proved to be the maximum.
public struct CornerSearch: Sendable {
  private let form: QuadraticForm
  private let columns: Matrix<Double>?

  /// Prepares the search on a form.
  ///
  /// Flips need columns of M, so a factor with 2k < d runs the sign iteration alone.
  ///
  /// - Complexity: O(k·d²) where M is formed.
  public init(_ form: QuadraticForm) {
    self.form = form.working()
    columns = self.form.matrix
  }

  /// The number of columns of the scratch that ``climb(_:lower:upper:count:products:scratch:)`` needs.
  public var scratchColumns: Int { form.scratchColumns }

  /// Moves points to corners of their boxes without lowering their value.
  ///
  /// - Parameters:
  ///   - points: The starting points, one row each, inside their boxes; become the corners found.
  ///   - lower: The lower ends of the boxes, a row each.
  ///   - upper: The upper ends of the boxes, a row each.
  ///   - count: How many rows count; the rest is padding.
  ///   - products: Work space of the shape of `points`; holds M·corner afterwards.
  ///   - scratch: Work space with ``scratchColumns`` columns.
  /// - Returns: The value at each corner, in plain floating point.
  /// - Precondition: All matrices have d columns and equally many rows.
  /// - Complexity: O(rows·d²) per round of sign iteration (2 to 5 are typical, 20 the limit), and O(d)
  ///   per flip; no allocation but the list of values.
  public func climb(
    _ points: inout Matrix<Double>, lower: Matrix<Double>, upper: Matrix<Double>, count: Int,
    products: inout Matrix<Double>, scratch: inout Matrix<Double>
  ) -> [Double] {
    precondition(
      points.columns == form.dimension && points.shape == lower.shape
        && points.shape == upper.shape && points.shape == products.shape && count <= points.rows,
      "points \(points.shape), boxes \(lower.shape) and \(upper.shape), d = \(form.dimension)")
    var values = form.evaluate(points, products: &products, scratch: &scratch)
    for _ in 0..<maxRounds {
      guard moveToSigns(&points, products, lower, upper, count) else { break }
      values = form.evaluate(points, products: &products, scratch: &scratch)
    }
    flip(&points, &products, &values, lower, upper, count)
    return values
  }

  /// The limit of rounds of sign iteration.
  ///
  /// In tens of variables it ends after 2 to 5 rounds and the limit only guards against ties. In
  /// hundreds and thousands it goes on for longer, and flips do the rest where there are columns;
  /// measured on a 240×10,304 factor, the sixth round gains less than 10⁻⁴.
  private var maxRounds: Int { form.dimension > 256 ? 6 : 20 }

  /// Moves every variable to the end its gradient points to; a zero gradient leaves it.
  private func moveToSigns(
    _ points: inout Matrix<Double>, _ products: Matrix<Double>, _ lower: Matrix<Double>,
    _ upper: Matrix<Double>, _ count: Int
  ) -> Bool {
    var changed = false
    let total = count * form.dimension
    points.withUnsafeMutableElements { z in
      products.withUnsafeElements { g in
        lower.withUnsafeElements { low in
          upper.withUnsafeElements { high in
            for k in 0..<total {
              let end = g[k] > 0 ? high[k] : (g[k] < 0 ? low[k] : z[k])
              changed = changed || end != z[k]
              z[k] = end
            }
          }
        }
      }
    }
    return changed
  }

  private func flip(
    _ points: inout Matrix<Double>, _ products: inout Matrix<Double>, _ values: inout [Double],
    _ lower: Matrix<Double>, _ upper: Matrix<Double>, _ count: Int
  ) {
    guard let columns else { return }
    let d = form.dimension
    points.withUnsafeMutableElements { z in
      products.withUnsafeMutableElements { g in
        lower.withUnsafeElements { low in
          upper.withUnsafeElements { high in
            columns.withUnsafeElements { m in
              guard let z0 = z.baseAddress, let g0 = g.baseAddress, let l0 = low.baseAddress,
                let h0 = high.baseAddress, let m0 = m.baseAddress
              else { return }
              for row in 0..<count {
                values[row] += flipGain(
                  point: z0 + row * d, gradient: g0 + row * d, lower: l0 + row * d,
                  upper: h0 + row * d, matrix: m0, dimension: d, scale: values[row])
              }
            }
          }
        }
      }
    }
  }
}

/// Flips single variables of a corner, largest gain first, and returns the sum of the gains.
///
/// The gradient Mz is kept up to date by one column of M per flip.
func flipGain(
  point z: UnsafeMutablePointer<Double>, gradient g: UnsafeMutablePointer<Double>,
  lower: UnsafePointer<Double>, upper: UnsafePointer<Double>, matrix m: UnsafePointer<Double>,
  dimension d: Int, scale: Double
) -> Double {
  var total = 0.0
  // A gain below the rounding of the value itself is noise, and could flip back and forth.
  let threshold = 1e-13 * scale
  for _ in 0..<(4 * d) {
    var (best, gain, move) = (-1, threshold, 0.0)
    for k in 0..<d {
      let e = (z[k] == upper[k] ? lower[k] : upper[k]) - z[k]
      let value = e * (2 * g[k] + m[k * d + k] * e)
      if value > gain { (best, gain, move) = (k, value, e) }
    }
    guard best >= 0 else { break }
    z[best] = move > 0 ? upper[best] : lower[best]
    let column = m + best * d
    for k in 0..<d { g[k] += move * column[k] }
    total += gain
  }
  return total
}
