import ILSRecord

/// Walks to where the records of a JSON text are and takes them one by one.
struct JSONWalker: ~Copyable {
  private enum State: Equatable {
    /// In front of the values: the next one is an array of records, or a record.
    case outside
    /// In an envelope, looking for its member number `step`.
    case envelope(step: Int)
    /// In an array of an envelope, looking for its element number `path[step]`.
    case list(step: Int)
    /// In the array: each element is a record.
    case elements
    /// Behind the array of records.
    case behind
  }

  /// What may come next among the parts of an array or object.
  private enum Due { case valueOrEnd, value, separatorOrEnd }

  private let path: [String]
  /// The first step is a number: the text may be an array that is stepped into.
  private let startsInList: Bool
  private var state: State
  private var boundaries = JSONBoundaries()
  /// What has come of a value that is not yet whole.
  private var carry = OutputBuffer()
  private var isInside = false
  private var due = Due.valueOrEnd
  /// The array at the end of the path was there, in the present envelope.
  private var isFound = false
  private var leadsToObject = false
  /// The path as a pointer, where it leads to an object.
  var object: String? {
    let steps = path.map { $0.replacing("~", with: "~0").replacing("/", with: "~1") }
    return leadsToObject ? "/" + steps.joined(separator: "/") : nil
  }
  /// Outside an array: the values so far are objects.
  private var isObjects = false
  private var number = 0
  /// Bytes of the text that earlier chunks held.
  private var offset = 0
  /// In an envelope: the last string of the watched depth, which is a name if a colon follows.
  private var lastName: String?
  private var isWanted = false
  /// What was met last between two values is a colon.
  private var isBehindColon = false
  private var pages = JSONPages()
  /// In an array of an envelope: the number of the element that comes next, from 0.
  private var element = 0
  /// Line ends in front of the present chunk, and the bytes of the text up to behind the last of them.
  private var lineEnds = 0
  private var lineStart = 0

  /// Where the present value starts, and its line; and the place of the value that is sought.
  private var start = (offset: 0, line: 1)
  var sought: Int?
  private(set) var place: JSONPlace?

  /// The largest value that is taken for a record, in bytes.
  static var valueLimit: Int { 16 << 20 }

  init(path: [String]) {
    self.path = path
    state = path.isEmpty ? .outside : .envelope(step: 0)
    startsInList = path.first.map { Int($0) != nil } ?? false
  }

  mutating func read(
    _ padded: PaddedBytes, _ writer: inout JSONRecordWriter, _ position: Position, _ emit: inout Emitter
  ) throws(StopError) {
    let chunk = padded.bytes
    var at = 0
    var from = 0
    while at < chunk.count, !emit.isFull, let event = boundaries.next(padded, &at) {
      switch event {
      case .start:
        try expectValue(chunk, at, position)
        if descends(chunk[at]) {
          // An array of records, or the envelope's next level: its parts are watched instead.
          boundaries.watched += 1
          due = .valueOrEnd
          isBehindColon = false
          at += 1
          continue
        }
        isInside = true
        from = at
        if sought == number + 1 {
          start = (offset + at, lineEnds + chunk[..<at].count { $0 == 0x0A } + 1)
        }
        if chunk[at] == UInt8(ascii: "\"") || chunk[at] == UInt8(ascii: "{") || chunk[at] == UInt8(ascii: "[") {
          at += 1
        }
      case .end, .endBefore:
        if event == .end { at += 1 }
        try take(
          UnsafeRawBufferPointer(rebasing: chunk[from..<at]), &writer, position, &emit, behind: (chunk, at))
        isInside = false
        from = at
        due = state == .outside ? .valueOrEnd : .separatorOrEnd
      case .separator:
        try expectSeparator(chunk, at, position)
        isBehindColon = chunk[at] == UInt8(ascii: ":")
        at += 1
      case .close:
        try close(chunk, at, position)
        at += 1
      }
    }
    if isInside, !emit.isFull {
      carry.append(UnsafeRawBufferPointer(rebasing: chunk[from...]))
      if carry.count > Self.valueLimit {
        throw StopError(
          .dataError, RecordFault.jsonTooLong,
          "value \(number + 1) is longer than \(Self.valueLimit >> 20) MiB: if the records are an array inside it, name it with --path",
          at: position)
      }
    }
    countLines(chunk)
    offset += chunk.count
  }

