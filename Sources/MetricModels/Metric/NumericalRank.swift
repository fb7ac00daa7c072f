internal import LinAlg

extension MahalanobisMetric {
  /// The number of eigenvalues of M above d·2u times the largest.
  ///
  /// - Throws: ``MetricModelsError/linearAlgebra(_:)`` if W is not finite.
  /// - Complexity: O(min(k, d)³ + k·d·min(k, d)).
  public func numericalRank() throws(MetricModelsError) -> Int {
    let isWide = embeddingDimension < dimension
    let small = record == .matrix ? matrix : transform.gram(ofColumns: !isWide)
    let values = try wrappingLinAlg { () throws(LinAlgError) in try small.eigenvalues() }
    guard let largest = values.last, largest > 0 else { return 0 }
    return values.count { $0 > Double(dimension) * Double.ulpOfOne * largest }
  }
}
