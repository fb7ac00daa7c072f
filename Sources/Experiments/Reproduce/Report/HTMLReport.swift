private import Mustache

#if canImport(FoundationEssentials)
  private import FoundationEssentials
#else
  private import Foundation
#endif

/// A report as one HTML file that needs no other.
struct HTMLReport {
  private let document: ReportDocument
  private var sections: [[String: Any]] = []

  init(document: ReportDocument) { self.document = document }

  mutating func begin(_ section: ReportSection) {
    sections.append([
      "id": section.name.rawValue, "title": section.title, "blocks": [] as [[String: Any]],
    ])
  }

  private mutating func add(_ kind: String, _ contents: [String: Any]) {
    guard let last = sections.indices.last else { return }
    var blocks = sections[last]["blocks"] as? [[String: Any]] ?? []
    blocks.append([kind: contents])
    sections[last]["blocks"] = blocks
  }

  mutating func add(text: String) { add("paragraph", ["text": text]) }

  mutating func add(_ table: ReportTable) {
    add(
      "table",
      ["caption": table.caption, "header": table.header, "rows": table.rows.map { ["cells": $0] }])
  }

  mutating func add(_ plot: PlotSpecification, _ drawn: PlotFiles.Drawn) {
    var contents: [String: Any] = ["caption": plot.caption, "name": plot.name]
    if let svg = drawn.svg { contents["svg"] = svg }
    if let problem = drawn.problem { contents["problem"] = problem }
    add("plot", contents)
  }

  mutating func add(_ picture: ReportPicture, png: [UInt8]) {
    add(
      "picture",
      [
        "caption": picture.caption, "base64": Data(png).base64EncodedString(),
        "width": picture.image.width,
        "height": picture.image.height,
      ])
  }

  mutating func add(_ findings: [Finding]) {
    let rows = findings.map { finding -> [String: Any] in
      let kind =
        switch finding.verdict {
        case .holds: "holds"
        case .contradicted: "contradicted"
        case .open: "open"
        }
      return [
        "statement": finding.statement, "verdict": finding.verdict.rawValue, "class": kind,
        "evidence": finding.evidence,
      ]
    }
    add("findings", ["rows": rows])
  }

  /// The whole file.
  ///
  /// - Throws: The error of the template, which is fixed.
  func text() throws -> String {
    var context: [String: Any] = [
      "title": ReportDocument.title, "lead": ReportDocument.lead, "sections": sections,
      "settings": document.settings.map { ["name": $0[0], "value": $0[1]] },
      "digests": document.digests.map { ["name": $0[0], "value": $0[1]] },
    ]
    if let omission = document.omission { context["omission"] = omission }
    return try MustacheTemplate(string: htmlReportTemplate).render(context)
  }
}
