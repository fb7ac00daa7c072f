public import LinAlg

/// Named arrays in one .npz file, read one by one.
///
/// Memory for an array is taken only when its header, its size in the archive and its compressed size
/// agree that it can be there.
public final class NumpyArchive {
  /// The names of the arrays, in the file's order.
  public let keys: [String]
  private let path: String
  private let archive: ZipArchive
  /// The place of each array in the archive.
  private let indices: [String: Int]

  /// Opens a .npz file; `-` is standard input.
  ///
  /// - Parameter path: The file, stored or deflated.
  /// - Throws: ``DatasetError``.
  public convenience init(contentsOf path: String) throws(DatasetError) {
    let start = try InputFile(path: path)
    let bytes = try start.contents { chunk, offset throws(DatasetError) in
      // A huge file that is no archive is refused by its first bytes.
      if offset == 0 && !chunk.starts(with: Array("PK".utf8)) {
        let hint = FormatHint.text(Array(chunk.prefix(8)))
        throw .compression(path: path, member: nil, .wrongFormat(hint: hint))
      }
    }
    try self.init(bytes: bytes, path: path)
  }

  /// Opens an archive from the bytes of a .npz file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: What to call it in errors.
  /// - Throws: ``DatasetError``.
  public init(bytes: [UInt8], path: String = "archive") throws(DatasetError) {
    self.path = path
    archive = try ZipArchive(bytes, path: path)
    var keys: [String] = []
    var indices: [String: Int] = [:]
    for (index, name) in try archive.names().enumerated() where name.hasSuffix(".npy") {
      let key = String(name.dropLast(4))
      if indices[key] != nil { throw .compression(path: path, member: key, .duplicateKey) }
      indices[key] = index
      keys.append(key)
    }
    self.keys = keys
    self.indices = indices
  }

  /// Whether there is an array of this name.
  public func contains(_ key: String) -> Bool { indices[key] != nil }

  /// Reads an array of numbers.
  ///
  /// - Parameter key: Its name.
  /// - Returns: The array.
  /// - Throws: ``DatasetError``.
  public func array(_ key: String) throws(DatasetError) -> NumpyArray {
    let member = try member(key)
    let header = try NumpyHeader(from: member, path: name(key))
    let layout = try ArrayProblem.located(at: name(key)) { () throws(ArrayProblem) in
      try header.layout
    }
    try check(member, count: layout.count, byteCount: layout.offset + layout.byteCount, key)
    var decoder = ElementDecoder(layout)
    try decoder.decodeAll(member, path: name(key))
    return NumpyArray(layout, elements: decoder.elements)
  }

  /// Reads an array of one or two dimensions as a matrix.
  ///
  /// - Parameter key: Its name.
  /// - Returns: At least one element, all finite.
  /// - Throws: ``DatasetError``.
  public func matrix(_ key: String) throws(DatasetError) -> Matrix<Double> {
    try array(key).matrix(path: name(key))
  }

  /// Reads a single number, of any shape with one element.
  ///
  /// - Parameter key: Its name.
  /// - Returns: The number, finite.
  /// - Throws: ``DatasetError``.
  public func number(_ key: String) throws(DatasetError) -> Double {
    let array = try array(key)
    guard array.elements.count == 1 else {
      throw .content(path: name(key), .notOneNumber(shape: array.shape))
    }
    if !array.elements[0].isFinite {
      throw .content(path: name(key), .notFinite(row: 0, column: 0))
    }
    return array.elements[0]
  }

  /// Reads a list of texts; a single text is a list of one.
  ///
  /// - Parameter key: Its name.
  /// - Returns: The texts.
  /// - Throws: ``DatasetError``.
  public func strings(_ key: String) throws(DatasetError) -> [String] {
    let member = try member(key)
    do throws(CompressionProblem) {
      try ExpansionLimit.check(count: member.size / 8, compressed: member.compressedSize)
    } catch { throw .compression(path: path, member: key, error) }
    return try NumpyStrings(from: member, path: name(key)).elements
  }

  /// What errors call an array.
  private func name(_ key: String) -> String { "\(path)[\(key)]" }

  private func member(_ key: String) throws(DatasetError) -> ZipMember {
    guard let index = indices[key] else {
      throw .compression(path: path, member: key, .noSuchKey(available: keys))
    }
    return try archive.member(index, name: key)
  }

  /// Compares what the header claims with what the archive claims, before either is believed.
  private func check(
    _ member: ZipMember, count: Int, byteCount: Int, _ key: String
  ) throws(DatasetError) {
    if member.size < byteCount {
      throw .array(path: name(key), .truncated(expected: byteCount, found: member.size))
    }
    if member.size > byteCount {
      throw .array(path: name(key), .trailingBytes(offset: byteCount))
    }
    do throws(CompressionProblem) {
      try ExpansionLimit.check(count: count, compressed: member.compressedSize)
    } catch { throw .compression(path: path, member: key, error) }
  }
}
