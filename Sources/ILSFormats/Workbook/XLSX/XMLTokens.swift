import CScan
import ILSRecord
import Glibc

/// The tags and texts of an XML part (XML 1.0, UTF-8), one after the other, straight from the unpacker's window.
///
/// Namespace prefixes are passed over: the parts of a workbook use no local name twice. A document type declaration is
/// refused: no workbook has one, and entities come in no other way.
/// What a token points at is valid until the next call of `next`.
struct XMLTokens {
  enum Kind { case open, close, empty, text, cdata, end }

  private let stream: PartStream
  private(set) var base: UnsafePointer<UInt8>
  private var count = 0
  private(set) var at = 0
  private var isEnded = false
  /// The local name's first eight bytes; see `XMLName`.
  private(set) var name: UInt64 = 0
  /// The token's inside: attributes of a tag, or the bytes of a text.
  private(set) var start = 0
  private(set) var end = 0

  init(_ stream: PartStream) {
    self.stream = stream
    base = UnsafePointer(stream.base)
  }

  var position: Int { stream.position }

  /// The bytes of a text, with entities as they are written.
  @inline(__always)
  var text: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + start, count: end - start) }

  /// A tag's attributes.
  @inline(__always)
  var attributes: XMLAttributes { XMLAttributes(base + start, base + end) }

  /// The value of the attribute called `name`, decoded.
  func attribute(_ name: StaticString) -> String? {
    let key = XMLName.key(name)
    var attributes = attributes
    while let (found, value) = attributes.next() { if found == key { return XMLText.string(value) } }
    return nil
  }

  /// Unpacks more behind what is there; the token that starts at `at` stays.
  @inline(never)
  private mutating func more() throws(StopError) -> Bool {
    if isEnded { return false }
    let isFirst = count == 0 && at == 0
    isEnded = try !stream.refill(keeping: at)
    base = UnsafePointer(stream.base)
    count = stream.count
    at = 0
    if isFirst, count >= 2, base[0] == 0 || base[1] == 0 || (base[0] | 1 == 0xFF && base[1] | 1 == 0xFF) {
      throw fault(.xmlEncoding, "a part of the workbook is in UTF-16, which is not read: save it again with Excel")
    }
    return !isEnded
  }

  @inline(__always)
  mutating func next() throws(StopError) -> Kind {
    while true {
      if at >= count {
        if try more() { continue }
        return .end
      }
      if base[at] != UInt8(ascii: "<") {
        guard try readText() else { continue }
        return .text
      }
      let byte = base[at + 1]
      if byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") {
        if try readDeclaration() { return .cdata }
        continue
      }
      if let kind = readTag() { return kind }
      if try !more() { throw fault(.xmlTruncated, "a part of the workbook ends inside a tag: the file is damaged") }
    }
  }

  // MARK: - The usual spelling

  /// The bytes from the present token on, where `needed` of them are there.
  @inline(__always)
  func ahead(_ needed: Int) -> UnsafePointer<UInt8>? { count - at >= needed ? base + at : nil }

  /// Where the window ends.
  @inline(__always)
  var windowEnd: UnsafePointer<UInt8> { base + count }

  /// Goes on at `pointer`, which must be in the window.
  @inline(__always)
  mutating func jump(to pointer: UnsafePointer<UInt8>) { at = pointer - base }

  @inline(__always)
  private mutating func readText() throws(StopError) -> Bool {
    var to = at + 1
    // Most texts are a few digits: cheaper to look than to call.
    let near = min(count, at + 16)
    while to < near, base[to] != UInt8(ascii: "<") { to += 1 }
    if to == near {
      guard let found = memchr(base + to, 0x3C, count - to) else {
        if try more() { return false }
        (start, end) = (at, count)
        at = count
        return true
      }
      to = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - base
    }
    (start, end) = (at, to)
    at = to
    return true
  }

  /// The tag at `at`; nil where it is not there in full. Zero bytes behind the window end every loop.
  @inline(__always)
  private mutating func readTag() -> Kind? {
    var from = at + 1
    let isClose = base[from] == UInt8(ascii: "/")
    if isClose { from += 1 }
    var to = from
    while base[to] > 0x20, base[to] != UInt8(ascii: ">"), base[to] != UInt8(ascii: "/") {
      if base[to] == UInt8(ascii: ":") { from = to + 1 }
      to += 1
    }
    let nameLength = to - from
    let nameStart = from
    start = to
    while base[to] != UInt8(ascii: ">") {
      let byte = base[to]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        to += 1
        while base[to] != byte {
          if to >= count { return nil }
          to += 1
        }
      } else if to >= count {
        return nil
      }
      to += 1
    }
    guard to < count else { return nil }
    name = XMLName.key(base + nameStart, nameLength)
    let isEmpty = to > start && base[to - 1] == UInt8(ascii: "/")
    end = isEmpty ? to - 1 : to
    at = to + 1
    return isClose ? .close : isEmpty ? .empty : .open
  }

  /// Passes over a comment or a processing instruction; true for a CDATA section, whose text is the token then.
  private mutating func readDeclaration() throws(StopError) -> Bool {
    while count - at < 9, try more() {}
    if starts("<!--") {
      try pass("-->")
    } else if starts("<![CDATA[") {
      let from = 9
      try pass("]]>")
      (start, end) = (at - tokenLength + from, at - 3)
      return true
    } else if starts("<?") {
      let isFirst = starts("<?xml ")
      try pass("?>")
      if isFirst { try checkEncoding() }
    } else {
      throw fault(
        .xmlDoctype, "a part of the workbook declares a document type or entities: refused, as no workbook does")
    }
    return false
  }

  /// The XML declaration that was just passed over names no other encoding than UTF-8.
  private func checkEncoding() throws(StopError) {
    let text = String(
      decoding: UnsafeRawBufferPointer(start: base + at - tokenLength, count: tokenLength), as: UTF8.self
    ).lowercased()
    let parts = text.split(whereSeparator: { $0 == "\"" || $0 == "'" })
    guard let name = parts.firstIndex(where: { $0.hasSuffix("encoding=") }), name + 1 < parts.count else { return }
    guard ["utf-8", "utf8", "us-ascii"].contains(parts[name + 1]) else {
      throw fault(.xmlEncoding, "a part of the workbook is not in UTF-8, which is not read: save it again with Excel")
    }
  }

  private var tokenLength = 0

  private func starts(_ text: StaticString) -> Bool {
    count - at >= text.utf8CodeUnitCount && memcmp(base + at, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  /// Moves behind the next `mark`.
  private mutating func pass(_ mark: StaticString) throws(StopError) {
    while true {
      if let found = ils_find(base + at, count - at, mark.utf8Start, mark.utf8CodeUnitCount) {
        let to = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - base + mark.utf8CodeUnitCount
        tokenLength = to - at
        at = to
        return
      }
      if try !more() { throw fault(.xmlTruncated, "a part of the workbook ends too early: the file is damaged") }
    }
  }

  private func fault(_ fault: WorkbookFileFault, _ message: String) -> StopError {
    StopError(.dataError, fault, message)
  }
}

/// Names as numbers, so that comparing them is one instruction.
enum XMLName {
  /// The first eight bytes; of a longer name, the first seven and the length.
  @inline(__always)
  static func key(_ start: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
    let eight = UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
    if length < 8 { return eight & (1 << UInt64(length * 8) - 1) }
    return length == 8 ? eight : eight & 0x00FF_FFFF_FFFF_FFFF | UInt64(truncatingIfNeeded: length) << 56
  }

  /// The key of a name in the code.
  static func key(_ name: StaticString) -> UInt64 {
    var key: UInt64 = 0
    let length = name.utf8CodeUnitCount
    for at in 0..<min(length, length > 8 ? 7 : 8) { key |= UInt64(name.utf8Start[at]) << UInt64(at * 8) }
    return length > 8 ? key | UInt64(length) << 56 : key
  }

  // Those met in every cell, as constants.
  static var c: UInt64 { 0x63 }
  static var v: UInt64 { 0x76 }
  static var r: UInt64 { 0x72 }
  static var s: UInt64 { 0x73 }
  static var t: UInt64 { 0x74 }
  static var f: UInt64 { 0x66 }
  static var `is`: UInt64 { 0x7369 }
  static var strike: UInt64 { 0x656B_6972_7473 }
  static var row: UInt64 { 0x77_6F72 }
  static var rPh: UInt64 { 0x68_5072 }
  static var si: UInt64 { 0x6973 }
}

/// The attributes of one tag.
struct XMLAttributes {
  private var at: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>

  @inline(__always)
  init(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
    at = start
    self.end = end
  }

  /// The next attribute's local name, as a key, and its value as it is written.
  @inline(__always)
  mutating func next() -> (UInt64, UnsafeRawBufferPointer)? {
    while at < end, at.pointee <= 0x20 { at += 1 }
    var from = at
    while at < end, at.pointee != UInt8(ascii: "="), at.pointee > 0x20 {
      if at.pointee == UInt8(ascii: ":") { from = at + 1 }
      at += 1
    }
    let key = XMLName.key(from, at - from)
    while at < end, at.pointee != UInt8(ascii: "\""), at.pointee != UInt8(ascii: "'") { at += 1 }
    guard at < end else { return nil }
    let quote = at.pointee
    at += 1
    let value = at
    while at < end, at.pointee != quote { at += 1 }
    let length = at - value
    at += 1
    return (key, UnsafeRawBufferPointer(start: value, count: length))
  }
}
