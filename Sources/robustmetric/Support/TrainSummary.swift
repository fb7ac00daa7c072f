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
  let objective: Double
  let loss: Double
  let penalty: Double
  /// A proved lower bound of the objective; null where the learner has none.
  let lowerBound = Setting.none
  let status: String
  let iterations: Int
  let seconds: Double
  let trainingPairAccuracy: Double
  let threshold: Double
  let decisionThreshold: Double
  /// "span" when M is zero off the span of the training points.
  let domain: String
  let dimension: Int
  let points: Int
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
