import Experiments
import MetricModels

/// What `train` writes to JSON.
struct TrainSummary: Encodable {
  let tool = "robustmetric"
  let version = toolVersion
  let command = "train"
  let settings: [String: Setting]
  let environment: RunEnvironment
  let learner: String
  /// The full objective, regulariser included, at the W that is written.
  let objective: Double
  let penalty: Double
  /// A proved lower bound of the objective; null where the learner has none.
  let lowerBound: Double?
  let status: String
  let iterations: Int
  let seconds: Double
  let ridge: Double?
  let tunedParameter: Double?
  let trainingPairAccuracy: Double
  /// γ of the loss; null where it has none.
  let threshold: Double?
  let decisionThreshold: Double
  /// "span" when M is zero off the span of the training points.
  let domain: String
  let dimension: Int
  let points: Int

  private enum CodingKeys: CodingKey {
    case tool, version, command, settings, environment, learner, objective, penalty, lowerBound
    case status, iterations, seconds, ridge, tunedParameter, trainingPairAccuracy, threshold
    case decisionThreshold, domain, dimension, points
  }

  /// Writes missing numbers as null, so that a reader finds every key.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tool, forKey: .tool)
    try container.encode(version, forKey: .version)
    try container.encode(command, forKey: .command)
    try container.encode(settings, forKey: .settings)
    try container.encode(environment, forKey: .environment)
    try container.encode(learner, forKey: .learner)
    try container.encode(objective, forKey: .objective)
    try container.encode(penalty, forKey: .penalty)
    try container.encode(lowerBound, forKey: .lowerBound)
    try container.encode(status, forKey: .status)
    try container.encode(iterations, forKey: .iterations)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(ridge, forKey: .ridge)
    try container.encode(tunedParameter, forKey: .tunedParameter)
    try container.encode(trainingPairAccuracy, forKey: .trainingPairAccuracy)
    try container.encode(threshold, forKey: .threshold)
    try container.encode(decisionThreshold, forKey: .decisionThreshold)
    try container.encode(domain, forKey: .domain)
    try container.encode(dimension, forKey: .dimension)
    try container.encode(points, forKey: .points)
  }
}

/// The value of `body` and the seconds it took.
func measured<Value>(_ body: () throws -> Value) rethrows -> (value: Value, seconds: Double) {
  let clock = ContinuousClock()
  let start = clock.now
  let value = try body()
  let elapsed = clock.now - start
  return (
    value, Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  )
}
