import LinAlg
import Testing

@testable import Datasets

/// Writing comma-separated tables.
@Suite struct CSVWriterTests {
  @Test(arguments: UInt64(0)..<10)
  func everyDoubleReadsBackBitForBit(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    var elements = [-0.0, 0, 1, -3, 1e15, 0x1p53, -0x1p60, 0.1, .leastNonzeroMagnitude, .pi]
    while elements.count < 100 {
      let double = Double(bitPattern: rng.next())
      if double.isFinite { elements.append(double) }
    }
    let folder = try TemporaryFolder()
    let matrix = Matrix(rows: 20, columns: 5, elements: elements)
    try CSVWriter.write(matrix, to: folder("m.csv"))
    let read = try DataFile.matrix(at: folder("m.csv"))
    #expect(read.elements.map(\.bitPattern) == elements.map(\.bitPattern))
  }

  @Test func textsAndNumbersAreWrittenPlainly() throws {
    let folder = try TemporaryFolder()
    var writer = try CSVWriter(path: folder("t.csv"))
    try writer.write(["a", "b,c", "d\"e", " f"])
    try writer.write(numbers: [1, -0.0, 0.5, .nan])
    try writer.commit()
    let text = String(decoding: try contents(folder("t.csv")), as: UTF8.self)
    #expect(text == "a,\"b,c\",\"d\"\"e\",\" f\"\n1,-0.0,0.5,\n")
  }

  @Test func aHeaderIsWrittenAndRead() throws {
    let folder = try TemporaryFolder()
    try CSVWriter.write(Matrix([[1, 2]]), columnNames: ["x", "y"], to: folder("t.csv"))
    #expect(try CSVTable(contentsOf: folder("t.csv")).columnNames == ["x", "y"])
  }
}
