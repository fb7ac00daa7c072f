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

/// Images in a grid with captions.
public struct ReportPicture: Equatable, Sendable {
  /// The name of its file, without the ending.
  public var name: String
  /// What it shows.
  public var caption: String
  /// The picture.
  public var image: GrayImage
}
