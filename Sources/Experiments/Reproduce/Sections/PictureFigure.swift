internal import Datasets
internal import MetricModels

/// Paper, Figures 2 to 5: images before and after an attack at ε = 0.01.
struct PictureFigure: Experiment {
  let name: ReproductionName
  private let dataset: DatasetName
  private let learner: LearnerKind
  private let method: Split.Method
  /// What the pairs read as after the attack, or `triplet`.
  private let role: String
  private let title: String

  static let figure2 = PictureFigure(
    name: .figure2, dataset: .mnist8v9, learner: .lmnn, method: .random, role: "dissimilar",
    title: "Figure 2: adversarial dissimilar pairs of digits, LMNN")
  static let figure3 = PictureFigure(
    name: .figure3, dataset: .attFaces, learner: .scml, method: .identity, role: "dissimilar",
    title: "Figure 3: adversarial dissimilar pairs of faces, SCML")
  static let figure4 = PictureFigure(
    name: .figure4, dataset: .mnist8v9, learner: .lmnn, method: .random, role: "similar",
    title: "Figure 4: adversarial similar pairs of digits, LMNN")
  static let figure5 = PictureFigure(
    name: .figure5, dataset: .mnist8v9, learner: .lmnn, method: .random, role: "triplet",
    title: "Figure 5: adversarial triplets of digits, LMNN")

  func datasets(_ options: ReproductionOptions) -> [DatasetName] { [dataset] }

  func cells(_ options: ReproductionOptions, _ library: DatasetLibrary) -> [any CellWork] {
    let chosen = options.isSmall ? LearnerKind.gmml : learner
    return Table2.cells(dataset, [chosen], [method], options, library)
  }

  func section(_ results: ResultSet, _ options: ReproductionOptions) -> ReportSection {
    var section = ReportSection(name: name, title: title)
    let epsilon = ImageCell.pictureRadius
    let rate = results.summary("\(role)SuccessRate", epsilon: epsilon) { _ in true }
    let levels = results.summary("\(role)SuccessRateInGreyLevels", epsilon: epsilon) { _ in true }
    let targets = results.summary("\(role)Targets") { _ in true }
    section.say(
      "At ε = 0.01 the attack \(goal): it succeeds on \(percentText(rate)) of the "
        + "\(targets.map { grouped(Int($0.mean)) } ?? "0") \(things) that are right when clean (mean "
        + "over \(options.splits)), and still on \(percentText(levels)) after every pixel is rounded to "
        + "a whole grey level, towards the clean image, as an image file needs.")
    let examples = results.records.first { !shown($0).isEmpty }.map(shown) ?? []
    if let grid = ImageGrid(examples) {
      section.blocks.append(
        .picture(
          ReportPicture(
            name: name.rawValue,
            caption:
              "Rows from the top: adversarial, perturbation (\(ImageGrid.amplification) times "
              + "amplified, mid-grey is none), original. \(examples.count) examples side by side.",
            image: grid.image)))
      section.blocks.append(.table(table(examples)))
    } else {
      section.say("No attack of this size survives the rounding, so there is nothing to show.")
    }
    section.say(
      "The paper shows examples without saying how often the attack succeeds at this ε; the examples "
        + "here are spread evenly over all that survive the rounding, not picked by hand.")
    return section
  }

  private func shown(_ record: CellRecord) -> [PicturedExample] {
    (record.result.pictures ?? []).filter { $0.role == role }
  }

  private func percentText(_ summary: SampleSummary?) -> String {
    summary.map { "\(fixed(100 * $0.mean, 1)) %" } ?? "none"
  }

  private var goal: String {
    switch role {
    case "dissimilar": "makes similar pairs read as dissimilar"
    case "similar": "makes dissimilar pairs read as similar"
    default:
      "moves the middle image so that the left one is farther from it than from the right one"
    }
  }

  private var things: String { role == "triplet" ? "triplets" : "pairs" }

  private func table(_ examples: [PicturedExample]) -> ReportTable {
    ReportTable(
      caption: "Squared distances of the pairs shown, checked again in whole grey levels.",
      header: [
        "images (rows of the data set)", "clean", "attacked", "in whole grey levels", "threshold",
        "largest change (grey levels)",
      ],
      rows: examples.map { example in
        let change = zip(example.clean, example.attacked).map { clean, attacked in
          zip(clean, attacked).map { abs(Int($0) - Int($1)) }.max() ?? 0
        }
        return [example.rows.map(String.init).joined(separator: ", ")]
          + example.distances.map { short($0) }
          + [short(example.threshold), change.map(String.init).joined(separator: " and ")]
      })
  }
}
