import Foundation
import Testing

@testable import Datasets

/// Downloads from servers that drop, truncate, lie and stall.
@Suite struct DownloaderTests {
  let folder: TemporaryFolder
  let part: String
  /// What the servers are to send: a hundred thousand bytes.
  static let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
  static let digest = SHA256.digest(of: body)

  init() throws {
    folder = try TemporaryFolder()
    part = folder("file.part")
  }

  private var downloader: Downloader {
    var downloader = Downloader()
    downloader.allowsPlainHTTP = true
    downloader.stallSeconds = 1
    downloader.connectSeconds = 5
    return downloader
  }

  private func fetch(
    _ server: LoopbackServer, _ downloader: Downloader? = nil, sha256: String? = digest
  ) throws -> [UInt8] {
    try (downloader ?? self.downloader).download(server.address("file"), to: part, sha256: sha256)
  }

  /// A server that keeps to the protocol, ranges included.
  static func honest(_ requests: Counter) throws -> LoopbackServer {
    try LoopbackServer { request, connection in
      requests.next()
      let start = request.start ?? 0
      if start >= body.count { return connection.head("416 Range Not Satisfiable", length: 0) }
      let status = request.start == nil ? "200 OK" : "206 Partial Content"
      connection.head(
        status, length: body.count - start,
        request.start == nil
          ? "" : "Content-Range: bytes \(start)-\(body.count - 1)/\(body.count)\r\n")
      connection.send(body[start...])
    }
  }

  @Test func aFileIsDownloadedWhole() throws {
    let server = try Self.honest(Counter())
    #expect(try fetch(server) == Self.body)
    #expect(try contents(part) == Self.body)
  }

  @Test func whatIsThereIsNotFetchedAgain() throws {
    let requests = Counter()
    let server = try Self.honest(requests)
    try Data(Self.body[..<60_000]).write(to: URL(fileURLWithPath: part))
    #expect(try fetch(server) == Self.body)
    #expect(requests.value == 1)
    // All of it: the server answers 416, and the digest decides.
    #expect(try fetch(server) == Self.body)
  }

  @Test func aBrokenConnectionIsTakenUpAgain() throws {
    let requests = Counter()
    let server = try LoopbackServer { request, connection in
      let start = request.start ?? 0
      connection.head(
        request.start == nil ? "200 OK" : "206 Partial Content", length: Self.body.count - start)
      // Two connections break after a third of the file.
      let end = requests.next() < 2 ? min(start + 33_000, Self.body.count) : Self.body.count
      connection.send(Self.body[start..<end])
    }
    #expect(try fetch(server) == Self.body)
    #expect(requests.value == 3)
  }

