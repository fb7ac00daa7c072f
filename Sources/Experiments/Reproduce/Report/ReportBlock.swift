/// One experiment in a report.
public struct ReportSection: Equatable, Sendable {
  /// Its name, as on the command line.
  public var name: ReproductionName
  /// What it shows.
  public var title: String
  /// Its contents, in order.
  public var blocks: [ReportBlock] = []

  mutating func say(_ text: String) { blocks.append(.text(text)) }
}

/// A piece of a section.
public enum ReportBlock: Equatable, Sendable {
  /// A paragraph.
  case text(String)
  /// A table.
  case table(ReportTable)
  /// A plot.
  case plot(PlotSpecification)
  /// A picture made of images.
  case picture(ReportPicture)
  /// Statements that were put to the test.
  case findings([Finding])
}

/// A table of texts.
public struct ReportTable: Equatable, Sendable {
  /// What it shows, with units.
  public var caption: String
  /// The names of the columns.
  public var header: [String]
  /// The rows, each as long as the header.
  public var rows: [[String]]
}

/// A statement that was put to the test.
public struct Finding: Equatable, Sendable {
  /// The statement.
  public var statement: String
  /// What the data say of it.
  public var verdict: Verdict
  /// The interval, or the numbers.
  public var evidence: String

  /// What the data say of a statement.
  public enum Verdict: String, Equatable, Sendable {
    /// The 95 % interval lies on the statement's side of zero.
    case holds
    /// The interval lies on the other side.
    case contradicted = "does not hold"
    /// The interval contains zero.
    case open = "not decided"
  }

  /// Judges "first is larger than second" by the paired differences; nil when there are none.
  init?(_ statement: String, differences: [Double]) {
    if differences.isEmpty { return nil }
    self.statement = statement
    guard let summary = SampleSummary(differences), let half = summary.halfWidth else {
      verdict = .open
      evidence = "one split has no interval"
      return
    }
    verdict = summary.sign > 0 ? .holds : summary.sign < 0 ? .contradicted : .open
    evidence =
      "difference \(signed(summary.mean)), 95 % interval \(signed(summary.mean - half)) to "
      + "\(signed(summary.mean + half)), \(summary.count) splits"
  }

  init(_ statement: String, holds: Bool, evidence: String) {
    self.statement = statement
    verdict = holds ? .holds : .contradicted
    self.evidence = evidence
  }
}

/// Images in a grid with captions.
public struct ReportPicture: Equatable, Sendable {
  /// The name of its file, without the ending.
  public var name: String
  /// What it shows.
  public var caption: String
  /// The picture.
  public var image: GrayImage
}
