import ArgumentParser
import Datasets
import Experiments
import Glibc
import LinAlg
import MetricModels

/// A failure with the one line that the user sees and the exit status.
struct Failure: Error, CustomStringConvertible {
  /// The exit statuses of the command line.
  enum Status: Int32 {
    case answerIsNo = 1
    case usage = 64
    case badData = 65
    case missingInput = 66
    case unavailable = 69
    case internalError = 70
    case cannotCreate = 73
    case inputOutput = 74
  }

  let status: Status
  let description: String

  init(_ status: Status, _ description: String) {
    self.status = status
    self.description = description
  }

  /// A mistake in the arguments.
  static func usage(_ sentence: String) -> Failure { Failure(.usage, sentence) }
}

extension Failure.Status {
  init(_ kind: DatasetError.Kind) {
    self =
      switch kind {
      case .missing: .missingInput
      case .badData: .badData
      case .io: .inputOutput
      case .cannotCreate: .cannotCreate
      case .unavailable: .unavailable
      }
  }
}

extension RobustMetric {
  /// Prints one line about `error` to standard error, or the text that was asked for, and exits.
  static func fail(_ error: any Error) -> Never {
    switch error {
    case let failure as Failure: stop(failure.description, failure.status)
    case let error as DatasetError: stop(error.description, .init(error.kind))
    case let error as MetricModelsError: stop(error.description, .badData)
    case let error as LinAlgError: stop(error.description, .badData)
    case let error as ReproductionError: stop(error.description, .init(error.kind))
    case let error as ExperimentsError: stop(error.description, .internalError)
    default: parserDecides(error)
    }
  }

  private static func stop(_ line: String, _ status: Failure.Status) -> Never {
    writeToStandardError("error: \(line)\n")
    Glibc.exit(status.rawValue)
  }

  /// Help and version go to standard output; a mistake in the arguments is one line.
  private static func parserDecides(_ error: any Error) -> Never {
    let code = exitCode(for: error)
    if code == .success {
      print(fullMessage(for: error))
      Glibc.exit(0)
    }
    if let silent = error as? ExitCode { Glibc.exit(silent.rawValue) }
    let usage = fullMessage(for: error).split(separator: "\n").last { $0.contains("--help") }
    let hint = usage.map { "; " + $0.drop { $0 == " " }.lowercasedFirst } ?? ""
    let sentence = message(for: error).split(separator: "\n").map { line in
      let text = line.drop { $0 == " " }
      return text.hasPrefix("- ") ? text.dropFirst(2) + "," : text
    }.joined(separator: " ").replacingTrailingComma
    stop(sentence.lowercasedFirst + hint, .usage)
  }
}

extension String {
  /// The text without a comma at its end.
  fileprivate var replacingTrailingComma: String { hasSuffix(",") ? String(dropLast()) : self }
}

extension StringProtocol {
  /// The text with its first letter in lower case, for the middle of a sentence.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}

/// Writes to standard error, ignoring a closed one.
func writeToStandardError(_ text: String) {
  _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
}
