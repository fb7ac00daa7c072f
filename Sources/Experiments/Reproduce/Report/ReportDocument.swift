internal import Datasets

/// All sections of a report with what they were made of.
struct ReportDocument {
  let plan: ReproductionPlan
  private(set) var sections: [ReportSection] = []
  private(set) var kernels: [String] = []
  /// The data sets and the digests of their files.
  private(set) var digests: [[String]] = []
  private(set) var cellCount = 0

  init(plan: ReproductionPlan) {
    self.plan = plan
    cellCount = plan.digests.count
  }

  /// Adds a section and notes what its cells were computed on.
  mutating func add(_ section: ReportSection, _ set: ResultSet) {
    sections.append(section)
    for record in set.records {
      if !kernels.contains(record.kernel) { kernels.append(record.kernel) }
      let row = [record.identity.dataset, record.identity.data]
      if !digests.contains(row) { digests.append(row) }
    }
  }

  /// Adds a section that says what an experiment lacks.
  mutating func addEmpty(_ name: ReproductionName, _ options: ReproductionOptions) {
    var section = ReportSection(name: name, title: "\(name.rawValue): left out")
    let needed = name.experiment.datasets(options).map(\.rawValue).joined(separator: ", ")
    section.say("None of its data sets is there: \(needed).")
    sections.append(section)
  }

  /// A report as text, and why it has no plots.
  struct Rendered {
    let html: String
    let markdown: String
    let plotProblem: String?
  }

  /// Draws the plots, writes the pictures and renders the report.
  ///
  /// - Throws: ``DatasetError`` when a file can't be written.
  func render(plots: PlotFiles, images: PictureFiles) throws -> Rendered {
    var problem: String?
    var html = HTMLReport(document: self)
    var markdown = MarkdownReport(document: self)
    for section in sections {
      html.begin(section)
      markdown.begin(section)
      for block in section.blocks {
        switch block {
        case .plot(let plot):
          let drawn = try plots.draw(plot)
          problem = problem ?? drawn.problem
          html.add(plot, drawn)
          markdown.add(plot, drawn)
        case .picture(let picture):
          let bytes = try images.write(picture)
          html.add(picture, png: bytes)
          markdown.add(picture)
        case .text(let text):
          html.add(text: text)
          markdown.add(text: text)
        case .table(let table):
          html.add(table)
          markdown.add(table)
        case .findings(let findings):
          html.add(findings)
          markdown.add(findings)
        }
      }
    }
    return Rendered(html: try html.text(), markdown: markdown.text, plotProblem: problem)
  }

  /// What the numbers were made with.
  var settings: [[String]] {
    [
      ["RobustMetric", toolVersion],
      ["experiments", plan.names.map(\.rawValue).joined(separator: ", ")],
      ["splits", "\(plan.options.splits), seeds from \(plan.options.firstSeed)"],
      [
        "size", plan.options.isSmall ? "small: a check that everything runs, not a result" : "full",
      ],
      ["computed on", kernels.joined(separator: "; ")], ["cells", grouped(cellCount)],
    ]
  }

  /// The first lines of every report.
  static let title = "On the robustness of metric learning: tables and figures, reproduced"
  static let lead =
    "Tables and figures of Huai, Zheng, Miao, Yao and Zhang, On the Robustness of Metric Learning: An "
    + "Adversarial Perspective (ACM TKDD 16, 2022), computed anew, each beside the paper's numbers. An "
    + "attack is a lower bound of what an attacker can do and a certificate an upper bound: the truth "
    + "lies between. A finding holds only if the 95 % interval of its paired difference over the splits "
    + "excludes zero."

  /// A sentence on what is missing; nil when nothing is.
  var omission: String? {
    plan.missing.isEmpty
      ? nil
      : "Left out because the data are not there: \(plan.missing.joined(separator: ", ")). Give "
        + "--data-dir, or fetch them with 'robustmetric datasets fetch'."
  }
}
