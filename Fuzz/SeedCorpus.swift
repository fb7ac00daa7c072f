import Datasets
import LinAlg

/// Writes a few small files of each format into one folder per fuzz target.
///
/// Usage: SeedCorpus FOLDER
@main
struct SeedCorpus {
  static func main() throws {
    let folder = CommandLine.arguments[1]
    let arrays = [
      NumpyArray(shape: [], elements: [1.5]), NumpyArray([3, -4, 5]),
      NumpyArray(shape: [2, 3], elements: [1, 2, 3, 4, 5, .nan]),
      NumpyArray(shape: [0, 2], elements: []),
    ]
    for (index, array) in arrays.enumerated() {
      try array.write(to: "\(folder)/numpy/\(index)")
    }
    for type in ["|u1", "<i2", ">f4", "|b1", "<f2"] {
      try OutputFile.write(hand(type), to: "\(folder)/numpy/\(type.dropFirst())")
    }
    for isCompressed in [false, true] {
      try NumpyArchive.write(
        ["W": .array(arrays[2]), "learner": .string("lmnn"), "n": .integer(3)],
        to: "\(folder)/archive/\(isCompressed)", isCompressed: isCompressed)
    }
    let tables = [
      "0a,b,c\n1,2.5,-3e2\n4,5,6\n", "1x,class\n1,g\n2,b\n", "2\"a\"\"b\",c\r\n?,NA\r\n1,2\r\n",
      "41,2\n\n",
    ]
    for (index, table) in tables.enumerated() {
      try OutputFile.write(table.utf8, to: "\(folder)/csv/\(index)")
    }
    let items: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]
    try OutputFile.write(items, to: "\(folder)/idx/plain")
    try OutputFile.write(gzip(items), to: "\(folder)/idx/compressed")
    try OutputFile.write(
      Array("P5\n# note\n2 2\n255\n".utf8) + [0, 1, 254, 255], to: "\(folder)/image/0")
  }

  /// A file of two elements whose bytes are zero and one.
  private static func hand(_ type: String) -> [UInt8] {
    let size = Int(String(type.last ?? "1")) ?? 1
    let text = "{'descr': '\(type)', 'fortran_order': True, 'shape': (1, 2), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
      + (0..<2 * size).map { UInt8($0 % 2) }
  }

  /// A gzip file of one stored block; its checksum is left wrong for the fuzzer to meet both ends.
  private static func gzip(_ data: [UInt8]) -> [UInt8] {
    let count = UInt8(data.count)
    return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, count, 0, ~count, 0xff] + data
      + [0, 0, 0, 0, count, 0, 0, 0]
  }
}
