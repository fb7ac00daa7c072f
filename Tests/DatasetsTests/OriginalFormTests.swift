import TestSupport
import Testing

@testable import Datasets

/// The way from a published original to the catalogue's file and back.
@Suite struct OriginalFormTests {
  private func text(_ bytes: [UInt8]?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func headersAreAddedAndDropped() {
    let form = OriginalForm.withoutHeader(header: "a,b")
    #expect(text(form.catalogued(from: Array("1,2\n".utf8))) == "a,b\n1,2\n")
    #expect(text(form.original(from: Array("a,b\n1,2\n".utf8))) == "1,2\n")
    #expect(form.original(from: Array("no line end".utf8)) == nil)
  }

  @Test func widthsAreKept() {
    let form = OriginalForm.fixedWidths(header: "a,b", widths: [4, 6])
    #expect(text(form.catalogued(from: Array(" 1.5   2.0\n".utf8))) == "a,b\n1.5,2.0\n")
    #expect(text(form.original(from: Array("a,b\n1.5,2.0\n".utf8))) == " 1.5   2.0\n")
    #expect(form.original(from: Array("a,b\n1\n".utf8)) == nil)
  }

  @Test func recordingsHaveNames() {
    #expect(ParkinsonsRecordings.all.count == 195)
    #expect(ParkinsonsRecordings.all[0].name == "phon_R01_S01_1")
    #expect(ParkinsonsRecordings.all.last?.name == "phon_R01_S50_6")
    #expect(Set(ParkinsonsRecordings.all.map(\.person)).count == 32)
    let fields = (1...23).map(String.init)
    let original = (["n"] + fields).joined(separator: ",") + "\r\n"
    let expected = (fields[..<16] + fields[17...] + [fields[16]]).joined(separator: ",") + "\n"
    let form = OriginalForm.namedRecordings
    #expect(text(form.catalogued(from: Array(original.utf8))) == expected)
    #expect(form.catalogued(from: Array("a,b\n".utf8)) == nil)
    #expect(form.original(from: Array("a,b\n".utf8)) == nil)
  }

  /// Both ways, byte for byte, against the published digests of the originals.
  @Test(
    .enabled(if: SharedFolder.isAvailable, "the shared folder of reference results is absent"),
    arguments: [DatasetName.parkinsons, .heart, .ionosphere, .housing])
  func publishedOriginalsAreGotBack(name: DatasetName) throws {
    let file = name.entry.files[0]
    let origin = try #require(file.originDigest)
    let form = try #require(origin.form)
    let catalogued = try contents(SharedFolder.path("data/" + file.path))
    let original = try #require(form.original(from: catalogued))
    #expect(SHA256.digest(of: original) == origin.sha256)
    #expect(form.catalogued(from: original) == catalogued)
  }
}
