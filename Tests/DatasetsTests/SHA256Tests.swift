import Testing

@testable import Datasets

/// The digest against FIPS 180-4's examples.
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func examplesAreReproduced(text: String, digest: String) throws {
    #expect(SHA256.digest(of: Array(text.utf8)) == digest)
    let folder = try TemporaryFolder()
    #expect(try SHA256.digest(ofFile: folder.file("a", text)) == digest)
  }

  /// The standard's example of a million letters, over several chunks.
  @Test func aMillionLettersAreDigested() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", [UInt8](repeating: 0x61, count: 1_000_000))
    let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(try SHA256.digest(ofFile: path) == digest)
  }
}
