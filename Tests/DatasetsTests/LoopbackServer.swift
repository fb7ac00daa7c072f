import Foundation

/// A web server on this machine that answers as badly as a test wants.
final class LoopbackServer: Sendable {
  /// What a request asks for.
  struct Request: Sendable {
    var path: String
    /// The first byte asked for, when the request names a range.
    var start: Int?
  }

  /// One connection; it is closed when the answer returns.
  struct Connection: Sendable {
    let descriptor: Int32

    func send(_ bytes: some Sequence<UInt8>) {
      let bytes = Array(bytes)
      var sent = 0
      while sent < bytes.count {
        let count = bytes.withUnsafeBytes {
          Foundation.send(
            descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
            Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return }
        sent += count
      }
    }

    /// Sends a head with a status and the length that it claims.
    func head(_ status: String, length: Int, _ more: String = "") {
      send(
        "HTTP/1.1 \(status)\r\nContent-Length: \(length)\r\n\(more)Connection: close\r\n\r\n".utf8)
    }
  }

  private let descriptor: Int32
  let port: Int

  /// Starts answering; each connection has a thread of its own.
  init(_ answer: @escaping @Sendable (Request, Connection) -> Void) throws {
    struct Failed: Error {}
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) + listen(descriptor, 16)
          + getsockname(descriptor, address, &length)
      }
    }
    if descriptor < 0 || status != 0 { throw Failed() }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread {
      while true {
        let connection = accept(descriptor, nil, nil)
        if connection < 0 {
          // Closed here and nowhere else: the number of a closed socket soon names another one.
          close(descriptor)
          return
        }
        Thread.detachNewThread {
          if let request = LoopbackServer.request(connection) {
            answer(request, Connection(descriptor: connection))
          }
          shutdown(connection, Int32(SHUT_RDWR))
          close(connection)
        }
      }
    }
  }

  /// Ends the wait for connections; the thread that waits closes the socket.
  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

  func address(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// Reads a request's head.
  private static func request(_ descriptor: Int32) -> Request? {
    var head = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !head.contains("\r\n\r\n") {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      head += String(decoding: buffer[..<count], as: UTF8.self)
    }
    let lines = head.components(separatedBy: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let start = range.flatMap { Int($0.dropFirst("range: bytes=".count).prefix { $0 != "-" }) }
    return Request(path: String(lines[0].split(separator: " ")[1].dropFirst()), start: start)
  }
}

/// A number that threads share.
final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  /// Adds one and returns the number before.
  @discardableResult
  func next() -> Int {
    lock.withLock {
      count += 1
      return count - 1
    }
  }

  var value: Int { lock.withLock { count } }
}
