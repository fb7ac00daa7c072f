import ArgumentParser
import Datasets
import LinAlg
import MetricModels

/// What an attacker may do.
struct ThreatOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The radius of the perturbations; a list gives one result for each.",
      valueName: "0.05,0.1,…"))
  var epsilon: NumberList

  @Option(
    help: """
      How the radius is spent: 'shared' between both points (their two norms sum up to it), \
      'per-point' (each point has it) or 'first-only' (a probe against a gallery).
      """)
  var budget: PerturbationBudget.Sharing = .shared

  @Option(
    help: """
      The norm of the perturbations: 'inf', the largest change of a feature as in the paper; '2', their \
      Euclidean length; or '1', the sum of the changes.
      """)
  var norm: PerturbationBudget.Norm = .infinity

  @Option(
    help: ArgumentHelp(
      "Multipliers of the radius, one per feature; 0 freezes a feature.", valueName: "file"))
  var featureScale: String?

  @Option(
    help: ArgumentHelp(
      """
      Where points lie, before and after an attack: 'unit-box', 'unbounded', or a file with two rows, \
      the lower and the upper bounds of the features.
      """, valueName: "unit-box|unbounded|file"))
  var domain = "unit-box"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The decision threshold: pairs with a squared distance up to it are similar. 'calibrate' finds \
      the one of the largest pair accuracy (the default where labels exist).
      """, valueName: "number|calibrate"))
  var threshold: String?

  @Option(help: "Whether --threshold is a 'squared' distance or a 'distance'.")
  var thresholdKind = ThresholdKind.squared

  /// The unit of a threshold.
  enum ThresholdKind: String, ExpressibleByArgument, CaseIterable {
    case squared
    case distance
  }

  func validate() throws {
    for radius in epsilon.values where !(radius >= 0 && radius.isFinite) {
      throw ValidationError("--epsilon needs radii of at least 0, not \(radius)")
    }
    if let threshold, threshold != "calibrate" {
      guard let value = Double(threshold), value.isFinite, value >= 0 else {
        throw ValidationError(
          "--threshold needs a number of at least 0 or 'calibrate', not '\(threshold)'")
      }
    }
  }

  /// Refuses a norm that a command does not know.
  func require(_ known: [PerturbationBudget.Norm], for command: String) throws {
    guard !known.contains(norm) else { return }
    let names = known.map(\.rawValue).joined(separator: " or ")
    throw ValidationError("'\(command)' knows --norm \(names) only, not \(norm.rawValue)")
  }

  /// The threshold that was given as a number, squared if need be; nil to take another.
  var givenThreshold: Double? {
    guard let threshold, let value = Double(threshold) else { return nil }
    return thresholdKind == .squared ? value : value * value
  }

  /// Whether the user asked for a calibrated threshold in so many words.
  var asksForCalibration: Bool { threshold == "calibrate" }

  /// The budgets, one per radius, for points of `dimension` features.
  func budgets(dimension: Int) throws -> [PerturbationBudget] {
    var scale: [Double]?
    if let featureScale {
      let values = try DataFile.matrix(at: featureScale).elements
      guard values.count == dimension else {
        throw Failure(
          .badData, "\(featureScale): has \(values.count) multipliers for \(dimension) features")
      }
      if let index = values.firstIndex(where: { $0 < 0 }) {
        throw Failure(
          .badData, "\(featureScale): multiplier \(index) is \(values[index]); use 0 or more")
      }
      scale = values
    }
    return epsilon.values.map {
      PerturbationBudget(budget, radius: $0, featureScale: scale, norm: norm)
    }
  }

  /// The domain, for points of `dimension` features.
  func inputDomain(dimension: Int) throws -> InputDomain {
    switch domain {
    case "unit-box": return .unitBox
    case "unbounded": return .unbounded
    default:
      let bounds = try DataFile.matrix(at: domain)
      guard bounds.rows == 2 && bounds.columns == dimension else {
        throw Failure(
          .badData,
          "\(domain): is \(bounds.shape); a domain has 2 rows (lower, upper) of \(dimension) features"
        )
      }
      let (lower, upper) = (Array(bounds.row(0)), Array(bounds.row(1)))
      if let index = lower.indices.first(where: { lower[$0] > upper[$0] }) {
        throw Failure(
          .badData,
          "\(domain): feature \(index) has the lower bound \(lower[index]) above \(upper[index])")
      }
      return .box(lower: lower, upper: upper)
    }
  }
}

extension PerturbationBudget.Sharing: ExpressibleByArgument {}
extension PerturbationBudget.Norm: ExpressibleByArgument {}

/// Numbers separated by commas.
struct NumberList: ExpressibleByArgument {
  let values: [Double]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0)
    }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0 != nil }) else { return nil }
    values = numbers.compactMap(\.self)
  }
}
