private import CZip

/// Puts a zip archive together in memory.
enum ZipWriter {
  /// The bytes of an archive of the given members.
  ///
  /// Every member carries the format's first date, 1980-01-01, so equal members make equal bytes.
  ///
  /// - Parameters:
  ///   - members: The names and contents.
  ///   - isCompressed: Whether members are deflated.
  /// - Returns: The archive.
  static func archive(_ members: [(name: String, bytes: [UInt8])], isCompressed: Bool) -> [UInt8] {
    var error = zip_error_t()
    guard let target = zip_source_buffer_create(nil, 0, 0, &error) else { fail("no source") }
    zip_source_keep(target)
    defer { zip_source_free(target) }
    guard let archive = zip_open_from_source(target, ZIP_TRUNCATE, &error) else {
      fail("no archive")
    }
    let buffers = members.map { member in
      let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: max(member.bytes.count, 1), alignment: 1)
      buffer.copyBytes(from: member.bytes)
      return buffer
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    for (member, buffer) in zip(members, buffers) {
      add(member.name, buffer, count: member.bytes.count, isCompressed: isCompressed, to: archive)
    }
    if zip_close(archive) != 0 { fail(String(cString: zip_strerror(archive))) }
    return contents(target)
  }

  private static func add(
    _ name: String, _ buffer: UnsafeMutableRawBufferPointer, count: Int, isCompressed: Bool,
    to archive: OpaquePointer
  ) {
    guard let source = zip_source_buffer(archive, buffer.baseAddress, UInt64(count), 0) else {
      fail("no source")
    }
    let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
    if index < 0 { fail(String(cString: zip_strerror(archive))) }
    let method = isCompressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE
    let firstDate: UInt16 = 1 << 5 | 1
    if zip_set_file_compression(archive, UInt64(index), Int32(method), 0) != 0
      || zip_file_set_dostime(archive, UInt64(index), 0, firstDate, 0) != 0
    {
      fail(String(cString: zip_strerror(archive)))
    }
  }

  private static func contents(_ source: OpaquePointer) -> [UInt8] {
    var information = zip_stat_t()
    zip_source_stat(source, &information)
    let count = Int(information.size)
    if zip_source_open(source) != 0 { fail("no bytes") }
    defer { zip_source_close(source) }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = max(0, Int(zip_source_read(source, buffer.baseAddress, UInt64(count))))
    }
  }

  /// Everything happens in memory with checked arguments, so a failure is a bug or no memory.
  private static func fail(_ message: String) -> Never {
    preconditionFailure("libzip: \(message)")
  }
}
