private import CZip
private import Glibc

/// A zip archive, of which only stored and deflated members are read.
final class ZipArchive {
  let path: String
  private let archive: OpaquePointer
  /// The bytes of an archive in memory; libzip reads from them as long as the archive is open.
  private var bytes: UnsafeMutableRawBufferPointer?

  /// The most members; the whole directory is held in memory.
  static let memberLimit = 4096

  /// Opens the archive whose whole file is `contents`.
  init(_ contents: [UInt8], path: String) throws(DatasetError) {
    self.path = path
    try ZipArchive.check(start: contents[...], end: contents.suffix(ZipArchive.endSize), path: path)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 1)
    bytes.copyBytes(from: contents)
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard
      let source = zip_source_buffer_create(bytes.baseAddress, UInt64(contents.count), 0, &error)
    else { preconditionFailure("libzip offers no source") }
    guard let archive = zip_open_from_source(source, ZIP_RDONLY, &error) else {
      let detail = String(cString: zip_error_strerror(&error))
      zip_source_free(source)
      bytes.deallocate()
      throw .compression(path: path, member: nil, .damaged(detail: detail))
    }
    self.archive = archive
    self.bytes = bytes
  }

  /// Opens the archive in a file, of which only the directory and the members asked for are read.
  init(_ file: InputFile) throws(DatasetError) {
    path = file.path
    let end = try file.bytes(from: max(0, file.size - ZipArchive.endSize), upTo: ZipArchive.endSize)
    try ZipArchive.check(
      start: file.bytes(from: 0, upTo: 8)[...], end: end[...], path: path)
    let descriptor = try file.duplicate()
    var code: Int32 = 0
    guard let archive = zip_fdopen(descriptor, 0, &code) else {
      close(descriptor)
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      let detail = String(cString: zip_error_strerror(&error))
      throw .compression(path: path, member: nil, .damaged(detail: detail))
    }
    self.archive = archive
  }

  deinit {
    zip_discard(archive)
    bytes?.deallocate()
  }

  /// The most bytes from the record at the end of an archive to the end of the file: 22, and a comment.
  private static let endSize = 22 + 0xffff

  /// Refuses what is no archive, and directories too long to be read, before libzip reads them.
  private static func check(
    start: ArraySlice<UInt8>, end: ArraySlice<UInt8>, path: String
  ) throws(DatasetError) {
    guard start.starts(with: Array("PK".utf8)) else {
      let hint = FormatHint.text(Array(start.prefix(8)))
      throw .compression(path: path, member: nil, .wrongFormat(hint: hint))
    }
    let end = Array(end)
    let mark = Array("PK\u{5}\u{6}".utf8)
    var hasRecord = false
    for place in stride(from: end.count - 22, through: 0, by: -1)
    where end[place] == mark[0] && end[place..<place + 4].elementsEqual(mark) {
      hasRecord = true
      // The comment, whose length stands in the last two bytes of the record, ends the file.
      if number(end, place + 20) != end.count - place - 22 { continue }
      if number(end, place + 10) > memberLimit {
        throw .compression(path: path, member: nil, .tooManyMembers(limit: memberLimit))
      }
      return
    }
    if hasRecord { throw .compression(path: path, member: nil, .trailingBytes) }
  }

  /// The little-endian number in two bytes.
  private static func number(_ bytes: [UInt8], _ place: Int) -> Int {
    Int(bytes[place]) | Int(bytes[place + 1]) << 8
  }

  /// The names of the members, in the archive's order.
  func names() throws(DatasetError) -> [String] {
    let count = Int(zip_get_num_entries(archive, 0))
    if count > ZipArchive.memberLimit {
      throw .compression(path: path, member: nil, .tooManyMembers(limit: ZipArchive.memberLimit))
    }
    return (0..<count).map { index in
      zip_get_name(archive, UInt64(index), UInt32(ZIP_FL_ENC_GUESS)).map { String(cString: $0) }
        ?? ""
    }
  }

  /// Opens the member at `index` for reading.
  func member(_ index: Int, name: String) throws(DatasetError) -> ZipMember {
    var information = zip_stat_t()
    let wanted = UInt64(ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD)
    guard zip_stat_index(archive, UInt64(index), 0, &information) == 0,
      information.valid & wanted == wanted
    else { throw failure(name) }
    if information.valid & UInt64(ZIP_STAT_ENCRYPTION_METHOD) != 0,
      information.encryption_method != UInt16(ZIP_EM_NONE)
    {
      throw .compression(path: path, member: name, .encrypted)
    }
    let method = Int(information.comp_method)
    guard method == Int(ZIP_CM_STORE) || method == Int(ZIP_CM_DEFLATE) else {
      throw .compression(path: path, member: name, .unsupportedMethod(method))
    }
    guard let file = zip_fopen_index(archive, UInt64(index), 0) else { throw failure(name) }
    return ZipMember(
      archive: self, file: file, name: name, size: Int(clamping: information.size),
      compressedSize: Int(clamping: information.comp_size))
  }

  private func failure(_ name: String) -> DatasetError {
    let detail = String(cString: zip_strerror(archive))
    return .compression(path: path, member: name, .damaged(detail: detail))
  }
}

/// The bytes of one member of a zip archive.
final class ZipMember: ByteSource {
  /// Kept so that the archive stays open.
  private let archive: ZipArchive
  private let file: OpaquePointer
  private let name: String
  /// The number of bytes that the archive claims the member has.
  let size: Int
  /// The number of bytes that the member takes in the archive.
  let compressedSize: Int

  fileprivate init(
    archive: ZipArchive, file: OpaquePointer, name: String, size: Int, compressedSize: Int
  ) {
    self.archive = archive
    self.file = file
    self.name = name
    self.size = size
    self.compressedSize = compressedSize
  }

  deinit { zip_fclose(file) }

  /// Unknown, since the archive's claim may be a lie.
  var remainingCount: Int? { nil }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let room = UInt64(buffer.count - filled)
      let count = Int(zip_fread(file, buffer.baseAddress?.advanced(by: filled), room))
      if count < 0 {
        let detail = String(cString: zip_file_strerror(file))
        throw .compression(path: archive.path, member: name, .damaged(detail: detail))
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }
}
