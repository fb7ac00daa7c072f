import LinAlg
import Testing

@testable import Datasets

/// Reading .npy files that were put together byte by byte.
@Suite struct NumpyArrayTests {
  /// A .npy file of version 1 with this header text and these element bytes.
  static func file(_ header: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let text = Array((header + "\n").utf8)
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(text.count >> (8 * $0) & 0xff) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data
  }

  static func header(_ descr: String, _ shape: String, fortran: Bool = false) -> String {
    "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
  }

  /// Two elements of each type, written out by hand: the bytes, and the numbers they mean.
  static let twoElements: [(String, [UInt8], [Double])] = [
    ("<f8", [0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x80], [1.5, -0.0]),
    (">f8", [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0], [1.5, -0.0]),
    ("<f4", [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0], [1.5, -2]),
    (">f4", [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], [1.5, -2]),
    ("<f2", [0, 0x3e, 0, 0xc0], [1.5, -2]),
    (">f2", [0x00, 0x01, 0x7b, 0xff], [0x1p-24, 65504]),
    ("|i1", [0xff, 0x7f], [-1, 127]),
    ("<i2", [0xfe, 0xff, 1, 0], [-2, 1]),
    (">i2", [0xff, 0xfe, 0, 1], [-2, 1]),
    ("<i4", [0xfe, 0xff, 0xff, 0xff, 0, 0, 1, 0], [-2, 65536]),
    (">i4", [0xff, 0xff, 0xff, 0xfe, 0, 1, 0, 0], [-2, 65536]),
    ("<i8", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 5, 0, 0, 0, 0, 0, 0, 0], [-1, 5]),
    (">i8", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 5], [-1, 5]),
    ("|u1", [0xff, 0x00], [255, 0]),
    ("<u2", [0xff, 0xff, 1, 0], [65535, 1]),
    (">u2", [0xff, 0xff, 0, 1], [65535, 1]),
    ("<u4", [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0], [4_294_967_295, 1]),
    (">u4", [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1], [4_294_967_295, 1]),
    ("<u8", [0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0, 0, 0, 0, 0, 0], [0x1p63, 1]),
    (">u8", [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0x1p63, 1]),
    ("|b1", [1, 0], [1, 0]),
    ("=f4", [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0], [1.5, -2]),
  ]

  @Test(arguments: twoElements)
  func everyTypeIsRead(descr: String, bytes: [UInt8], expected: [Double]) throws {
    for version: UInt8 in 1...3 {
      let file = Self.file(Self.header(descr, "(2,)"), bytes, version: version)
      let array = try NumpyArray(bytes: file)
      #expect(array.shape == [2])
      // Bit patterns, so that −0 counts.
      #expect(array.elements.map(\.bitPattern) == expected.map(\.bitPattern))
      #expect(array.type.descriptor == descr.replacing("=", with: "<"))
    }
  }

  @Test func fortranOrderIsUndone() throws {
    let columnMajor: [UInt8] = [1, 4, 2, 5, 3, 6]
    let array = try NumpyArray(
      bytes: Self.file(Self.header("|u1", "(2, 3)", fortran: true), columnMajor))
    #expect(try array.matrix() == Matrix([[1, 2, 3], [4, 5, 6]]))
  }

  /// Oracle: the definition, element (i, j, k) at i + 2(j + 3k).
  @Test func fortranOrderOfThreeDimensionsIsUndone() throws {
    let data = (0..<24).map { UInt8($0) }
    let array = try NumpyArray(
      bytes: Self.file(Self.header("|u1", "(2, 3, 4)", fortran: true), data))
    for i in 0..<2 {
      for j in 0..<3 {
        for k in 0..<4 {
          #expect(array.elements[(i * 3 + j) * 4 + k] == Double(i + 2 * (j + 3 * k)))
        }
      }
    }
  }

  @Test func headersThatOtherWritersMakeAreRead() throws {
    let headers = [
      "{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"|u1\"}",
      "{ 'descr' : '|u1' ,\n 'shape' : ( 2 , ) , 'fortran_order' : True }",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2L,), }",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2,)}",
    ]
    for header in headers {
      #expect(try NumpyArray(bytes: Self.file(header, [7, 8])).elements == [7, 8])
    }
  }

  @Test func scalarsAndEmptyArraysHaveTheirShapes() throws {
    let scalar = try NumpyArray(bytes: Self.file(Self.header("|u1", "()"), [9]))
    #expect(scalar.shape == [] && scalar.elements == [9])
    let empty = try NumpyArray(bytes: Self.file(Self.header("<f8", "(0, 3)"), []))
    #expect(empty.shape == [0, 3] && empty.elements.isEmpty)
  }

  @Test func integersBeyondDoublesAreRefused() {
    // 2⁵³ + 1 lies between two doubles; 2⁶⁴ − 1 too.
    let signed: [UInt8] = [1, 0, 0, 0, 0, 0, 0x20, 0]
    expectProblem(.inexactInteger(index: 0, value: "9007199254740993")) {
      try NumpyArray(bytes: Self.file(Self.header("<i8", "(1,)"), signed))
    }
    let unsigned = [UInt8](repeating: 0xff, count: 8)
    expectProblem(.inexactInteger(index: 1, value: "18446744073709551615")) {
      try NumpyArray(
        bytes: Self.file(Self.header("<u8", "(2,)"), Array(repeating: 0, count: 8) + unsigned))
    }
  }

  /// Hostile or damaged files: the header text, the element bytes, and what is said of them.
  static let damaged: [(String, [UInt8], ArrayProblem)] = [
    (header("|u1", "(3,)"), [1, 2], .truncated(expected: 3, found: 2)),
    (header("|u1", "(2,)"), [1, 2, 3], .trailingBytes(offset: 70)),
    (header("<f8", "(4294967296, 4294967296)"), [], .shapeOverflow([1 << 32, 1 << 32])),
    (header("<f8", "(0, 4611686018427387904)"), [], .shapeOverflow([0, 1 << 62])),
    (header("<f8", "(99999999999999999999,)"), [], .shapeOverflow([Int.max])),
    (header("<f8", "(1000000000000,)"), [], .shapeOverflow([1_000_000_000_000])),
    (header("<f8", "(1000000000,)"), [1], .truncated(expected: 8_000_000_000, found: 1)),
    (header("|O", "(1,)"), [1], .objects),
    (header("O", "(1,)"), [1], .objects),
    (header("<c16", "(1,)"), [1], .unsupportedType("<c16")),
    (header("<U4", "(1,)"), [1], .unsupportedType("<U4")),
    (header("<M8[ns]", "(1,)"), [1], .unsupportedType("<M8[ns]")),
    (header("|f8", "(1,)"), [1], .unsupportedType("|f8")),
    (header("<f16", "(1,)"), [1], .unsupportedType("<f16")),
    (header("<i3", "(1,)"), [1], .unsupportedType("<i3")),
    (header("", "(1,)"), [1], .unsupportedType("")),
    (header("|b1", "(2,)"), [1, 2], .badBoolean(offset: 69, value: 2)),
    ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", [1], .records),
    ("{'descr': '<f8', 'shape': (1,)}", [1], .headerKey("fortran_order")),
    ("{'descr': '<f8', 'descr': '<f4'}", [1], .headerKey("descr")),
    ("{'evil': '<f8'}", [1], .headerKey("evil")),
    ("", [], .badHeader(offset: 11, expected: "'{'")),
    ("{'descr': '<f\u{e9}'}", [], .badHeader(offset: 23, expected: "an ASCII character")),
    ("{'descr': '<f8", [], .badHeader(offset: 24, expected: "an ASCII character")),
    (header("<f8", "((1,),)"), [], .badHeader(offset: 61, expected: "a whole number")),
    (header("<f8", "(-1,)"), [], .badHeader(offset: 61, expected: "a whole number")),
    (header("<f8", "(3)"), [], .badHeader(offset: 62, expected: "','")),
    (header("<f8", "(3,)") + " import os", [], .badHeader(offset: 68, expected: "the end")),
  ]

  @Test(arguments: damaged)
  func damagedFilesAreRefused(header: String, data: [UInt8], problem: ArrayProblem) {
    expectProblem(problem) { try NumpyArray(bytes: Self.file(header, data)) }
  }

  @Test func deepNestingIsRefusedWithoutRecursion() {
    let header = Self.header("<f8", String(repeating: "(", count: 9000))
    expectProblem(.badHeader(offset: 61, expected: "a whole number")) {
      try NumpyArray(bytes: Self.file(header, []))
    }
  }

  @Test func everyPrefixOfAFileIsRefused() throws {
    let whole = NumpyArray(shape: [2], elements: [1, 2]).encoded()
    for count in 0..<whole.count {
      #expect(throws: DatasetError.self) { try NumpyArray(bytes: Array(whole[..<count])) }
    }
    #expect(try NumpyArray(bytes: whole).elements == [1, 2])
  }

  @Test func aLyingHeaderLengthIsRefused() {
    let start = [0x93] + Array("NUMPY".utf8)
    expectProblem(.headerTooLong(claimed: 0xffff_ffff, limit: 10_000)) {
      try NumpyArray(bytes: start + [2, 0, 0xff, 0xff, 0xff, 0xff])
    }
    expectProblem(.truncatedHeader(expected: 110, found: 12)) {
      try NumpyArray(bytes: start + [1, 0, 100, 0, 0x7b, 0x7d])
    }
    expectProblem(.unknownVersion(major: 9, minor: 0)) {
      try NumpyArray(bytes: start + [9, 0, 0, 0])
    }
  }

  @Test func otherFormatsAreNamed() {
    expectProblem(.wrongFormat(expected: .npy, hint: "it looks like .npz; rename it")) {
      try NumpyArray(bytes: Array("PK\u{3}\u{4}abcdef".utf8))
    }
    expectProblem(.wrongFormat(expected: .npy, hint: "it looks like text; rename it to .csv")) {
      try NumpyArray(bytes: Array("1,2,3\n4,5,6\n".utf8))
    }
    expectProblem(
      .wrongFormat(
        expected: .npy, hint: "it looks like a pickle, which is never loaded; use numpy.save")
    ) { try NumpyArray(bytes: [0x80, 4, 0x95, 0, 0, 0, 0, 0, 0]) }
    expectProblem(.wrongFormat(expected: .npy, hint: "it is empty")) { try NumpyArray(bytes: []) }
  }

  @Test func matricesAreFiniteAndTwoDimensional() throws {
    #expect(try NumpyArray(shape: [3], elements: [1, 2, 3]).matrix().shape == "3×1")
    let bad: [(NumpyArray, ContentProblem)] = [
      (NumpyArray(shape: [], elements: [1]), .notTwoDimensional(shape: [])),
      (NumpyArray(shape: [1, 1, 1], elements: [1]), .notTwoDimensional(shape: [1, 1, 1])),
      (NumpyArray(shape: [0, 3], elements: []), .empty),
      (NumpyArray(shape: [2, 2], elements: [1, 2, .nan, 4]), .notFinite(row: 1, column: 0)),
      (NumpyArray(shape: [1, 2], elements: [1, .infinity]), .notFinite(row: 0, column: 1)),
    ]
    for (array, problem) in bad {
      #expect(throws: DatasetError.content(path: "array", problem)) { try array.matrix() }
    }
  }

  @Test func integersAreWholeAndOneDimensional() throws {
    #expect(try NumpyArray(shape: [2, 1], elements: [3, -1]).integers() == [3, -1])
    #expect(
      throws: DatasetError.content(
        path: "array", .notAnInteger(row: 1, column: 0, value: 1.5))
    ) { try NumpyArray(shape: [2], elements: [1, 1.5]).integers() }
    #expect(throws: DatasetError.content(path: "array", .notOneDimensional(shape: [2, 2]))) {
      try NumpyArray(shape: [2, 2], elements: [1, 2, 3, 4]).integers()
    }
  }

  private func expectProblem(
    _ problem: ArrayProblem, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> NumpyArray
  ) {
    #expect(
      throws: DatasetError.array(path: "array", problem), sourceLocation: sourceLocation
    ) { try body() }
  }
}
