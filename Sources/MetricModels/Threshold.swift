/// A decision threshold γ fitted to pairs whose similarity is known.
public struct ThresholdCalibration: Equatable, Sendable {
  /// γ: a pair reads as similar when D ≤ γ.
  public let threshold: Double
  /// The share of the pairs that γ reads correctly.
  public let accuracy: Double

  /// Finds the γ of the largest pair accuracy.
  ///
  /// Among the gaps between neighbouring distances that reach it, the widest is taken and γ is its
  /// midpoint; the gap below the smallest distance starts at 0. When the best is to read every pair
  /// as similar, γ is the largest distance.
  ///
  /// - Parameters:
  ///   - squaredDistances: D of each pair, finite.
  ///   - similarities: What each pair is meant to be.
  /// - Throws: ``MetricModelsError/insufficientData(_:)`` without any pair.
  /// - Precondition: Both have one element per pair.
  /// - Complexity: O(n·log n).
  public init(
    squaredDistances: [Double], similarities: [Similarity]
  ) throws(MetricModelsError) {
    precondition(
      squaredDistances.count == similarities.count,
      "\(squaredDistances.count) distances for \(similarities.count) pairs")
    guard !squaredDistances.isEmpty else {
      throw .insufficientData("a threshold cannot be calibrated without pairs")
    }
    let order = squaredDistances.indices.sorted { squaredDistances[$0] < squaredDistances[$1] }
    let dissimilarCount = similarities.count { $0 == .dissimilar }
    // `correct` pairs are read rightly by any threshold in the gap [below, next distance).
    var correct = dissimilarCount
    var below = 0.0
    var best = (correct: -1, width: -Double.infinity, threshold: 0.0)
    func consider(_ above: Double) {
      guard above > below else { return }
      let width = above - below
      if correct > best.correct || (correct == best.correct && width > best.width) {
        best = (correct, width, below + width / 2)
      }
    }
    for index in order {
      consider(squaredDistances[index])
      correct += similarities[index] == .similar ? 1 : -1
      below = squaredDistances[index]
    }
    if correct > best.correct { best = (correct, 0, below) }
    threshold = best.threshold
    accuracy = Double(best.correct) / Double(similarities.count)
  }
}
