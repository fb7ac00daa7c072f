/// A zip archive put together byte by byte, with room for lies.
struct ZipFixture {
  /// One member; what the directory claims may differ from what is there.
  struct Member {
    var name: String
    var data: [UInt8]
    var method: UInt16 = 0
    var claimedSize: Int?
    var flags: UInt16 = 0
    var checksum: UInt32?
  }

  var members: [Member]

  /// The bytes of the archive: local headers with data, then the central directory and its end.
  var bytes: [UInt8] {
    var result: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let common =
        little(member.flags) + little(member.method) + little(UInt32(0x0021_0000))
        + little(member.checksum ?? Self.checksum(member.data)) + little(UInt32(member.data.count))
        + little(UInt32(member.claimedSize ?? member.data.count))
        + little(UInt16(member.name.utf8.count)) + little(UInt16(0))
      directory +=
        little(UInt32(0x0201_4b50)) + little(UInt16(20)) + little(UInt16(20)) + common
        + [UInt8](repeating: 0, count: 10) + little(UInt32(result.count)) + Array(member.name.utf8)
      result +=
        little(UInt32(0x0403_4b50)) + little(UInt16(20)) + common + Array(member.name.utf8)
        + member.data
    }
    let count = little(UInt16(members.count))
    let end =
      little(UInt32(0x0605_4b50)) + [0, 0, 0, 0] + count + count + little(UInt32(directory.count))
      + little(UInt32(result.count)) + [0, 0]
    return result + directory + end
  }

  private func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// CRC-32 bit by bit, as the format's specification defines it.
  static func checksum(_ data: [UInt8]) -> UInt32 {
    var remainder: UInt32 = 0xffff_ffff
    for byte in data {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return ~remainder
  }
}