  private mutating func countLines(_ text: UnsafeRawBufferPointer) {
    guard let end = text.lastIndex(of: 0x0A) else { return }
    lineEnds += text.count { $0 == 0x0A }
    lineStart = offset + end + 1
  }

  /// Where byte `at` of the present chunk stands, as an editor shows it.
  private func place(_ chunk: UnsafeRawBufferPointer, _ at: Int) -> String {
    let before = chunk[..<min(at, chunk.count)]
    let start = before.lastIndex(of: 0x0A).map { offset + $0 + 1 } ?? lineStart
    return "line \(lineEnds + before.count { $0 == 0x0A } + 1), column \(offset + at - start + 1)"
  }

  private func fault(_ chunk: UnsafeRawBufferPointer, _ at: Int, _ message: String, _ position: Position) -> StopError {
    StopError(
      .dataError, RecordFault.jsonInvalid, "\(place(chunk, at)) (byte \(offset + at + 1)): \(message)", at: position)
  }

  private mutating func expectValue(_ chunk: UnsafeRawBufferPointer, _ at: Int, _ position: Position) throws(StopError)
  {
    let byte = chunk[at]
    if state == .outside {
      let isObject = byte == UInt8(ascii: "{")
      if number > 0, !isObject || !isObjects {
        throw fault(chunk, at, "text behind the value: only objects may follow each other", position)
      }
      isObjects = isObject
    }
    if state == .behind, boundaries.watched == 0 {
      // Another page follows: an envelope, or an array of records.
      if !path.isEmpty, byte == opening { try beginNextEnvelope(position) }
      if path.isEmpty, number > 0, byte == UInt8(ascii: "[") { (state, due) = (.outside, .valueOrEnd) }
    }
    if due == .separatorOrEnd { throw fault(chunk, at, "expected ',' or the end of the array or object", position) }
    if state == .behind, path.isEmpty {
      throw fault(chunk, at, "text behind the array: one array is expected", position)
    }
  }

  /// Another envelope follows: pages of an API come so.
  private mutating func beginNextEnvelope(_ position: Position) throws(StopError) {
    if !isFound { throw nothingThere(position) }
    (state, due, isFound, lastName) = (.envelope(step: 0), .valueOrEnd, false, nil)
    pages.begin()
  }

  /// What an envelope starts with.
  private var opening: UInt8 { startsInList ? UInt8(ascii: "[") : UInt8(ascii: "{") }

  private func nothingThere(_ position: Position) -> StopError {
    StopError(
      .dataError, TextFault.jsonNoPath, "there is no array or object at \(path.joined(separator: ".")): check --path",
      at: position)
  }

  private mutating func expectSeparator(_ chunk: UnsafeRawBufferPointer, _ at: Int, _ position: Position)
    throws(StopError)
  {
    let byte = chunk[at]
    let isColon = byte == UInt8(ascii: ":")
    let wantsColon = if case .envelope = state { lastName != nil || isWanted } else { false }
    guard due == .separatorOrEnd, state != .outside, boundaries.watched > 0, isColon == wantsColon || state == .behind
    else {
      throw fault(chunk, at, "a '\(isColon ? ":" : ",")' where none belongs", position)
    }
    due = .value
  }

  /// Whether the value that starts with `byte` is to be entered, not taken.
  private mutating func descends(_ byte: UInt8) -> Bool {
    switch state {
    case .outside:
      guard byte == UInt8(ascii: "["), boundaries.watched == 0 else { return false }
      state = .elements
      return true
    case .envelope(let step):
      if boundaries.watched == 0, !isWanted {
        if byte == UInt8(ascii: "{") { return step < path.count }
        guard byte == UInt8(ascii: "["), startsInList else { return false }
        (state, element) = (.list(step: step), 0)
        return true
      }
      guard isWanted else { return false }
      let isEntered = enter(byte, step)
      if isEntered { isWanted = false }
      return isEntered
    case .list(let step): return Int(path[step]) == element && enter(byte, step)
    case .elements, .behind: return false
    }
  }

  /// Enters the value that step `step` of the path leads to, if it goes on from there or is the array of records.
  private mutating func enter(_ byte: UInt8, _ step: Int) -> Bool {
    let isLast = step == path.count - 1
    switch byte {
    case UInt8(ascii: "{"):
      guard !isLast else { return false }
      state = .envelope(step: step + 1)
    case UInt8(ascii: "["):
      if isLast {
        state = .elements
        isFound = true
      } else {
        guard Int(path[step + 1]) != nil else { return false }
        (state, element) = (.list(step: step + 1), 0)
      }
    default: return false
    }
    return true
  }

