import ArgumentParser
import MetricModels

/// The defence of a learner.
struct RegularizerOptions: ParsableArguments {
  @Option(
    help: """
      What keeps the metric small: 'none', 'spectral' (the largest eigenvalue of M), 'frobenius' (its \
      norm), or 'top-k' (the sum of the k largest eigenvalues).
      """)
  var regularizer: Kind = .none

  @Option(parsing: .unconditional, help: "The k of 'top-k'.")
  var topK = 3

  @Option(
    parsing: .unconditional,
    help: """
      The weight: of the norm for 'spectral' and 'frobenius' (default 0.2), summed over the eigenvalues \
      for 'top-k' (default 1).
      """)
  var weight: Double?

  /// The regularisers of the command line.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case none, spectral, frobenius
    case topK = "top-k"
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
    }
  }

  /// The regulariser with its weight.
  var penalty: Regularizer {
    let weight = effectiveWeight ?? 0
    return switch regularizer {
    case .none: .none
    case .spectral: .spectral(weight: weight)
    case .frobenius: .frobenius(weight: weight)
    case .topK: .topEigenvalues(count: topK, total: weight)
    }
  }
}
