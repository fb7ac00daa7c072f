import Datasets
import LinAlg

/// One fuzz target per reader, chosen when it is compiled (`-D FUZZ_NUMPY` and so on).
///
/// A reader may refuse its input with a `DatasetError` and nothing else: a trap, a bad access, a leak
/// of time or memory ends the run.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do throws(DatasetError) {
    try read(bytes)
  } catch {
    // A message is one line, whatever the input holds.
    precondition(!error.description.utf8.contains { $0 < 0x20 }, "the message spans lines")
  }
  return 0
}

#if FUZZ_NUMPY
  private func read(_ bytes: [UInt8]) throws(DatasetError) {
    let array = try NumpyArray(bytes: bytes)
    // What was read is written and read again as the same numbers.
    let again = try NumpyArray(bytes: array.encoded())
    precondition(again.shape == array.shape)
    precondition(again.elements.map(\.bitPattern) == array.elements.map(\.bitPattern))
    _ = try array.matrix()
    _ = try array.integers()
  }
#elseif FUZZ_ARCHIVE
  private func read(_ bytes: [UInt8]) throws(DatasetError) {
    let archive = try NumpyArchive(bytes: bytes)
    for key in archive.keys {
      _ = try? archive.strings(key)
      _ = try archive.array(key)
    }
  }
#elseif FUZZ_CSV
  private func read(_ bytes: [UInt8]) throws(DatasetError) {
    // The first byte chooses the options, so that all of them are reached.
    let choice = bytes.first ?? 0
    var options = CSVOptions()
    if choice & 1 != 0 { options.labelColumn = "-1" }
    if choice & 2 != 0 { options.missingValues = .kept }
    if choice & 4 != 0 { options.header = .absent }
    if choice & 8 != 0 { options.header = .present }
    let table = try CSVTable(text: Array(bytes.dropFirst()), options: options)
    precondition(table.points.elements.allSatisfy { $0.isFinite || $0.isNaN })
    precondition(table.points.elements.count { $0.isNaN } == table.missing.count)
    precondition(table.labels.map { $0.count == table.points.rows } ?? true)
  }
#elseif FUZZ_IDX
  private func read(_ bytes: [UInt8]) throws(DatasetError) {
    _ = try IDXFile.array(bytes: bytes)
  }
#elseif FUZZ_IMAGE
  private func read(_ bytes: [UInt8]) throws(DatasetError) {
    let image = try PGMImage(bytes: bytes)
    precondition(image.pixels.count == image.width * image.height)
  }
#endif