  @Test func aDownloadThatKeepsBreakingCanBeResumedLater() throws {
    let server = try LoopbackServer { request, connection in
      let start = request.start ?? 0
      connection.head(
        request.start == nil ? "200 OK" : "206 Partial Content", length: Self.body.count - start)
      connection.send(Self.body[start..<min(start + 10_000, Self.body.count)])
    }
    #expect {
      try fetch(server)
    } throws: { error in
      guard case .download(_, .interrupted(30_000, _)) = error as? DatasetError else {
        return false
      }
      return (error as? DatasetError)?.kind == .unavailable
    }
    #expect(try contents(part).count == 30_000)
    #expect(try fetch(Self.honest(Counter())) == Self.body)
  }

  @Test func aServerWithoutRangesSendsTheWholeFile() throws {
    let server = try LoopbackServer { _, connection in
      connection.head("200 OK", length: Self.body.count)
      connection.send(Self.body)
    }
    // Without a digest there is no second chance: the three bytes must go at once.
    for digest in [Self.digest, nil] {
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: part))
      #expect(try fetch(server, sha256: digest) == Self.body)
    }
  }

  @Test func aWrongBeginningIsFetchedAnew() throws {
    let server = try Self.honest(Counter())
    try Data(repeating: 7, count: 500).write(to: URL(fileURLWithPath: part))
    #expect(try fetch(server) == Self.body)
    // Longer than the file.
    try Data(repeating: 7, count: 200_000).write(to: URL(fileURLWithPath: part))
    #expect(try fetch(server) == Self.body)
  }

  @Test func wrongContentIsRefusedAndRemoved() throws {
    let server = try LoopbackServer { _, connection in
      connection.head("200 OK", length: 5)
      connection.send("wrong".utf8)
    }
    let problem = DownloadProblem.wrongContent(
      found: SHA256.digest(of: Array("wrong".utf8)), expected: Self.digest)
    #expect(throws: DatasetError.download(address: server.address("file"), problem)) {
      try fetch(server)
    }
    #expect(try folder.names == [])
  }

  @Test func moreThanTheLimitIsRefused() throws {
    // Without a length, the server could go on for ever.
    let server = try LoopbackServer { _, connection in
      connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8)
      for _ in 0..<100 { connection.send(Self.body) }
    }
    var limited = downloader
    limited.sizeLimit = 250_000
    let error = DatasetError.download(address: server.address("file"), .tooLarge(limit: 250_000))
    #expect(throws: error) { try fetch(server, limited) }
    #expect(error.kind == .badData)
    #expect(try folder.names == [])
  }

  /// One byte arrives and then nothing. (libcurl averages over five seconds, so more bytes would only
  /// make the test longer.)
  @Test func aStalledServerIsGivenUp() throws {
    let server = try LoopbackServer { _, connection in
      connection.head("200 OK", length: Self.body.count)
      connection.send(Self.body[..<1])
      Thread.sleep(forTimeInterval: 30)
    }
    #expect(throws: DatasetError.download(address: server.address("file"), .stalled(seconds: 1))) {
      try fetch(server)
    }
    #expect(try contents(part).count == 1)
    #expect(try fetch(Self.honest(Counter())) == Self.body)
  }

  @Test func refusalsAreNamed() throws {
    let server = try LoopbackServer { _, connection in
      connection.head("404 Not Found", length: 4)
      connection.send("gone".utf8)
    }
    let error = DatasetError.download(address: server.address("file"), .refused(status: 404))
    #expect(throws: error) { try fetch(server) }
    #expect(error.kind == .unavailable)
  }

  @Test func onlyHTTPSIsAllowedEvenAfterARedirection() throws {
    #expect(throws: DatasetError.download(address: "http://127.0.0.1:1/x", .badAddress)) {
      try Downloader().download("http://127.0.0.1:1/x", to: part, sha256: nil)
    }
    let server = try LoopbackServer { _, connection in
      connection.head("302 Found", length: 0, "Location: file:///etc/passwd\r\n")
    }
    #expect(throws: DatasetError.download(address: server.address("file"), .badAddress)) {
      try fetch(server)
    }
    #expect(throws: DatasetError.download(address: "nonsense://x", .badAddress)) {
      try Downloader().download("nonsense://x", to: part, sha256: nil)
    }
  }

  @Test func aClosedPortIsUnreachable() throws {
    let address: String
    do { address = try Self.honest(Counter()).address("file") }
    #expect {
      try downloader.download(address, to: part, sha256: nil)
    } throws: { error in
      guard case .download(_, .unreachable) = error as? DatasetError else { return false }
      return true
    }
    #expect(try folder.names == [])
  }

  @Test func theCallerCanEndADownloadAndResumeIt() throws {
    let server = try Self.honest(Counter())
    #expect {
      try downloader.download(server.address("file"), to: part, sha256: Self.digest) { $0 < 1 }
    } throws: { error in
      guard case .download(_, .cancelled) = error as? DatasetError else { return false }
      return true
    }
    #expect(try contents(part).count > 0)
    #expect(try fetch(server) == Self.body)
  }

  @Test func twoDownloadsOfOneFileDoNotMix() throws {
    let server = try Self.honest(Counter())
    let first = try PartialFile(path: part, address: "a")
    #expect(throws: DatasetError.download(address: server.address("file"), .busy)) {
      try fetch(server)
    }
    #expect(first.count == 0)
  }
}
