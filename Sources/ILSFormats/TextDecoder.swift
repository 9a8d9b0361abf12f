import ILSRecord

/// What is said of a text, rather than found out from it.
public struct TextOptions: Sendable {
  public enum Format: String, CaseIterable, Sendable { case csv, json, ndjson }

  /// nil: by the file's name or its first bytes.
  public var format: Format?
  public var csv = CSVOptions()
  /// Where the records of a JSON envelope are; nil: found out.
  public var path: String?
  /// Joins the names of nested objects' fields.
  public var flatten: String?
  /// nil: found out.
  public var encoding: String?
  /// Bytes that mean nothing in the encoding become U+FFFD, in place of refusing their row.
  public var replacesErrors = false

  public init() {}
}

/// Text of any encoding and format to records: finds out both from the first 64 KiB, and hands on.
public struct TextDecoder: RecordDecoder, ~Copyable {
  private let options: TextOptions
  private let file: String?
  private let namesFile: Bool
  /// The start of the text, until its encoding is known.
  private var head = OutputBuffer()
  private var isBegun = false
  private var transcoder: Transcoder?
  private var transcoded = OutputBuffer()
  private var csv: CSVDecoder?
  private var json: JSONDecoder?

  private static var sampleSize: Int { 1 << 16 }

  /// - Parameters:
  ///   - file: the input's name, for messages; nil for stdin.
  ///   - namesFile: each record names it, as `_file`.
  public init(_ options: TextOptions = TextOptions(), file: String? = nil, namesFile: Bool = false) {
    self.options = options
    self.file = file
    self.namesFile = namesFile
  }

  public mutating func decode(_ chunk: PaddedBytes, emit: inout Emitter) throws(StopError) {
    if isBegun { return try pass(chunk, &emit) }
    head.append(chunk.bytes)
    if head.count >= Self.sampleSize { try begin(&emit) }
  }

  public mutating func sourceWaits(emit: inout Emitter) throws(StopError) {
    if !isBegun, head.bytes.contains(0x0A) { try begin(&emit) }
    try csv?.sourceWaits(emit: &emit)
    try json?.sourceWaits(emit: &emit)
  }

  public mutating func finish(emit: inout Emitter) throws(StopError) {
    if !isBegun { try begin(&emit) }
    if let transcoder {
      transcoded.removeAll()
      transcoder.finish(to: &transcoded)
      try forward(transcoded.padded, &emit)
    }
    try csv?.finish(emit: &emit)
    try json?.finish(emit: &emit)
  }

  private mutating func begin(_ emit: inout Emitter) throws(StopError) {
    isBegun = true
    let sample = head.bytes
    let encoding = options.encoding.map { TextEncoding(named: $0, sample: sample) } ?? TextEncoding.detect(sample)
    if !encoding.isUTF8 || options.replacesErrors {
      transcoder = try Transcoder(from: encoding.name, replacesErrors: options.replacesErrors)
    }
    tell(encoding, &emit)
    let body = head.padded[encoding.mark..<sample.count]
    let text = body.bytes
    if options.format == nil { try refuse(text) }
    switch options.format ?? (isJSON(text, encoding) ? .json : .csv) {
    case .csv: csv = CSVDecoder(options.csv, file: file, namesFile: namesFile)
    case .json:
      json = JSONDecoder(
        layout: options.path.map { .path($0) }, flatten: options.flatten, file: file, namesFile: namesFile)
    case .ndjson: json = JSONDecoder(layout: .lines, flatten: options.flatten, file: file, namesFile: namesFile)
    }
    try pass(body, &emit)
    head.removeAll()
  }

  /// Some files hold no table, whatever they are called: a login page that was saved as an export, for one.
  private func refuse(_ text: UnsafeRawBufferPointer) throws(StopError) {
    let start = text.prefix(64).drop { $0 <= 0x20 }.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    let kinds = [("<!doctype", "a web page"), ("<html", "a web page"), ("<?xml", "XML"), ("%pdf-", "a PDF")]
    guard let kind = kinds.first(where: { start.starts(with: $0.0.utf8) }) else { return }
    throw StopError(
      .dataError, code: "text.no_table",
      "this is \(kind.1), not a table: export again (--format csv reads it all the same)",
      at: Position(file: file))
  }

  private func tell(_ encoding: TextEncoding, _ emit: inout Emitter) {
    guard !encoding.isUTF8, options.encoding == nil else { return }
    emit.tell(
      Diagnostic(
        encoding.confidence < 0.9 ? .warning : .info, code: "text.encoding",
        "read as \(encoding.name): \(encoding.reason), \(Int(encoding.confidence * 100)) % sure"
          + (encoding.confidence < 0.9 ? "; name it with --encoding if that is wrong" : ""), at: Position(file: file)))
  }

  /// By the name, or by how the text starts: `{` and `[` in front of what JSON has behind them.
  private func isJSON(_ text: UnsafeRawBufferPointer, _ encoding: TextEncoding) -> Bool {
    if options.path != nil { return true }
    if let name = file?.lowercased() {
      let packed = [".gz", ".zst", ".xz"].first { name.hasSuffix($0) }
      let bare = packed.map { String(name.dropLast($0.count)) } ?? name
      if [".json", ".ndjson", ".jsonl"].contains(where: { bare.hasSuffix($0) }) { return true }
    }
    var characters = text.prefix(256).lazy.filter { $0 > 0x20 }.makeIterator()
    guard let first = characters.next(), let second = characters.next() else { return false }
    switch first {
    case UInt8(ascii: "{"): return second == UInt8(ascii: "\"") || second == UInt8(ascii: "}")
    case UInt8(ascii: "["): return second == UInt8(ascii: "{") || second == UInt8(ascii: "]")
    default: return false
    }
  }

  private mutating func pass(_ chunk: PaddedBytes, _ emit: inout Emitter) throws(StopError) {
    guard let transcoder else { return try forward(chunk, &emit) }
    transcoded.removeAll()
    transcoder.convert(chunk.bytes, to: &transcoded)
    try forward(transcoded.padded, &emit)
  }

  private mutating func forward(_ chunk: PaddedBytes, _ emit: inout Emitter) throws(StopError) {
    guard chunk.count > 0 else { return }
    try csv?.decode(chunk, emit: &emit)
    try json?.decode(chunk, emit: &emit)
  }
}
