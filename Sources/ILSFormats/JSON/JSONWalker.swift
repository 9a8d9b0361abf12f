import ILSRecord

/// Walks to where the records of a JSON text are and takes them one by one.
struct JSONWalker: ~Copyable {
  private enum State: Equatable {
    /// In front of the values: the next one is an array of records, or a record.
    case outside
    /// In an envelope, looking for its member number `step`.
    case envelope(step: Int)
    /// In the array: each element is a record.
    case elements
    /// Behind the array of records.
    case behind
  }

  /// What may come next among the parts of an array or object.
  private enum Due { case valueOrEnd, value, separatorOrEnd }

  private let path: [String]
  private var state: State
  private var boundaries = JSONBoundaries()
  /// What has come of a value that is not yet whole.
  private var carry = OutputBuffer()
  private var isInside = false
  private var due = Due.valueOrEnd
  /// The array at the end of the path was there, in the present envelope.
  private var isFound = false
  /// Outside an array: the values so far are objects.
  private var isObjects = false
  private var number = 0
  /// Bytes of the text that earlier chunks held.
  private var offset = 0
  /// In an envelope: the last string of the watched depth, which is a name if a colon follows.
  private var lastName: String?
  private var isWanted = false

  /// The largest value that is taken for a record, in bytes.
  static var valueLimit: Int { 16 << 20 }

  init(path: [String]) {
    self.path = path
    state = path.isEmpty ? .outside : .envelope(step: 0)
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
        try expectValue(at, chunk[at], position)
        if descends(chunk[at]) {
          // An array of records, or the envelope's next level: its parts are watched instead.
          boundaries.watched += 1
          due = .valueOrEnd
          at += 1
          continue
        }
        isInside = true
        from = at
        if chunk[at] == UInt8(ascii: "\"") || chunk[at] == UInt8(ascii: "{") || chunk[at] == UInt8(ascii: "[") {
          at += 1
        }
      case .end, .endBefore:
        if event == .end { at += 1 }
        try take(UnsafeRawBufferPointer(rebasing: chunk[from..<at]), &writer, position, &emit)
        isInside = false
        from = at
        due = state == .outside ? .valueOrEnd : .separatorOrEnd
      case .separator:
        try expectSeparator(chunk[at], at, position)
        at += 1
      case .close:
        try close(chunk[at], at, position)
        at += 1
      }
    }
    if isInside, !emit.isFull {
      carry.append(UnsafeRawBufferPointer(rebasing: chunk[from...]))
      if carry.count > Self.valueLimit {
        throw StopError(
          .dataError, code: "json.too_long",
          "value \(number + 1) is longer than \(Self.valueLimit >> 20) MiB: if the records are an array inside it, name it with --path",
          at: position)
      }
    }
    offset += chunk.count
  }

  private func fault(_ at: Int, _ message: String, _ position: Position) -> StopError {
    StopError(.dataError, code: "json.invalid", "byte \(offset + at + 1): \(message)", at: position)
  }

  private mutating func expectValue(_ at: Int, _ byte: UInt8, _ position: Position) throws(StopError) {
    if state == .outside {
      let isObject = byte == UInt8(ascii: "{")
      if number > 0, !isObject || !isObjects {
        throw fault(at, "text behind the value: only objects may follow each other", position)
      }
      isObjects = isObject
    }
    if state == .behind, !path.isEmpty, boundaries.watched == 0, byte == UInt8(ascii: "{") {
      try beginNextEnvelope(position)
    }
    if due == .separatorOrEnd { throw fault(at, "expected ',' or the end of the array or object", position) }
    if state == .behind, path.isEmpty { throw fault(at, "text behind the array: one array is expected", position) }
  }

  /// Another envelope follows: pages of an API come so.
  private mutating func beginNextEnvelope(_ position: Position) throws(StopError) {
    if !isFound { throw nothingThere(position) }
    (state, due, isFound, lastName) = (.envelope(step: 0), .valueOrEnd, false, nil)
  }

  private func nothingThere(_ position: Position) -> StopError {
    StopError(
      .dataError, code: "json.no_path", "there is no array at \(path.joined(separator: ".")): check --path",
      at: position)
  }

  private mutating func expectSeparator(_ byte: UInt8, _ at: Int, _ position: Position) throws(StopError) {
    let isColon = byte == UInt8(ascii: ":")
    let wantsColon = if case .envelope = state { lastName != nil || isWanted } else { false }
    guard due == .separatorOrEnd, state != .outside, boundaries.watched > 0, isColon == wantsColon || state == .behind
    else {
      throw fault(at, "a '\(isColon ? ":" : ",")' where none belongs", position)
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
      if boundaries.watched == 0 || isWanted, byte == UInt8(ascii: "{"), step < path.count {
        if isWanted { state = .envelope(step: step + 1) }
        isWanted = false
        return true
      }
      if isWanted, byte == UInt8(ascii: "["), step == path.count - 1 {
        state = .elements
        isFound = true
        isWanted = false
        return true
      }
      return false
    case .elements, .behind: return false
    }
  }

  /// A value is whole.
  private mutating func take(
    _ tail: UnsafeRawBufferPointer, _ writer: inout JSONRecordWriter, _ position: Position, _ emit: inout Emitter
  ) throws(StopError) {
    carry.append(tail)
    defer { carry.removeAll() }
    if case .envelope(let step) = state { return name(carry.bytes, step) }
    guard state != .behind else { return }
    number += 1
    do throws(RecordError) {
      try writer.write(carry.padded, number: number, &emit)
    } catch {
      var position = position
      position.row = number
      emit.reject(Rejection(error), at: position, input: .raw(carry.bytes))
    }
  }

  /// Members of an object come as names and values in turn.
  private mutating func name(_ text: UnsafeRawBufferPointer, _ step: Int) {
    if lastName == nil {
      lastName = (try? JSONValue(parsing: Array(text)))?.string ?? ""
      isWanted = step < path.count && lastName == path[step]
      if isWanted { lastName = nil }
    } else {
      lastName = nil
      isWanted = false
    }
  }

  private mutating func close(_ byte: UInt8, _ at: Int, _ position: Position) throws(StopError) {
    let closes = if case .envelope = state { UInt8(ascii: "}") } else { UInt8(ascii: "]") }
    guard boundaries.watched > 0, due != .value, byte == closes || (state == .behind && !path.isEmpty) else {
      throw fault(at, "a bracket closes that was not opened, or a value is missing", position)
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
      try take(UnsafeRawBufferPointer(start: nil, count: 0), &writer, position, &emit)
    }
    if !path.isEmpty, !isFound { throw nothingThere(position) }
    if state == .outside, number == 0, !isInside {
      throw StopError(.dataError, code: "json.truncated", "there is no JSON value in it", at: position)
    }
    if isInside || boundaries.depth > 0 {
      throw StopError(
        .dataError, code: "json.truncated", "the text ends inside value \(number + 1): it was cut off; get it again",
        at: position)
    }
  }
}
