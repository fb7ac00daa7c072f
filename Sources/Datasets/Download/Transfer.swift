private import CCurl

/// One request for the missing bytes of a file.
final class Transfer {
  private let address: String
  private let file: PartialFile
  private let downloader: Downloader
  private let progress: Downloader.Progress?
  private let library: UnsafePointer<ccurl_library>
  private let handle: UnsafeMutableRawPointer
  /// The place in the file from which bytes are asked for.
  private var offset: Int
  private var hasBegun = false
  /// What made a callback end the transfer.
  private var failure: DatasetError?

  /// libcurl, loaded once and never changed, which is why it may be shared; nil where it isn't
  /// installed.
  nonisolated(unsafe) private static let shared: UnsafePointer<ccurl_library>? = {
    let library = UnsafeMutablePointer<ccurl_library>.allocate(capacity: 1)
    library.initialize(to: ccurl_library())
    return ccurl_load(library) != 0 ? UnsafePointer(library) : nil
  }()

  init(
    _ address: String, into file: PartialFile, downloader: Downloader,
    progress: Downloader.Progress?
  ) throws(DatasetError) {
    guard let library = Transfer.shared, let handle = library.pointee.easy_init() else {
      throw .download(address: address, .noLibrary)
    }
    self.address = address
    self.file = file
    self.downloader = downloader
    self.progress = progress
    self.library = library
    self.handle = handle
    offset = file.count
  }

  deinit { library.pointee.easy_cleanup(handle) }

  /// Runs the request to its end.
  ///
  /// - Throws: ``DatasetError/download(address:_:)`` or ``DatasetError/output(path:_:)``.
  func run() throws(DatasetError) {
    configure()
    let code = library.pointee.easy_perform(handle)
    if let failure { throw failure }
    let status = Int(ccurl_response_status(library, handle))
    // 416: nothing is missing, or the partial file is longer than the real one. The digest tells.
    if status == 416 && offset > 0 { return }
    if status >= 400 { throw problem(.refused(status: status)) }
    if code != CURLE_OK { throw problem(cause(code)) }
  }

  private func problem(_ problem: DownloadProblem) -> DatasetError {
    .download(address: address, problem)
  }

  private func cause(_ code: CURLcode) -> DownloadProblem {
    let detail = library.pointee.easy_strerror(code).map { String(cString: $0) } ?? ""
    switch code {
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: return .badAddress
    case CURLE_OPERATION_TIMEDOUT where hasBegun || file.count > 0:
      return .stalled(seconds: downloader.stallSeconds)
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
      CURLE_HTTP2_STREAM:
      return .interrupted(received: file.count, detail: detail)
    default: return .unreachable(detail: detail)
    }
  }

  private func configure() {
    let protocols = downloader.allowsPlainHTTP ? "https,http" : "https"
    set(CURLOPT_URL, address)
    set(CURLOPT_PROTOCOLS_STR, protocols)
    set(CURLOPT_REDIR_PROTOCOLS_STR, protocols)
    set(CURLOPT_USERAGENT, "robustmetric")
    set(CURLOPT_FOLLOWLOCATION, 1)
    set(CURLOPT_MAXREDIRS, 5)
    // Signals belong to the program; without this, libcurl uses SIGALRM.
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_FAILONERROR, 1)
    set(CURLOPT_CONNECTTIMEOUT, downloader.connectSeconds)
    set(CURLOPT_LOW_SPEED_LIMIT, 1)
    set(CURLOPT_LOW_SPEED_TIME, downloader.stallSeconds)
    if offset > 0 { set(CURLOPT_RANGE, "\(offset)-") }
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = ccurl_set_pointer(library, handle, CURLOPT_WRITEDATA, context)
    _ = ccurl_set_callback(library, handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      let arrived = UnsafeRawBufferPointer(start: bytes, count: size * count)
      // Any other number than that of the bytes ends the transfer.
      return transfer.receive(arrived) ? arrived.count : 0
    }
  }

  private func set(_ option: CURLoption, _ value: Int) {
    _ = ccurl_set_long(library, handle, option, value)
  }

  private func set(_ option: CURLoption, _ value: String) {
    _ = ccurl_set_text(library, handle, option, value)
  }

  /// Takes up bytes that have arrived; returns whether to go on.
  private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do throws(DatasetError) {
      if !hasBegun {
        hasBegun = true
        let status = ccurl_response_status(library, handle)
        // A server that ignores the range sends the whole file.
        if offset > 0 && status != 206 {
          try file.empty()
          offset = 0
        }
      }
      if file.count + bytes.count > downloader.sizeLimit {
        file.remove()
        throw problem(.tooLarge(limit: downloader.sizeLimit))
      }
      try file.append(bytes)
    } catch {
      failure = error
      return false
    }
    if let progress, !progress(file.count) {
      failure = problem(.cancelled(received: file.count))
      return false
    }
    return true
  }
}
