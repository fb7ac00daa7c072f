// Sums, scales, norms and tests that touch every element once.
//
// Generic code that other modules call runs unspecialised, a hundred times slower, unless its loop is
// specialised by name.

extension Matrix {
  /// The elementwise sum.
  ///
  /// - Precondition: The shapes are equal.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public static func + (a: Matrix, b: Matrix) -> Matrix { a.combined(with: b, +) }

  /// The elementwise difference.
  ///
  /// - Precondition: The shapes are equal.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public static func - (a: Matrix, b: Matrix) -> Matrix { a.combined(with: b, -) }

  /// The matrix with every element multiplied by `scale`.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public static func * (scale: Scalar, a: Matrix) -> Matrix {
    Matrix(rows: a.rows, columns: a.columns, elements: a.elements.map { scale * $0 })
  }

  /// Adds `scale · other` to this matrix.
  ///
  /// - Precondition: The shapes are equal.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public mutating func add(_ other: Matrix, scaledBy scale: Scalar = 1) {
    precondition(shape == other.shape, "\(shape) plus \(other.shape)")
    other.withUnsafeElements { source in
      withUnsafeMutableElements { target in
        for index in target.indices { target[index] += scale * source[index] }
      }
    }
  }

  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  private func combined(with other: Matrix, _ operation: (Scalar, Scalar) -> Scalar) -> Matrix {
    precondition(shape == other.shape, "\(shape) does not match \(other.shape)")
    return Matrix(rows: rows, columns: columns) { buffer in
      for index in buffer.indices {
        buffer.initializeElement(at: index, to: operation(elements[index], other.elements[index]))
      }
    }
  }

  /// The matrix with column k multiplied by `scales[k]`, that is self · Diag(scales).
  ///
  /// - Precondition: `scales.count == columns`.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func scalingColumns(by scales: [Scalar]) -> Matrix {
    precondition(scales.count == columns, "\(scales.count) scales for \(shape)")
    var result = self
    result.withUnsafeMutableElements { target in
      for i in 0..<rows { for j in 0..<columns { target[i * columns + j] *= scales[j] } }
    }
    return result
  }

  /// The square root of the sum of squares, scaled so that it neither overflows nor underflows.
  public var frobeniusNorm: Scalar {
    @_specialize(where Scalar == Double)
    @_specialize(where Scalar == Float)
    get {
      let largest = maxAbsoluteElement
      guard largest > 0 && largest.isFinite else { return largest }
      let exponent = largest.exponent
      let scale = Scalar(sign: .plus, exponent: -exponent, significand: 1)
      var sum: Scalar = 0
      for element in elements {
        let scaled = element * scale
        sum += scaled * scaled
      }
      return sum.squareRoot() * Scalar(sign: .plus, exponent: exponent, significand: 1)
    }
  }

  /// The largest absolute element; 0 for an empty matrix, NaN if an element is.
  public var maxAbsoluteElement: Scalar {
    @_specialize(where Scalar == Double)
    @_specialize(where Scalar == Float)
    get {
      var largest: Scalar = 0
      for element in elements {
        if element.isNaN { return element }
        largest = Scalar.maximum(largest, abs(element))
      }
      return largest
    }
  }

  /// The largest absolute row sum, ‖A‖∞.
  public var infinityNorm: Scalar {
    (0..<rows).map { row($0).reduce(0) { $0 + abs($1) } }.max() ?? 0
  }

  /// The largest absolute column sum, ‖A‖₁.
  public var oneNorm: Scalar { transposed().infinityNorm }

  /// The sum of the diagonal.
  public var trace: Scalar { diagonal.reduce(0, +) }

  /// Throws when an element is NaN or infinite, and names the first.
  ///
  /// - Throws: ``LinAlgError/notFinite(row:column:)``.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func requireFinite() throws(LinAlgError) {
    if let index = elements.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: index / columns, column: index % columns)
    }
  }
}
