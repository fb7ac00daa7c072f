public import LinAlg

/// An array of real numbers of any shape, as NumPy's .npy files hold it.
///
/// The elements are doubles in C order whatever the file's type and order; ``type`` keeps what the
/// file had. NaN and infinities are kept here and refused by ``matrix(path:)`` and its kin.
public struct NumpyArray: Equatable, Sendable {
  /// The length of each dimension; empty for a single number.
  public let shape: [Int]
  /// The elements, the last index running fastest.
  public let elements: [Double]
  /// The type of the elements in the file.
  public let type: ElementType

  /// Creates an array that is written as `type`.
  ///
  /// - Parameters:
  ///   - shape: The length of each dimension.
  ///   - elements: The elements in C order.
  ///   - type: What ``encoded()`` writes: ``ElementType/double`` or ``ElementType/int64``.
  /// - Precondition: `elements.count` is the product of `shape`.
  public init(shape: [Int], elements: [Double], type: ElementType = .double) {
    precondition(
      elements.count == shape.reduce(1, *) && shape.allSatisfy { $0 >= 0 },
      "\(elements.count) elements do not fill \(shapeText(shape))")
    self.shape = shape
    self.elements = elements
    self.type = type
  }

  /// Reads a .npy file; `-` is standard input.
  ///
  /// Memory grows with the file's real size, never with what its header claims.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``DatasetError``.
  /// - Complexity: O(size), one pass; two for Fortran order.
  public init(contentsOf path: String) throws(DatasetError) {
    let file = try InputFile(path: path)
    try self.init(from: file, path: path)
    try file.finish()
  }

  /// Reads an array from the bytes of a .npy file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: What to call it in errors.
  /// - Throws: ``DatasetError/array(path:_:)``.
  public init(bytes: [UInt8], path: String = "array") throws(DatasetError) {
    try self.init(from: MemorySource(bytes), path: path)
  }

  private init(from source: some ByteSource, path: String) throws(DatasetError) {
    try self.init(NumpyHeader(from: source, path: path), from: source, path: path)
  }

  /// Reads the numbers behind `header`, after which the source must end.
  ///
  /// - Throws: ``DatasetError/array(path:_:)`` or what the source throws.
  init(
    _ header: NumpyHeader, from source: some ByteSource, path: String
  ) throws(DatasetError) {
    let layout = try ArrayProblem.located(at: path) { () throws(ArrayProblem) in
      try header.layout
    }
    var decoder = ElementDecoder(layout)
    try decoder.decodeAll(source, path: path)
    self.init(layout, elements: decoder.elements)
  }

  /// Creates the array of decoded elements, which stand in the order that `layout` says.
  init(_ layout: ArrayLayout, elements: [Double]) {
    shape = layout.shape
    type = layout.type
    self.elements =
      layout.isFortranOrder ? NumpyArray.rowMajor(elements, shape: layout.shape) : elements
  }

  /// The elements of a Fortran-ordered array, reordered so that the last index runs fastest.
  static func rowMajor(_ elements: [Double], shape: [Int]) -> [Double] {
    var strides = Array(repeating: 1, count: shape.count)
    for axis in (0..<shape.count - 1).reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    var result = Array(repeating: 0.0, count: elements.count)
    var index = Array(repeating: 0, count: shape.count)
    var target = 0
    for element in elements {
      result[target] = element
      for axis in 0..<shape.count {
        index[axis] += 1
        target += strides[axis]
        if index[axis] < shape[axis] { break }
        target -= strides[axis] * shape[axis]
        index[axis] = 0
      }
    }
    return result
  }
}

extension NumpyArray {
  /// The array as a matrix: two dimensions as they are, one dimension of n as n×1.
  ///
  /// - Parameter path: What to call the array in errors.
  /// - Returns: At least one element, all finite.
  /// - Throws: ``DatasetError/content(path:_:)`` unless it has one or two dimensions, holds something,
  ///   and every element is finite.
  public func matrix(path: String = "array") throws(DatasetError) -> Matrix<Double> {
    guard shape.count == 1 || shape.count == 2 else {
      throw .content(path: path, .notTwoDimensional(shape: shape))
    }
    if elements.isEmpty { throw .content(path: path, .empty) }
    let columns = shape.count == 2 ? shape[1] : 1
    if let index = elements.firstIndex(where: { !$0.isFinite }) {
      throw .content(path: path, .notFinite(row: index / columns, column: index % columns))
    }
    return Matrix(rows: shape[0], columns: columns, elements: elements)
  }

  /// The array with each item of the first dimension as one row of a matrix.
  func flattened() -> NumpyArray {
    if shape.count < 3 || elements.isEmpty { return self }
    return NumpyArray(
      shape: [shape[0], elements.count / shape[0]], elements: elements, type: type)
  }

  /// The array as whole numbers: one dimension, or two of which one is 1.
  ///
  /// - Parameter path: What to call the array in errors.
  /// - Returns: The elements in order.
  /// - Throws: ``DatasetError/content(path:_:)`` for another shape or a fraction.
  public func integers(path: String = "array") throws(DatasetError) -> [Int] {
    guard shape.count == 1 || shape.count == 2 && shape.contains(1) else {
      throw .content(path: path, .notOneDimensional(shape: shape))
    }
    var result: [Int] = []
    result.reserveCapacity(elements.count)
    for (row, element) in elements.enumerated() {
      guard let value = Int(exactly: element) else {
        throw .content(path: path, .notAnInteger(row: row, column: 0, value: element))
      }
      result.append(value)
    }
    return result
  }
}
