import ArgumentParser
import Certify
import MetricModels

/// The defence of a learner.
struct RegularizerOptions: ParsableArguments {
  @Option(
    help: """
      What keeps the metric small: 'none', 'spectral' (the largest eigenvalue of M), 'frobenius' (its \
      norm), 'top-k' (the sum of the k largest eigenvalues), or for 'train pairwise' 'cube-maximum' (the \
      semidefinite bound of t'Mt over the cube, which is what attacks in the largest norm gain).
      """)
  var regularizer: Kind = .none

  @Option(parsing: .unconditional, help: "The k of 'top-k'.")
  var topK = 3

  @Option(
    parsing: .unconditional,
    help: """
      The weight: of the norm for 'spectral' and 'frobenius' (default 0.2), summed over the eigenvalues \
      for 'top-k' (default 1), of the bound for 'cube-maximum' (default 0.01).
      """)
  var weight: Double?

  /// The regularisers of the command line.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case none, spectral, frobenius
    case topK = "top-k"
    case cubeMaximum = "cube-maximum"
  }

  func validate() throws {
    if topK < 1 { throw ValidationError("--top-k needs at least 1, not \(topK)") }
    if let weight, !(weight >= 0 && weight.isFinite) {
      throw ValidationError("--weight needs a number of at least 0, not \(weight)")
    }
  }

  /// The weight in force; nil without a regulariser.
  var effectiveWeight: Double? {
    switch regularizer {
    case .none: nil
    case .spectral, .frobenius: weight ?? 0.2
    case .topK: weight ?? 1
    case .cubeMaximum: weight ?? 0.01
    }
  }

  /// The regulariser of a learner that takes the spectral ones.
  var penalty: Regularizer {
    get throws {
      let weight = effectiveWeight ?? 0
      return switch regularizer {
      case .none: .none
      case .spectral: .spectral(weight: weight)
      case .frobenius: .frobenius(weight: weight)
      case .topK: .topEigenvalues(count: topK, total: weight)
      case .cubeMaximum:
        throw Failure.usage("--regularizer cube-maximum is for 'train pairwise' alone")
      }
    }
  }

  /// The regulariser of the pairwise loss.
  var transformPenalty: any TransformPenalty {
    get throws {
      regularizer == .cubeMaximum
        ? CubeMaximumPenalty(weight: effectiveWeight ?? 0) : try penalty
    }
  }

  /// The regulariser in words.
  var label: String {
    regularizer == .cubeMaximum
      ? "\(effectiveWeight ?? 0) on the cube maximum" : (try? penalty.description) ?? ""
  }
}
