/// How much work a certificate may take; each level does all that the levels below do.
public enum CertificateEffort: String, Equatable, Sendable, CaseIterable, Comparable {
  /// The paper's bounds (19), (24) and (25).
  case paper
  /// The pair's own bound, the separable bound over the clipped box, and a search for a witness.
  case fast
  /// A semidefinite relaxation for every pair that is still open, over cells of a shared budget.
  case tight
  /// The exact worst case of every pair that is still open.
  case exact

  /// Whether `a` does less work than `b`.
  public static func < (a: Self, b: Self) -> Bool { a.level < b.level }

  private var level: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What is known of a pair under a budget.
public enum PairVerdict: String, Equatable, Sendable, CaseIterable {
  /// No allowed attack succeeds; proved.
  case certified
  /// A witness inside budget and domain succeeds; verified.
  case attacked
  /// Neither was shown with the effort allowed.
  case undecided
  /// The clean pair is already on the wrong side of the threshold.
  case misclassified
}

/// The computation that settled a verdict.
public enum DecidingStage: String, Equatable, Sendable, CaseIterable {
  /// The clean distance.
  case clean
  /// A closed-form bound.
  case closedForm = "closed-form"
  /// The separable bound over the box or the cells of a shared budget.
  case separable
  /// A verified witness of the corner search, or of the descent when D is lowered.
  case search
  /// The semidefinite relaxation.
  case relaxation
  /// The exact search, or the duality gap of the descent when D is lowered.
  case exact
}
