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
  /// The file, looked at after every reading for whether it has changed.
  private let file: InputFile?
  /// The place of each array in the archive.
  private let indices: [String: Int]

  /// Opens a .npz file; `-` is standard input.
  ///
  /// - Parameter path: The file, stored or deflated.
  /// - Throws: ``DatasetError``.
  public convenience init(contentsOf path: String) throws(DatasetError) {
    let file = try InputFile(path: path)
    let archive =
      try file.isRegular ? ZipArchive(file) : ZipArchive(file.contents(), path: path)
    try self.init(archive, file: file)
  }

  /// Opens an archive from the bytes of a .npz file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: What to call it in errors.
  /// - Throws: ``DatasetError``.
  public convenience init(bytes: [UInt8], path: String = "archive") throws(DatasetError) {
    try self.init(ZipArchive(bytes, path: path), file: nil)
  }

  private init(_ archive: ZipArchive, file: InputFile?) throws(DatasetError) {
    path = archive.path
    self.archive = archive
    self.file = file
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
    let (header, member) = try open(key)
    let array = try NumpyArray(header, from: member, path: name(key))
    try file?.finish()
    return array
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
    let (header, member) = try open(key)
    let strings = try NumpyStrings(header, from: member, path: name(key))
    try file?.finish()
    return strings.elements
  }

  /// Reads whole numbers or texts as labels.
  ///
  /// - Parameter key: The array's name.
  /// - Returns: The labels.
  /// - Throws: ``DatasetError``.
  public func labels(_ key: String) throws(DatasetError) -> Labels {
    let (header, member) = try open(key)
    let labels = try Labels(header, from: member, path: name(key))
    try file?.finish()
    return labels
  }

  /// What errors call an array.
  private func name(_ key: String) -> String { "\(path)[\(key)]" }

  /// Opens an array and reads its header; what follows is known to have the header's size.
  private func open(_ key: String) throws(DatasetError) -> (NumpyHeader, ZipMember) {
    guard let index = indices[key] else {
      throw .compression(path: path, member: key, .noSuchKey(available: keys))
    }
    let member = try archive.member(index, name: key)
    let header = try NumpyHeader(from: member, path: name(key))
    let (count, byteCount) = try ArrayProblem.located(at: name(key)) { () throws(ArrayProblem) in
      if NumpyStrings.areIn(header) {
        let type = try NumpyStrings.StoredType(header)
        return (type.byteCount / 4, type.byteCount)
      }
      let layout = try header.layout
      return (layout.count, layout.byteCount)
    }
    try check(member, header, count: count, byteCount: byteCount, key)
    return (header, member)
  }

  /// Compares what the header claims with what the archive claims, before either is believed.
  private func check(
    _ member: ZipMember, _ header: NumpyHeader, count: Int, byteCount: Int, _ key: String
  ) throws(DatasetError) {
    let found = member.size - header.byteCount
    if found < byteCount {
      throw .array(path: name(key), .truncated(expected: byteCount, found: max(0, found)))
    }
    if found > byteCount {
      throw .array(path: name(key), .trailingBytes(offset: header.byteCount + byteCount))
    }
    do throws(CompressionProblem) {
      try ExpansionLimit.check(count: count, compressed: member.compressedSize)
    } catch { throw .compression(path: path, member: key, error) }
  }
}

extension Labels {
  /// Reads the labels behind a .npy header: whole numbers or texts.
  init(
    _ header: NumpyHeader, from source: some ByteSource, path: String
  ) throws(DatasetError) {
    if NumpyStrings.areIn(header) {
      self.init(texts: try NumpyStrings(header, from: source, path: path).elements)
    } else {
      let array = try NumpyArray(header, from: source, path: path)
      self.init(try array.integers(path: path))
    }
  }

  /// Reads the labels of a .npy file: whole numbers or texts.
  init(numpy path: String) throws(DatasetError) {
    let file = try InputFile(path: path)
    let header = try NumpyHeader(from: file, path: path)
    try self.init(header, from: file, path: path)
    try file.finish()
  }
}
