/// Why a data set of the catalogue can't be had, or can't be split as asked.
public enum CatalogueProblem: Equatable, Sendable {
  /// The data set is read from a file, and no directory was given.
  case needsDirectory
  /// The directory doesn't hold the file.
  case fileMissing(file: String, directory: String)
  /// The file's table has another size than the catalogue's.
  case wrongShape(file: String, found: String, expected: String)
  /// A value of the file's label column is not one of the classes.
  case unknownClass(file: String, row: Int, value: String)
  /// A training part of `requested` points leaves fewer than two of `size` to test on.
  case badTrainingCount(requested: Int, size: Int)
  /// Not one identity fits whole into a training or test part of these sizes.
  case noWholeIdentity(training: Int, test: Int)
  /// The rows aren't known to belong to identities.
  case noIdentities

  var kind: DatasetError.Kind {
    switch self {
    case .needsDirectory, .fileMissing: .missing
    case .wrongShape, .unknownClass, .badTrainingCount, .noWholeIdentity, .noIdentities: .badData
    }
  }
}

extension CatalogueProblem: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .needsDirectory:
      "no data directory is known; name one with --data-dir or ROBUSTMETRIC_DATA, "
        + "or run 'robustmetric datasets fetch'"
    case .fileMissing(let file, let directory):
      "\(printable(directory, standardStream: directory)) holds no \(quoted(file)); "
        + "check --data-dir or run 'robustmetric datasets fetch'"
    case .wrongShape(let file, let found, let expected):
      "\(quoted(file)) is \(found) and should be \(expected); run 'robustmetric datasets verify'"
    case .unknownClass(let file, let row, let value):
      "\(quoted(file)), row \(row) (from 0): \(quoted(value)) is no class of this data set; "
        + "run 'robustmetric datasets verify'"
    case .badTrainingCount(let requested, let size):
      "\(counted(requested, "training point")) of \(size) cannot be; use 1 to \(size - 2)"
    case .noWholeIdentity(let training, let test):
      "\(counted(training, "training point")) and \(test) to test on hold no whole identity; "
        + "ask for more, or split at random"
    case .noIdentities: "its rows belong to no known identities; split at random"
    }
  }
}
