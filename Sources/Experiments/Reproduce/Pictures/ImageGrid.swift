/// Examples side by side, each a block of three rows: attacked, perturbation, clean.
struct ImageGrid {
  /// The grid.
  let image: GrayImage

  /// How much perturbations are amplified: 3 of 255 grey levels become 120.
  static let amplification = 40
  private static let gap = 6

  /// Lays out examples of one size; nil when there are none.
  init?(_ examples: [PicturedExample]) {
    guard let first = examples.first else { return nil }
    let factor = max(1, 96 / max(first.width, 1))
    let (width, height) = (first.width * factor, first.height * factor)
    let blocks = examples.map(\.clean.count)
    let images = blocks.reduce(0, +)
    let gap = ImageGrid.gap
    var grid = GrayImage(
      width: images * (width + gap) + (examples.count - 1) * 3 * gap + gap,
      height: 3 * (height + gap) + gap)
    var x = gap
    for example in examples {
      for index in example.clean.indices {
        let rows = [
          example.attacked[index], ImageGrid.perturbation(example, index), example.clean[index],
        ]
        for (row, pixels) in rows.enumerated() {
          let picture = GrayImage(width: example.width, height: example.height, pixels: pixels)
          grid.paste(picture.enlarged(by: factor), x: x, y: gap + row * (height + gap))
        }
        x += width + gap
      }
      x += 3 * gap
    }
    image = grid
  }

  /// The amplified perturbation around mid-grey.
  private static func perturbation(_ example: PicturedExample, _ index: Int) -> [UInt8] {
    zip(example.attacked[index], example.clean[index]).map { attacked, clean in
      UInt8(clamping: 128 + amplification * (Int(attacked) - Int(clean)))
    }
  }
}