  /// A value is whole.
  private mutating func take(
    _ tail: UnsafeRawBufferPointer, _ writer: inout JSONRecordWriter, _ position: Position, _ emit: inout Emitter,
    behind chunk: Chunk
  ) throws(StopError) {
    carry.append(tail)
    defer { carry.removeAll() }
    if case .envelope(let step) = state {
      if isWanted, step == path.count - 1 { write(one: &writer, position, &emit, chunk) }
      if !isWanted { pages.note(carry.bytes, isBehindColon: isBehindColon) }
      return name(carry.bytes, step)
    }
    if case .list(let step) = state {
      if step == path.count - 1, Int(path[step]) == element { write(one: &writer, position, &emit, chunk) }
      element += 1
      return
    }
    if state == .behind { return pages.note(carry.bytes, isBehindColon: isBehindColon) }
    write(&writer, position, &emit, chunk)
  }

  /// The path leads to an object, and to no array of them: it is the record.
  private mutating func write(
    one writer: inout JSONRecordWriter, _ position: Position, _ emit: inout Emitter, _ chunk: Chunk
  ) {
    guard carry.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return }
    (isFound, leadsToObject) = (true, true)
    write(&writer, position, &emit, chunk)
  }

  private mutating func write(
    _ writer: inout JSONRecordWriter, _ position: Position, _ emit: inout Emitter, _ chunk: Chunk
  ) {
    number += 1
    if number == sought { place = JSONPlace(offset: start.offset, line: start.line, bytes: Array(carry.bytes)) }
    do throws(RecordError) {
      try writer.write(carry.padded, number: number, &emit)
    } catch {
      var position = position
      position.row = number
      emit.reject(Rejection(located(error, chunk)), at: position, input: .raw(carry.bytes))
    }
  }

  /// What a value has come to an end in, and where.
  private typealias Chunk = (bytes: UnsafeRawBufferPointer, end: Int)

  private func located(_ error: RecordError, _ chunk: Chunk) -> RecordError {
    JSONPlace.located(
      error, in: carry.bytes, endingAt: chunk.end, of: chunk.bytes, offset: offset, lineEnds: lineEnds,
      lineStart: lineStart)
  }

  /// Members of an object come as names and values in turn.
  private mutating func name(_ text: UnsafeRawBufferPointer, _ step: Int) {
    if isWanted {
      // The path leads here, and the value is neither an envelope nor the array.
      isWanted = false
    } else if lastName == nil {
      lastName = (try? JSONValue(parsing: Array(text)))?.string ?? ""
      isWanted = step < path.count && lastName == path[step]
      if isWanted { lastName = nil }
    } else {
      lastName = nil
      isWanted = false
    }
  }

  private mutating func close(_ chunk: UnsafeRawBufferPointer, _ at: Int, _ position: Position) throws(StopError) {
    let byte = chunk[at]
    let closes = if case .envelope = state { UInt8(ascii: "}") } else { UInt8(ascii: "]") }
    guard boundaries.watched > 0, due != .value, byte == closes || (state == .behind && !path.isEmpty) else {
      throw fault(chunk, at, "a bracket closes that was not opened, or a value is missing", position)
    }
    boundaries.watched -= 1
    due = .separatorOrEnd
    if state != .outside { state = .behind }
  }

  /// - Throws: `json.truncated` where the text ends inside a value, `json.no_path` where the path led nowhere.
  mutating func finish(
    _ writer: inout JSONRecordWriter, _ position: Position, _ emit: inout Emitter
  ) throws(StopError) {
    if isInside, boundaries.depth == boundaries.watched, state == .outside, carry.bytes.first != UInt8(ascii: "\"") {
      // A lone number or literal has no end but the text's.
      isInside = false
      let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
      try take(nothing, &writer, position, &emit, behind: (nothing, 0))
    }
    if !path.isEmpty, !isFound { throw nothingThere(position) }
    if state == .outside, number == 0, !isInside {
      throw StopError(.dataError, RecordFault.jsonTruncated, "there is no JSON value in it", at: position)
    }
    if isInside || boundaries.depth > 0 {
      throw StopError(
        .dataError, RecordFault.jsonTruncated, "the text ends inside value \(number + 1): it was cut off; get it again",
        at: position)
    }
    if !path.isEmpty { pages.tell(number, position, &emit) }
  }
}
