/// What the elements of an array file are, how they are arranged and where they begin.
struct ArrayLayout: Equatable {
  let type: ElementType
  /// Whether the first index runs fastest.
  let isFortranOrder: Bool
  let shape: [Int]
  /// The number of elements.
  let count: Int
  /// The number of bytes before the first element.
  let offset: Int

  /// The number of bytes of all elements.
  var byteCount: Int { count * type.size }

  /// The most dimensions; NumPy's own limit.
  static let dimensionLimit = 64

  /// Creates a layout whose sizes are known to fit.
  ///
  /// - Throws: ``ArrayProblem/shapeOverflow(_:)``.
  init(
    type: ElementType, isFortranOrder: Bool = false, shape: [Int], offset: Int = 0
  ) throws(ArrayProblem) {
    self.type = type
    self.isFortranOrder = isFortranOrder && shape.count > 1
    self.shape = shape
    self.offset = offset
    count = try ArrayLayout.count(of: shape, elementSize: type.size)
  }

  /// The number of elements of an array of `shape`, if it may exist.
  ///
  /// The product without zeros is limited, so no index that a loop over the shape forms overflows,
  /// and no loop over an empty array is long.
  static func count(of shape: [Int], elementSize: Int) throws(ArrayProblem) -> Int {
    var product = elementSize
    for length in shape where length != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      if overflow || length < 0 { throw .shapeOverflow(shape) }
      product = next
    }
    if shape.count > dimensionLimit || product > InputFile.sizeLimit {
      throw .shapeOverflow(shape)
    }
    return shape.contains(0) ? 0 : product / elementSize
  }
}
