/// The names of the catalogue's data sets, as the command line writes them.
public enum DatasetName: String, CaseIterable, Sendable, CustomStringConvertible {
  /// Parkinson's disease, from recordings of voices.
  case parkinsons
  /// Heart disease, Cleveland.
  case heart
  /// Radar returns from the ionosphere; the one that needs no file.
  case ionosphere
  /// Handwritten eights and nines.
  case mnist8v9 = "mnist-8v9"
  /// Photographs of forty faces, ten each.
  case attFaces = "att-faces"
  /// Energy efficiency of buildings: is the heating load among the largest 30 %?
  case energy
  /// The same buildings: is the cooling load among the largest 30 %?
  case energyCooling = "energy-cooling"
  /// Boston housing: is the value among the largest 30 %?
  case housing
  /// Concrete: is the compressive strength among the largest 30 %?
  case concrete

  /// The name on the command line.
  public var description: String { rawValue }
}
