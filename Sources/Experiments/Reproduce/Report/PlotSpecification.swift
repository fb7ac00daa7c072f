/// A plot as gnuplot draws it: a script, and the data that it reads.
public struct PlotSpecification: Equatable, Sendable {
  /// The name of its files, without the ending.
  public var name: String
  /// What it shows.
  public var caption: String
  /// The width of the picture in pixels.
  public var width: Int
  /// The height of the picture in pixels.
  public var height: Int
  /// The data: a table with a header.
  public var data: [[String]]
  /// The commands of gnuplot, without terminal and output.
  public var script: String
}
