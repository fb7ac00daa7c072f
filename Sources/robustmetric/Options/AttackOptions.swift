import ArgumentParser
import Attacks
import MetricModels

/// How the search for attacks proceeds.
struct AttackOptions: ParsableArguments {
  @Option(
    help: """
      The attack: 'ackmetric', the projected gradient search of the paper; 'sign-flip', a stronger \
      search among the corners of what the budget allows (on a network a heuristic that forward passes \
      judge); the 'best' of both for every pair; or 'none'.
      """)
  var attack: Kind = .ackmetric

  @Option(parsing: .unconditional, help: "The number of steps.")
  var steps = 20

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The length of a step; 'auto' is a tenth of epsilon.", valueName: "number|auto"))
  var stepSize = "0.01"

  @Option(
    help: """
      Which point a step moves: the 'first', both 'alternating', or the one with the 'larger' gain.
      """)
  var move: SignGradientOptions.MovingPoint = .larger

  @Option(
    parsing: .unconditional,
    help: "Further runs from other starts: the top eigenvector, then random ones.")
  var restarts = 0

  @Option(help: "The precision of the search, 'float' or 'double'; results are double.")
  var precision: SignGradientOptions.Precision = .double

  /// The attacks of the command line.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case ackmetric
    case signFlip = "sign-flip"
    case best, none
  }

  func validate() throws {
    if steps < 1 { throw ValidationError("--steps needs at least 1, not \(steps)") }
    if restarts < 0 { throw ValidationError("--restarts needs at least 0, not \(restarts)") }
    if stepSize != "auto" {
      guard let step = Double(stepSize), step > 0, step.isFinite else {
        throw ValidationError("--step-size needs a number above 0 or 'auto', not '\(stepSize)'")
      }
    }
  }

  /// The attack; nil when it is left out.
  func pairAttack(seed: UInt64, keepsPoints: Bool) -> (any PairAttack)? {
    let gradient = signGradientAttack(seed: seed, keepsPoints: keepsPoints)
    var options = SignFlipOptions()
    options.keepsPoints = keepsPoints
    let flips = SignFlipAttack(options: options)
    return switch attack {
    case .ackmetric: gradient
    case .signFlip: flips
    case .best: BestOfAttacks([gradient, flips])
    case .none: nil
    }
  }

  /// The attack, for a command that can't do without one.
  func requiredAttack(seed: UInt64) throws -> any PairAttack {
    guard let attack = pairAttack(seed: seed, keepsPoints: true) else {
      throw Failure.usage("this command needs an attack, not 'none'")
    }
    return attack
  }

  /// AckMetric with the given options.
  func signGradientAttack(seed: UInt64, keepsPoints: Bool) -> SignGradientAttack {
    var options = SignGradientOptions()
    options.maxIterations = steps
    options.stepSize = Double(stepSize)
    options.movingPoint = move
    options.restarts = restarts
    options.precision = precision
    options.seed = seed
    options.keepsPoints = keepsPoints
    return SignGradientAttack(options: options)
  }
}

extension SignGradientOptions.MovingPoint: ExpressibleByArgument {}
extension SignGradientOptions.Precision: ExpressibleByArgument {}
