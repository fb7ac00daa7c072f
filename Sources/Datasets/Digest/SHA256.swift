private import CCrypto

/// The SHA-256 digest of bytes, as 64 hexadecimal digits (FIPS 180-4, by OpenSSL's libcrypto).
public enum SHA256 {
  /// The digest of `bytes`.
  ///
  /// - Complexity: O(n); about 3 ms per megabyte or less.
  public static func digest(of bytes: [UInt8]) -> String {
    let stream = Stream()
    stream.update(bytes)
    return stream.finish()
  }

  /// The digest of a file's contents; `-` is standard input.
  ///
  /// - Parameter path: The file, read in chunks of constant size.
  /// - Returns: 64 lower-case digits.
  /// - Throws: ``DatasetError/input(path:_:)``.
  public static func digest(ofFile path: String) throws(DatasetError) -> String {
    let file = try InputFile(path: path)
    let stream = Stream()
    while true {
      let chunk = try file.chunk(upTo: InputFile.chunkSize)
      if chunk.isEmpty { break }
      stream.update(chunk)
    }
    try file.finish()
    return stream.finish()
  }

  /// A digest in the making.
  final class Stream {
    private let context: OpaquePointer

    init() {
      guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
      else {
        preconditionFailure("libcrypto offers no SHA-256")
      }
      self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Appends bytes to what is digested.
    func update(_ bytes: [UInt8]) {
      let status = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
      precondition(status == 1, "libcrypto refuses to digest")
    }

    /// The digest; the stream must not be used again.
    func finish() -> String {
      var digest = [UInt8](repeating: 0, count: 32)
      precondition(EVP_DigestFinal_ex(context, &digest, nil) == 1, "libcrypto refuses to finish")
      return SHA256.hexadecimal(digest)
    }
  }

  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
