/// Turns the bytes of an array's elements into doubles, chunk by chunk.
struct ElementDecoder {
  let layout: ArrayLayout
  private(set) var elements: [Double] = []

  init(_ layout: ArrayLayout) { self.layout = layout }

  /// Decodes everything that `source` still holds, which must be exactly the elements.
  ///
  /// - Throws: ``DatasetError/array(path:_:)`` or what the source throws.
  mutating func decodeAll(_ source: some ByteSource, path: String) throws(DatasetError) {
    if let found = source.remainingCount {
      if found > layout.byteCount { throw trailing(path) }
      if found < layout.byteCount { throw truncated(found, path) }
    }
    try decode(source, path: path)
    if try !source.chunk(upTo: 1).isEmpty { throw trailing(path) }
  }

  /// Decodes the elements from the front of `source`.
  ///
  /// - Throws: ``DatasetError/array(path:_:)`` or what the source throws.
  mutating func decode<Source: ByteSource>(_ source: Source, path: String) throws(DatasetError) {
    let expected = layout.byteCount
    // Only what is known to arrive is reserved, never what a header claims.
    if let promised = source.remainingCount, promised >= expected {
      elements.reserveCapacity(layout.count)
    }
    var found = 0
    while found < expected {
      let chunk = try source.chunk(upTo: min(expected - found, Source.chunkSize))
      found += chunk.count
      if chunk.isEmpty || chunk.count % layout.type.size != 0 { throw truncated(found, path) }
      try ArrayProblem.located(at: path) { () throws(ArrayProblem) in try append(chunk) }
    }
  }

  private func truncated(_ found: Int, _ path: String) -> DatasetError {
    .array(path: path, .truncated(expected: layout.byteCount, found: found))
  }

  private func trailing(_ path: String) -> DatasetError {
    .array(path: path, .trailingBytes(offset: layout.offset + layout.byteCount))
  }

  private mutating func append(_ chunk: [UInt8]) throws(ArrayProblem) {
    switch (layout.type.kind, layout.type.size) {
    case (.float, 8): append(chunk, as: UInt64.self) { Double(bitPattern: $0) }
    case (.float, 4): append(chunk, as: UInt32.self) { Double(Float(bitPattern: $0)) }
    case (.float, _): append(chunk, as: UInt16.self) { Double(halfPrecision: $0) }
    case (.boolean, _): try appendBooleans(chunk)
    case (.signed, 1): append(chunk, as: UInt8.self) { Double(Int8(bitPattern: $0)) }
    case (.signed, 2): append(chunk, as: UInt16.self) { Double(Int16(bitPattern: $0)) }
    case (.signed, 4): append(chunk, as: UInt32.self) { Double(Int32(bitPattern: $0)) }
    case (.signed, _): try appendExactly(chunk, as: Int64.self)
    case (.unsigned, 1): append(chunk, as: UInt8.self) { Double($0) }
    case (.unsigned, 2): append(chunk, as: UInt16.self) { Double($0) }
    case (.unsigned, 4): append(chunk, as: UInt32.self) { Double($0) }
    case (.unsigned, _): try appendExactly(chunk, as: UInt64.self)
    }
  }

  /// Appends elements stored as `Word` in the file's byte order.
  @inline(__always)
  private mutating func append<Word: FixedWidthInteger>(
    _ chunk: [UInt8], as: Word.Type, convert: (Word) -> Double
  ) {
    let isBigEndian = layout.type.isBigEndian
    chunk.withUnsafeBytes { bytes in
      for offset in stride(from: 0, to: bytes.count, by: Word.bitWidth / 8) {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: Word.self)
        elements.append(convert(isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word)))
      }
    }
  }

  /// Appends 64-bit integers, each of which must be a double exactly.
  private mutating func appendExactly<Word: FixedWidthInteger>(
    _ chunk: [UInt8], as: Word.Type
  ) throws(ArrayProblem) {
    let start = elements.count
    var inexact: (index: Int, value: String)?
    let isBigEndian = layout.type.isBigEndian
    append(chunk, as: Word.self) { _ in 0 }
    chunk.withUnsafeBytes { bytes in
      for index in 0..<bytes.count / 8 {
        let word = bytes.loadUnaligned(fromByteOffset: index * 8, as: Word.self)
        let value = isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word)
        if let double = Double(exactly: value) {
          elements[start + index] = double
        } else if inexact == nil {
          inexact = (start + index, "\(value)")
        }
      }
    }
    if let inexact { throw .inexactInteger(index: inexact.index, value: inexact.value) }
  }

  private mutating func appendBooleans(_ chunk: [UInt8]) throws(ArrayProblem) {
    if let index = chunk.firstIndex(where: { $0 > 1 }) {
      let offset = layout.offset + elements.count + index
      throw .badBoolean(offset: offset, value: chunk[index])
    }
    append(chunk, as: UInt8.self) { Double($0) }
  }
}

extension Double {
  /// The value of an IEEE 754 half-precision pattern, exactly.
  init(halfPrecision bits: UInt16) {
    let sign: Double = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1f)
    let fraction = Double(bits & 0x3ff)
    switch exponent {
    case 0: self = sign * fraction * 0x1p-24
    case 31: self = fraction == 0 ? sign * .infinity : .nan
    default:
      self = sign * Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
    }
  }
}
