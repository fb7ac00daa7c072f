import LinAlg
import Testing

@testable import Datasets

/// Writing .npy files.
@Suite struct NumpyWriterTests {
  @Test func matricesReadBackBitForBit() throws {
    var rng = SplitMix64(seed: 1)
    var elements = (0..<35).map { _ in rng.normal() }
    elements += [-0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, .pi, 1e300]
    let matrix = Matrix(rows: 8, columns: 5, elements: elements)
    let array = try NumpyArray(bytes: NumpyArray(matrix).encoded())
    #expect(array.shape == [8, 5])
    #expect(array.type == .double)
    #expect(array.elements.map(\.bitPattern) == elements.map(\.bitPattern))
  }

  /// The bytes that numpy.save writes for `numpy.array([1, -2])`, but for the padding's length.
  @Test func integersAreWrittenAsIntegers() throws {
    let bytes = NumpyArray([1, -2]).encoded()
    let text = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(text.hasPrefix("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }  "))
    #expect(text.hasSuffix("\n"))
    #expect(bytes[8] == 118 && bytes[9] == 0)
    #expect(
      Array(bytes[128...]) == [1, 0, 0, 0, 0, 0, 0, 0, 0xfe] + [UInt8](repeating: 0xff, count: 7))
    #expect(try NumpyArray(bytes: bytes).integers() == [1, -2])
  }

  @Test(arguments: [[], [0], [7], [0, 5], [2, 3, 4], Array(repeating: 1, count: 64)])
  func everyShapeReadsBack(shape: [Int]) throws {
    let count = shape.reduce(1, *)
    let array = NumpyArray(shape: shape, elements: (0..<count).map { Double($0) })
    #expect(try NumpyArray(bytes: array.encoded()) == array)
    #expect((array.encoded().count - 8 * count) % 64 == 0)
  }

  @Test func aWrongNumberOfElementsTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = NumpyArray(shape: [2, 2], elements: [1, 2, 3])
    }
  }

  @Test func filesAreWrittenAndReadByName() throws {
    let folder = try TemporaryFolder()
    try NumpyArray([3, 4]).write(to: folder("a.npy"))
    #expect(try NumpyArray(contentsOf: folder("a.npy")).elements == [3, 4])
    #expect(try folder.names == ["a.npy"])
  }
}
