import LinAlg
import MetricModels

/// The exact extrema of D by brute force: every corner of the box of every split.
///
/// D is convex, so its maximum over a box is at a corner; the maximum over a shared budget is at one of
/// the split candidates. O(2ᵈ·d²) per split.
func largestCornerDistance(
  _ metric: MahalanobisMetric, _ first: [Double], _ second: [Double], _ budget: PerturbationBudget,
  _ domain: InputDomain
) -> Double {
  let splits = budget.splitCandidates(first: first, second: second, domain: domain)
  return splits.reduce(0) { best, split in
    let box = budget.differenceBox(first: first, second: second, domain: domain, split: split)
    return max(best, largestCornerDistance(metric, zip(first, second).map { $0 - $1 }, box))
  }
}

private func largestCornerDistance(
  _ metric: MahalanobisMetric, _ difference: [Double], _ box: DifferenceBox
) -> Double {
  (0..<(1 << difference.count)).reduce(0) { best, corner in
    let point = difference.indices.map { k in
      difference[k] + (corner >> k & 1 == 1 ? box.upper[k] : box.lower[k])
    }
    return max(best, metric.transform.times(point).reduce(0) { $0 + $1 * $1 })
  }
}

/// A small D after an attack: the least over random points of the boxes of random splits.
func smallestSampledDistance(
  _ metric: MahalanobisMetric, _ first: [Double], _ second: [Double], _ budget: PerturbationBudget,
  _ domain: InputDomain, samples: Int, using rng: inout SplitMix64
) -> Double {
  let difference = zip(first, second).map { $0 - $1 }
  return (0..<samples).reduce(Double.infinity) { best, _ in
    let split = budget.sharing == .shared ? budget.radius * rng.uniform() : budget.radius
    let box = budget.differenceBox(first: first, second: second, domain: domain, split: split)
    // Moving against the difference as far as it goes is the natural minimum; the rest is random.
    let point = difference.indices.map { k -> Double in
      let towards = min(max(-difference[k], box.lower[k]), box.upper[k])
      return difference[k]
        + (rng.uniform() < 0.7
          ? towards : box.lower[k] + rng.uniform() * (box.upper[k] - box.lower[k]))
    }
    return min(best, metric.transform.times(point).reduce(0) { $0 + $1 * $1 })
  }
}
