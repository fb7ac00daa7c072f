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
  /// The diagonal of M, where there are columns.
  private let diagonal: [Double]

  /// Prepares the search on a form.
  ///
  /// Flips need columns of M, so a factor with 2k < d runs the sign iteration alone.
  ///
  /// - Complexity: O(k·d²) where M is formed.
  public init(_ form: QuadraticForm) {
    self.form = form.working()
    columns = self.form.matrix
    diagonal = columns?.diagonal ?? []
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
  /// - Complexity: O(rows·d²), then O(d) per variable that moves; O(rows·k·d) per round of sign iteration
  ///   for a factor. No allocation but the list of values.
  public func climb(
    _ points: inout Matrix<Double>, lower: Matrix<Double>, upper: Matrix<Double>, count: Int,
    products: inout Matrix<Double>, scratch: inout Matrix<Double>
  ) -> [Double] {
    precondition(
      points.columns == form.dimension && points.shape == lower.shape
        && points.shape == upper.shape && points.shape == products.shape && count <= points.rows,
      "points \(points.shape), boxes \(lower.shape) and \(upper.shape), d = \(form.dimension)")
    var values = form.evaluate(points, products: &products, scratch: &scratch)
    // A row in which few variables move is cheaper column by column.
    let fewest = columns == nil ? 1 : form.dimension / 4 + 1
    for _ in 0..<maxRounds {
      guard moveToSigns(&points, products, lower, upper, count, fewest: fewest) else { break }
      values = form.evaluate(points, products: &products, scratch: &scratch)
    }
    if let columns { climb(&points, &products, &values, lower, upper, count, by: columns) }
    return values
  }

  /// The limit of rounds of sign iteration by products.
  ///
  /// In tens of variables it ends after 2 to 5 rounds and the limit only guards against ties. In
  /// hundreds and thousands it goes on for longer; measured on a 240×10,304 factor, the sixth round
  /// gains less than 10⁻⁴.
  private var maxRounds: Int { form.dimension > 256 ? 6 : 20 }

  /// Moves every variable to the end its gradient points to, in the rows where at least `fewest` move;
  /// a zero gradient leaves it.
  private func moveToSigns(
    _ points: inout Matrix<Double>, _ products: Matrix<Double>, _ lower: Matrix<Double>,
    _ upper: Matrix<Double>, _ count: Int, fewest: Int
  ) -> Bool {
    var changed = false
    let d = form.dimension
    points.withUnsafeMutableElements { z in
      products.withUnsafeElements { g in
        lower.withUnsafeElements { low in
          upper.withUnsafeElements { high in
            for row in 0..<count {
              let range = (row * d)..<((row + 1) * d)
              func end(_ k: Int) -> Double { g[k] > 0 ? high[k] : (g[k] < 0 ? low[k] : z[k]) }
              var moves = 0
              for k in range where end(k) != z[k] { moves += 1 }
              guard moves >= fewest else { continue }
              changed = true
              for k in range { z[k] = end(k) }
            }
          }
        }
      }
    }
    return changed
  }

  private func climb(
    _ points: inout Matrix<Double>, _ products: inout Matrix<Double>, _ values: inout [Double],
    _ lower: Matrix<Double>, _ upper: Matrix<Double>, _ count: Int, by columns: Matrix<Double>
  ) {
    let d = form.dimension
    points.withUnsafeMutableElements { z in
      products.withUnsafeMutableElements { g in
        lower.withUnsafeElements { low in
          upper.withUnsafeElements { high in
            columns.withUnsafeElements { m in
              diagonal.withUnsafeBufferPointer { diagonal in
                guard let z0 = z.baseAddress, let g0 = g.baseAddress, let l0 = low.baseAddress,
                  let h0 = high.baseAddress, let m0 = m.baseAddress, let d0 = diagonal.baseAddress
                else { return }
                for row in 0..<count {
                  let ascent = CornerAscent(
                    point: z0 + row * d, gradient: g0 + row * d, lower: l0 + row * d,
                    upper: h0 + row * d, matrix: m0, diagonal: d0, dimension: d)
                  values[row] = ascent.run(from: values[row])
                }
              }
            }
          }
        }
      }
    }
  }
}
