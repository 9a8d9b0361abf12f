import ILSRecord

/// Where the records of a JSON text are.
public enum JSONLayout: Equatable, Sendable {
  /// One record a line (NDJSON): a line that is no JSON costs itself alone.
  case lines
  /// Values one behind the other, or one array of them.
  case values
  /// The array at the end of these steps into an envelope, `["data", "patients"]`, or into several that follow each other.
  case path([String])

  /// The steps of a JSON Pointer (`/data/patients`, RFC 6901) or of a dotted path (`data.patients`).
  public static func path(_ text: String) -> JSONLayout {
    guard text.hasPrefix("/") else { return .path(text.split(separator: ".").map(String.init)) }
    let steps = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    return .path(steps.map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") })
  }
}

/// JSON API exports to records: NDJSON, arrays, arrays inside an envelope (RFC 8259).
///
/// Values are streamed: memory holds one of them, however long the array is. Objects become records as they stand, on
/// one line; any other value becomes the field `value` of one. `_row` is the record's line or its number in the array.
public struct JSONDecoder: RecordDecoder, ~Copyable {
  private let file: String?
  private let namesFile: Bool
  private var walker: JSONWalker
  private var writer: JSONRecordWriter
  /// The start of the text, until the layout is known.
  private var head = OutputBuffer()
  private var isBegun: Bool
  private var isLines = false
  private var lines = JSONLines()
  /// Where the records are was said.
  private let isTold: Bool

  /// Of the value with this number, `place` tells where it stands.
  var sought: Int? {
    get { walker.sought }
    set { walker.sought = newValue }
  }
  var place: JSONPlace? { mutating get { walker.place } }
  var readsLines: Bool { mutating get { isLines } }

  /// - Parameters:
  ///   - layout: nil: lines or values, as the text shows.
  ///   - flatten: joins the names of nested objects' fields: `{"a":{"b":1}}` becomes `{"a.b":1}`.
  public init(layout: JSONLayout? = nil, flatten: String? = nil, file: String? = nil, namesFile: Bool = false) {
    self.file = file
    self.namesFile = namesFile
    isBegun = layout != nil
    isLines = layout == .lines
    isTold = isBegun && layout != .values
    if case .path(let steps) = layout { walker = JSONWalker(path: steps) } else { walker = JSONWalker(path: []) }
    writer = JSONRecordWriter(file: namesFile ? file : nil, source: file, flatten: flatten)
  }

  public mutating func decode(_ chunk: PaddedBytes, emit: inout Emitter) throws(StopError) {
    guard isBegun else {
      head.append(chunk.bytes)
      if head.count >= 1 << 16 { try begin(isWhole: false, &emit) }
      return
    }
    try read(chunk, &emit)
  }

  public mutating func sourceWaits(emit: inout Emitter) throws(StopError) {
    if !isBegun, head.bytes.contains(0x0A) { try begin(isWhole: false, &emit) }
  }

  public mutating func finish(emit: inout Emitter) throws(StopError) {
    if !isBegun { try begin(isWhole: true, &emit) }
    if isLines {
      lines.finish(&writer, file, &emit)
    } else {
      try walker.finish(&writer, position, &emit)
    }
    writer.tellValues(&emit)
    if !isTold { writer.tellShape(&emit) }
    if let path = walker.object { writer.tellShape(at: path, &emit) }
  }

  /// Lines, if the first line is an object in itself; values otherwise.
  private mutating func begin(isWhole: Bool, _ emit: inout Emitter) throws(StopError) {
    isBegun = true
    let mark = head.bytes.starts(with: [0xEF, 0xBB, 0xBF] as [UInt8]) ? 3 : 0
    let body = head.padded[mark..<head.count]
    let text = body.bytes
    let first = text.drop { $0 <= 0x20 }.prefix { $0 != 0x0A }
    if first.first == UInt8(ascii: "{"), isWhole || text.contains(0x0A) {
      isLines = (try? JSONValue(parsing: Array(first))) != nil || first.count >= 1 << 15
    }
    if first.first == UInt8(ascii: "["), JSONStart.isRows(text) { isLines = true }
    let layout = isLines ? "one value a line" : first.first == UInt8(ascii: "[") ? "the elements of an array" : "values"
    emit.tell(Diagnostic(.info, TextFault.jsonLayout, "JSON, \(layout)", at: position))
    emit.note(
      Decision(
        "records", .init(layout, certainty: 0.95),
        evidence: [isLines ? "the first line is a value in itself" : "so the text starts"],
        option: "--path", at: position))
    try read(body, &emit)
    head.removeAll()
  }

  private mutating func read(_ chunk: PaddedBytes, _ emit: inout Emitter) throws(StopError) {
    if isLines {
      lines.read(chunk, &writer, file, &emit)
    } else {
      try walker.read(chunk, &writer, position, &emit)
    }
  }

  private var position: Position { Position(file: file) }
}
