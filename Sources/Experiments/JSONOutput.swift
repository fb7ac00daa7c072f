private import Datasets
#if canImport(FoundationEssentials)
  private import FoundationEssentials
#else
  private import Foundation
#endif

/// Writes a value as JSON, whole or not at all; `-` is standard output.
///
/// Keys are sorted, numbers read back as the same doubles, and there is no NaN: a number that is not
/// finite is a mistake of the caller and traps.
///
/// - Throws: ``DatasetError`` when the file cannot be written.
public func writeJSON(_ value: some Encodable, to path: String) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  let data = try encoder.encode(value)
  var file = try OutputFile(path: path)
  try file.write(Array(data) + [UInt8(ascii: "\n")])
  try file.commit()
}
