/// A report as Markdown.
struct MarkdownReport {
  private let document: ReportDocument
  private var parts: [String] = []

  init(document: ReportDocument) {
    self.document = document
    parts = ["# \(ReportDocument.title)", ReportDocument.lead]
    if let omission = document.omission { parts.append("**\(omission)**") }
  }

  mutating func begin(_ section: ReportSection) { parts.append("## \(section.title)") }

  mutating func add(text: String) { parts.append(text) }

  mutating func add(_ table: ReportTable) {
    parts.append(table.caption)
    parts.append(MarkdownReport.lines(header: table.header, rows: table.rows))
  }

  mutating func add(_ plot: PlotSpecification, _ drawn: PlotFiles.Drawn) {
    parts.append(
      drawn.problem.map { "(No picture: \($0). The data are in plots/\(plot.name).dat.)" }
        ?? "![\(plot.caption)](plots/\(plot.name).png)")
    parts.append(plot.caption)
  }

  mutating func add(_ picture: ReportPicture) {
    parts.append("![\(picture.caption)](pictures/\(picture.name).png)")
    parts.append(picture.caption)
  }

  mutating func add(_ findings: [Finding]) {
    parts.append(
      MarkdownReport.lines(
        header: ["statement", "verdict", "evidence"],
        rows: findings.map { [$0.statement, $0.verdict.rawValue, $0.evidence] }))
  }

  /// The whole text.
  var text: String {
    var all = parts
    all.append("## How this was made")
    all.append(MarkdownReport.lines(header: ["what", ""], rows: document.settings))
    all.append(
      MarkdownReport.lines(
        header: ["data set", "SHA-256 of its files' digests"], rows: document.digests))
    return all.joined(separator: "\n\n") + "\n"
  }

  private static func lines(header: [String], rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String {
      "| "
        + cells.map { $0.split(separator: "|").joined(separator: "\\|") }.joined(separator: " | ")
        + " |"
    }
    let rule = "|" + header.map { _ in " --- |" }.joined()
    return ([line(header), rule] + rows.map(line)).joined(separator: "\n")
  }
}
