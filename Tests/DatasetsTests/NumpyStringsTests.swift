import Testing

@testable import Datasets

/// Texts in .npy files.
@Suite struct NumpyStringsTests {
  private func read(_ descr: String, _ shape: String, _ data: [UInt8]) throws -> [String] {
    let file = NumpyArrayTests.file(NumpyArrayTests.header(descr, shape), data)
    let source = MemorySource(file)
    let header = try NumpyHeader(from: source, path: "t")
    return try NumpyStrings(header, from: source, path: "t").elements
  }

  @Test func bothByteOrdersAreRead() throws {
    #expect(
      try read("<U2", "(2,)", [0x61, 0, 0, 0, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0x62, 0, 0, 0]) == [
        "a", "éb",
      ])
    #expect(try read(">U1", "()", [0, 1, 0xf6, 0]) == ["😀"])
    #expect(try read("<U0", "(3,)", []) == ["", "", ""])
  }

  @Test func damageIsNamed() {
    let error = { (problem: ArrayProblem) in DatasetError.array(path: "t", problem) }
    #expect(throws: error(.badText(index: 0))) { try read("<U1", "(1,)", [0, 0xd8, 0, 0]) }
    #expect(throws: error(.truncated(expected: 4, found: 3))) {
      try read("<U1", "(1,)", [0, 0, 0])
    }
    #expect(throws: error(.trailingBytes(offset: 72))) { try read("<U1", "(1,)", [0, 0, 0, 0, 0]) }
    #expect(throws: error(.unsupportedType("<U99999999"))) { try read("<U99999999", "(1,)", []) }
    #expect(throws: error(.unsupportedType("<U1"))) { try read("<U1", "(1, 1)", [0, 0, 0, 0]) }
    #expect(throws: error(.unsupportedType("|S1"))) { try read("|S1", "(1,)", [0]) }
  }
}
