import Foundation
import Testing

@testable import Datasets

/// Bringing a data set's files into a directory.
@Suite struct DatasetFetcherTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private var fetcher: DatasetFetcher {
    var downloader = Downloader()
    downloader.allowsPlainHTTP = true
    downloader.stallSeconds = 1
    return DatasetFetcher(directory: folder("data"), downloader: downloader)
  }

  /// A server of files by name.
  private func server(_ files: [String: [UInt8]]) throws -> LoopbackServer {
    try LoopbackServer { request, connection in
      guard let body = files[request.path] else {
        return connection.head("404 Not Found", length: 0)
      }
      connection.head("200 OK", length: body.count)
      connection.send(body)
    }
  }

  private func file(_ path: String, _ content: String, original: String? = nil) -> CatalogueFile {
    CatalogueFile(
      path: path, sha256: SHA256.digest(of: Array(content.utf8)),
      originDigest: original.map {
        CatalogueFile.OriginDigest(
          file: "original", sha256: SHA256.digest(of: Array($0.utf8)),
          form: .withoutHeader(header: "a,b"))
      })
  }

  @Test func originalsAreConvertedAndTheSecondRunFindsThemThere() throws {
    let server = try server(["original": Array("1,2\n".utf8)])
    let file = file("deep/table.csv", "a,b\n1,2\n", original: "1,2\n")
    let ways = Acquisition.downloads([[server.address("original")]])
    #expect(try fetcher.fetch([file], by: ways) == .fetched(files: ["deep/table.csv"]))
    #expect(try contents(folder("data/deep/table.csv")) == Array("a,b\n1,2\n".utf8))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder("data/deep")) == ["table.csv"])
    #expect(try fetcher.fetch([file], by: ways) == .alreadyThere)
  }

  @Test func aDamagedFileIsBroughtAgain() throws {
    let server = try server(["x": Array("good".utf8)])
    let file = file("x", "good")
    try FileManager.default.createDirectory(
      atPath: folder("data"), withIntermediateDirectories: true)
    _ = try folder.file("data/x", "bad")
    let ways = Acquisition.downloads([[server.address("x")]])
    #expect(try fetcher.fetch([file], by: ways) == .fetched(files: ["x"]))
    #expect(try contents(folder("data/x")) == Array("good".utf8))
  }

  @Test func aSecondCopyServesWhenTheFirstIsWrongOrGone() throws {
    let server = try server(["good": Array("good".utf8), "wrong": Array("wrong".utf8)])
    let ways = Acquisition.downloads([["gone", "wrong", "good"].map { server.address($0) }])
    #expect(try fetcher.fetch([file("x", "good")], by: ways) == .fetched(files: ["x"]))
  }

  @Test func wrongContentLeavesNothing() throws {
    let server = try server(["x": Array("wrong".utf8)])
    #expect(throws: DatasetError.self) {
      try fetcher.fetch([file("x", "good")], by: .downloads([[server.address("x")]]))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder("data")) == [])
  }

  @Test func membersAreTakenOutOfAnArchive() throws {
    let zip = ZipFixture(members: [
      .init(name: "README", data: [1]), .init(name: "faces/s1/1.pgm", data: Array("one".utf8)),
      .init(name: "faces/s1/2.pgm", data: Array("two".utf8)),
    ]).bytes
    let server = try server(["faces.zip": zip])
    let files = [file("att/s1/1.pgm", "one"), file("att/s1/2.pgm", "two")]
    let ways = Acquisition.archive([server.address("faces.zip")])
    #expect(
      try fetcher.fetch(files, by: ways) == .fetched(files: ["att/s1/1.pgm", "att/s1/2.pgm"]))
    #expect(try contents(folder("data/att/s1/2.pgm")) == Array("two".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder("data")) == ["att"])
  }

  @Test func archivesThatLackOrReplaceAFileAreRefused() throws {
    let zip = ZipFixture(members: [.init(name: "s1/1.pgm", data: Array("other".utf8))]).bytes
    let server = try server(["faces.zip": zip, "text.zip": Array("hello".utf8)])
    let ways = Acquisition.archive([server.address("faces.zip")])
    #expect {
      try fetcher.fetch([file("att/s1/1.pgm", "one")], by: ways)
    } throws: { error in
      guard case .download(_, .wrongContent) = error as? DatasetError else { return false }
      return true
    }
    #expect {
      try fetcher.fetch([file("att/s9/1.pgm", "one")], by: ways)
    } throws: { error in
      guard case .download(_, .unexpectedContent) = error as? DatasetError else { return false }
      return true
    }
    #expect(throws: DatasetError.self) {
      try fetcher.fetch(
        [file("att/s1/1.pgm", "one")], by: .archive([server.address("text.zip")]))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder("data")) == [])
  }

  @Test func spreadsheetsAndEmbeddedDataNeedNoNetwork() throws {
    #expect(try fetcher.fetch(.ionosphere) == .embedded)
    for name in [DatasetName.energy, .energyCooling, .concrete] {
      guard case .manual(let steps) = try fetcher.fetch(name) else {
        Issue.record("\(name) is not fetched by hand")
        continue
      }
      #expect(steps.count == 4 && steps[0].contains("https://"))
      #expect(steps[3].contains(name.entry.files[0].path))
    }
  }

  /// Every file that is downloaded has an address of its own, over HTTPS.
  @Test(arguments: DatasetName.allCases)
  func everyDataSetCanBeHad(name: DatasetName) {
    switch name.entry.acquisition {
    case .downloads(let addresses):
      #expect(addresses.count == name.entry.files.count)
      #expect(addresses.joined().allSatisfy { $0.hasPrefix("https://") })
    case .archive(let copies): #expect(copies.allSatisfy { $0.hasPrefix("https://") })
    case .embedded, .manual: break
    }
  }

  @Test func aDirectoryThatCannotBeMadeIsNamed() throws {
    _ = try folder.file("data", "a file, not a directory")
    #expect(throws: DatasetError.self) {
      try fetcher.fetch([file("x", "y")], by: .downloads([["https://x"]]))
    }
  }
}
