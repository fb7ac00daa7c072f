import Experiments

// All options with their defaults, for the summaries.

extension MetricOptions {
  var settings: [String: Setting] { ["metric": Setting(metric), "matrix": Setting(matrix)] }
}

extension InputOptions {
  var settings: [String: Setting] {
    [
      "dataset": Setting(dataset?.rawValue), "split": .text(split.rawValue),
      "trainCount": Setting(trainCount), "splitSeed": .text("\(splitSeed)"),
      "splitBy": Setting(splitBy?.rawValue), "points": Setting(points),
      "pointsKey": Setting(pointsKey), "labels": Setting(labels),
      "labelColumn": Setting(labelColumn), "secondPoints": Setting(secondPoints),
      "secondLabels": Setting(secondLabels),
      "scale": .text(scale?.rawValue ?? (dataset == nil ? "none" : "unit")),
    ]
  }
}

extension ThreatOptions {
  var settings: [String: Setting] {
    [
      "epsilon": .numbers(epsilon.values), "budget": .text(budget.rawValue),
      "norm": .text(norm.rawValue), "featureScale": Setting(featureScale), "domain": .text(domain),
      "threshold": Setting(threshold), "thresholdKind": .text(thresholdKind.rawValue),
    ]
  }
}

extension AttackOptions {
  var settings: [String: Setting] {
    [
      "attack": .text(attack.rawValue), "steps": .integer(steps),
      "stepSize": Double(stepSize).map { .number($0) } ?? .text(stepSize),
      "move": .text(move.rawValue), "restarts": .integer(restarts),
      "precision": .text(precision.rawValue),
    ]
  }
}

extension CommonOptions {
  var settings: [String: Setting] {
    ["seed": .text("\(seed)"), "threads": .integer(threadCount)]
  }
}

/// The settings of several groups of options.
func joined(_ groups: [String: Setting]...) -> [String: Setting] {
  groups.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
}
