private import Glibc

/// Colours that readers with any colour vision can tell apart (Okabe and Ito 2008).
enum Palette {
  /// Blue, vermilion, green, orange, purple, black.
  static let colors = ["#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#000000"]

  /// Line types 1 to 6 of gnuplot: a colour and a point each.
  static let lineTypes = colors.enumerated().map { place, color in
    "set linetype \(place + 1) lc rgb \"\(color)\" lw 1.6 pt \([7, 5, 9, 13, 11, 4][place]) ps 0.6"
  }.joined(separator: "\n")

  /// The legend above all panels of a multiplot, or none: the first panel draws it for all.
  static func legend(_ isFirst: Bool) -> String {
    isFirst
      ? "set key at screen 0.5,0.995 center top vertical maxrows 1 samplen 2.5 width 2"
      : "unset key"
  }

  /// The distance of tics, 1, 2 or 5 times a power of ten, that puts at most six on a range.
  static func ticStep(_ values: [Double]) -> Double {
    guard let low = values.min(), let high = values.max(), high > low else { return 0.1 }
    let least = (high - low) / 5
    let power = pow(10, floor(log10(least)))
    return power * ([1, 2, 5].first { $0 * power >= least } ?? 10)
  }
}
