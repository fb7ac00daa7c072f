/// Why a trainer or a learner stopped.
public enum LearningStatus: String, Equatable, Sendable {
  /// The stopping rule of the method was met, or the answer is in closed form.
  case converged
  /// All iterations were spent; more may help.
  case reachedIterationLimit = "reached-iteration-limit"
  /// The gradient is exactly zero, so that no further step would change anything.
  case vanishedGradient = "vanished-gradient"
  /// The objective stopped being finite; the last finite metric is returned.
  case diverged
  /// The objective can be brought to zero, so that the minimum is not attained or not unique.
  case separable
  /// The data hold nothing to learn from, such as a single class; the start is returned.
  case nothingToLearn = "nothing-to-learn"
}
