internal import Datasets

#if canImport(FoundationEssentials)
  private import FoundationEssentials
#else
  private import Foundation
#endif

/// Everything that determines the result of a cell, and so the name of its file.
public struct CellIdentity: Codable, Hashable, Sendable {
  /// What is computed.
  public var kind: String
  /// The version of how it is computed, raised whenever a result may change.
  public var version: Int
  /// The version of the toolkit.
  public var tool = toolVersion
  /// The data set.
  public var dataset: String
  /// The digest of the data set's files.
  public var data: String
  /// The model: a learner or a regulariser.
  public var model: String
  /// How the model is made: an optimiser, or whose settings a learner gets.
  public var variant: String
  /// The total weight of the regulariser, where there is one.
  public var weight: Double?
  /// The seed of the split and of the learner.
  public var seed: UInt64
  /// All other options, by name.
  public var settings: [String: String]

  /// The SHA-256 digest of all of it, 64 hexadecimal digits.
  public var digest: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Texts and finite numbers always encode.
    guard let data = try? encoder.encode(self) else { preconditionFailure("\(self)") }
    return SHA256.digest(of: Array(data))
  }
}

/// A unit of work: a pure function of its identity and of the data set that the identity names.
protocol CellWork: Sendable {
  /// What determines the result.
  var identity: CellIdentity { get }
  /// The data set.
  var dataset: DatasetName { get }
  /// Whether the cell is worth several threads of its own; small cells run side by side instead.
  var isLarge: Bool { get }

  /// Computes the cell.
  ///
  /// - Parameters:
  ///   - data: The data set, scaled to [0, 1].
  ///   - threads: How many tiles may run at once; the result must not depend on it.
  /// - Returns: What was measured.
  /// - Throws: The errors of the models, attacks and certificates.
  func compute(_ data: Dataset, threads: Int) throws -> CellResult
}

extension CellWork {
  var isLarge: Bool { false }
}
