/// The head of one part of a multipart/form-data body.
public struct MultipartPart: Equatable, Sendable {
  /// The form field's name.
  public var name: String
  /// nil for a field that is no file.
  public var filename: String?
}

/// Why a text is not what it should be, for people.
public struct PartsError: Error, Equatable, Sendable {
  public var message: String

  public init(message: String) { self.message = message }
}

/// Takes a multipart/form-data body apart (RFC 7578; the framing of RFC 2046, 5.1), fed in chunks of any size.
///
/// Contents are handed on as they come: memory holds one chunk and one delimiter, however large a part is.
public struct MultipartParser: Sendable {
  public enum Event {
    case begin(MultipartPart)
    case bytes(ArraySlice<UInt8>)
    case end
  }

  private enum State { case preamble, delimiter, head, contents, body, epilogue }

  /// CRLF, two hyphens, the boundary.
  private let delimiter: [UInt8]
  private var state = State.preamble
  /// Bytes that are not dealt with yet; the line break that may precede the first delimiter is put in front.
  private var pending: [UInt8] = [0x0D, 0x0A]
  private var parts = 0

  /// What a part's head may have at most, in bytes; and a body, in parts.
  public static let headLimit = 8 << 10
  public static let partLimit = 32

  /// - Parameter contentType: the value of the request's Content-Type header.
  /// - Throws: where it is no multipart/form-data, or its boundary is missing or not of RFC 2046's form.
  public init(contentType: String) throws(PartsError) {
    let header = HeaderValue(contentType)
    guard header.value.lowercased() == "multipart/form-data" else {
      throw PartsError(message: "the body must be multipart/form-data")
    }
    guard let boundary = header.parameters["boundary"], (1...70).contains(boundary.utf8.count),
      boundary.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }), boundary.last != " "
    else { throw PartsError(message: "the Content-Type header names no boundary") }
    delimiter = [0x0D, 0x0A, 0x2D, 0x2D] + Array(boundary.utf8)
  }

  /// Takes the next bytes; `emit` gets what they complete, in order.
  public mutating func feed(_ chunk: some Collection<UInt8>, _ emit: (Event) throws -> Void) throws {
    pending.append(contentsOf: chunk)
    var at = 0
    while try step(&at, emit) {}
    pending.removeFirst(at)
  }

  /// Called behind the last byte.
  /// - Throws: where the body ends before its closing delimiter: a file that was cut off is never called whole.
  public func finish() throws(PartsError) {
    if state != .epilogue { throw PartsError(message: "the body ends before its last boundary") }
  }

  /// Goes one step on from `at`; false where more bytes are needed.
  private mutating func step(_ at: inout Int, _ emit: (Event) throws -> Void) throws -> Bool {
    switch state {
    case .preamble: return skipPreamble(&at)
    case .delimiter: return try endDelimiter(&at)
    case .head: return try readHead(&at, emit)
    case .contents: return try beginContents(&at, emit)
    case .body: return try readBody(&at, emit)
    case .epilogue:
      at = pending.count
      return false
    }
  }

  private mutating func skipPreamble(_ at: inout Int) -> Bool {
    guard let found = find(from: at) else {
      at = max(at, pending.count - delimiter.count + 1)
      return false
    }
    at = found + delimiter.count
    state = .delimiter
    return true
  }

  /// Behind a delimiter: blanks and a line break, or two hyphens where it is the last.
  private mutating func endDelimiter(_ at: inout Int) throws -> Bool {
    var next = at
    while next < pending.count, pending[next] == 0x20 || pending[next] == 0x09 { next += 1 }
    if next - at > 64 { throw PartsError(message: "a boundary is followed by something else") }
    guard next + 1 < pending.count else { return false }
    switch (pending[next], pending[next + 1]) {
    case (0x0D, 0x0A):
      state = .head
      parts += 1
      if parts > Self.partLimit { throw PartsError(message: "the body has more than \(Self.partLimit) parts") }
    case (0x2D, 0x2D) where next == at: state = .epilogue
    default: throw PartsError(message: "a boundary is followed by something else")
    }
    at = next + 2
    return true
  }

  private mutating func readHead(_ at: inout Int, _ emit: (Event) throws -> Void) throws -> Bool {
    let blank: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
    let end = (at..<max(at, pending.count - 3)).first { pending[$0..<($0 + 4)].elementsEqual(blank) }
    guard (end ?? pending.count) - at <= Self.headLimit else {
      throw PartsError(message: "a part's head is longer than \(Self.headLimit) bytes")
    }
    guard let end else { return false }
    try emit(.begin(try part(String(decoding: pending[at..<end], as: UTF8.self))))
    at = end + 2
    state = .contents
    return true
  }

  /// At the line break behind a part's head: it may be the next delimiter's own, where the part is empty.
  private mutating func beginContents(_ at: inout Int, _ emit: (Event) throws -> Void) throws -> Bool {
    let ahead = pending[at...].prefix(delimiter.count)
    if delimiter.starts(with: ahead), ahead.count < delimiter.count { return false }
    if ahead.elementsEqual(delimiter) {
      try emit(.end)
      at += delimiter.count
      state = .delimiter
    } else {
      at += 2
      state = .body
    }
    return true
  }

  private func part(_ head: String) throws(PartsError) -> MultipartPart {
    for line in head.split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "content-disposition" else { continue }
      let header = HeaderValue(line[line.index(after: colon)...])
      guard header.value.lowercased() == "form-data", let name = header.parameters["name"] else { break }
      return MultipartPart(name: name, filename: header.parameters["filename"])
    }
    throw PartsError(message: "a part has no Content-Disposition: form-data with a name")
  }

  private mutating func readBody(_ at: inout Int, _ emit: (Event) throws -> Void) throws -> Bool {
    if let found = find(from: at) {
      if found > at { try emit(.bytes(pending[at..<found])) }
      try emit(.end)
      at = found + delimiter.count
      state = .delimiter
      return true
    }
    let safe = pending.count - delimiter.count + 1
    if safe > at {
      try emit(.bytes(pending[at..<safe]))
      at = safe
    }
    return false
  }

  /// Where the next delimiter begins.
  private func find(from start: Int) -> Int? {
    pending.withUnsafeBufferPointer { bytes in
      var at = start
      let last = bytes.count - delimiter.count
      while at <= last {
        if bytes[at] == 0x0D, bytes[at + 1] == 0x0A, bytes[at + 2] == 0x2D,
          delimiter.indices.allSatisfy({ bytes[at + $0] == delimiter[$0] })
        {
          return at
        }
        at += 1
      }
      return nil
    }
  }
}
