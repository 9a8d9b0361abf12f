import CScan
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
  /// Text that was read in the wrong encoding before is put right.
  public var mendsMojibake = false

  public init() {}
}

/// Text of any encoding and format to records: finds out both from the first 64 KiB, and hands on.
public struct TextDecoder: RecordDecoder, ~Copyable {
  private let options: TextOptions
  private let file: String?
  private let namesFile: Bool
  /// What waits until the encoding is known: the start of the text, or of what is beyond ASCII in it.
  private var head = OutputBuffer()
  private var isBegun = false
  /// All so far was ASCII, which most encodings have in common: the first bytes beyond it decide.
  private var isOpen = false
  private var transcoder: Transcoder?
  /// Finds rows in UTF-8 among those of another encoding.
  private var foreignRows: ForeignRows?
  private var transcoded = OutputBuffer()
  private var mender: MojibakeMender?
  private var mended = OutputBuffer()
  private var letters = LostLetters()
  private var spelled = SpelledLetters()
  private var escapes = JSONEscapes()
  private var plain = OutputBuffer()
  private var csv: CSVDecoder?
  private var json: JSONDecoder?
  /// The encoding that the text is in, as far as it is known.
  private var encoding = TextEncoding("UTF-8", "as long as nothing speaks against it")
  /// The number of the JSON value of which `layout` tells where it stands.
  public var sought: Int?

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
    if isBegun, !isOpen { return try pass(chunk, &emit) }
    if isOpen, head.isEmpty, isASCII(chunk) { return try pass(chunk, &emit) }
    head.append(chunk.bytes)
    if head.count >= Self.sampleSize { try settle(isWhole: false, &emit) }
  }

  public mutating func sourceWaits(emit: inout Emitter) throws(StopError) {
    // Where more must be known to tell the encoding, the text waits for it.
    if !head.isEmpty, head.bytes.contains(0x0A), firstInvalidUTF8(head.bytes) == nil {
      try settle(isWhole: false, &emit)
    }
    try csv?.sourceWaits(emit: &emit)
    try json?.sourceWaits(emit: &emit)
  }

  public mutating func finish(emit: inout Emitter) throws(StopError) {
    if !isBegun || !head.isEmpty { try settle(isWhole: true, &emit) }
    if isOpen {
      isOpen = false
      emit.note(TextEncoding("UTF-8", "all of it is ASCII").decision(at: Position(file: file)))
    }
    if let transcoder {
      transcoded.removeAll()
      foreignRows?.finish(transcoder, to: &transcoded, &emit)
      transcoder.finish(to: &transcoded)
      try forward(transcoded.padded, &emit)
    }
    if mender != nil || json != nil {
      transcoded.removeAll()
      try forward(transcoded.padded, isLast: true, &emit)
    }
    try csv?.finish(emit: &emit)
    try json?.finish(emit: &emit)
    letters.tell(isMended: mender != nil, Position(file: file), &emit)
    spelled.tell(Position(file: file), &emit)
  }

  /// Decides about what has gathered, and hands it on.
  private mutating func settle(isWhole: Bool, _ emit: inout Emitter) throws(StopError) {
    if !isBegun { return try begin(isWhole: isWhole, &emit) }
    isOpen = false
    try decode(TextEncoding.detect(head.bytes, isWhole: isWhole), &emit)
    try pass(head.padded, &emit)
    head.removeAll()
  }

  /// From here on, the text is in `encoding`.
  private mutating func decode(_ encoding: TextEncoding, _ emit: inout Emitter) throws(StopError) {
    if self.encoding.mark == 0 { self.encoding = encoding }
    if options.encoding == nil { try tell(encoding, &emit) }
    csv?.encoding = encoding.name
    guard !encoding.isUTF8 || options.replacesErrors else { return }
    transcoder = try Transcoder(from: encoding.name, replacesErrors: options.replacesErrors)
    if let choice = encoding.choice { foreignRows = ForeignRows(choice, file: file) }
  }

  private mutating func begin(isWhole: Bool, _ emit: inout Emitter) throws(StopError) {
    isBegun = true
    let sample = head.bytes
    let encoding =
      options.encoding.map { TextEncoding(named: $0, sample: sample) }
      ?? TextEncoding.detect(sample, isWhole: isWhole)
    // Two or four bytes a character look like binary data.
    if options.format == nil, !["UTF-16", "UTF-32", "ISO-2022"].contains(where: { encoding.name.hasPrefix($0) }) {
      try refuse(sample)
    }
    self.encoding = encoding
    isOpen = options.encoding == nil && encoding.isUTF8 && isASCII(head.padded)
    if !isOpen { try decode(encoding, &emit) }
    if options.mendsMojibake { mender = MojibakeMender() }
    let body = head.padded[encoding.mark..<sample.count]
    let format = options.format ?? (isJSON(body.bytes, encoding) ? .json : .csv)
    if options.format == nil, format == .csv, options.csv.delimiter == nil {
      if let notation = LineNotation(body.bytes) {
        throw noTable(notation.description.name, notation.description.advice)
      }
      try refuseFixedWidth(body.bytes)
    }
    switch format {
    case .csv:
      csv = CSVDecoder(options.csv, file: file, namesFile: namesFile)
      csv?.encoding = encoding.name
    case .json:
      json = JSONDecoder(
        layout: options.path.map { .path($0) }, flatten: options.flatten, file: file, namesFile: namesFile)
    case .ndjson: json = JSONDecoder(layout: .lines, flatten: options.flatten, file: file, namesFile: namesFile)
    }
    json?.sought = sought
    try pass(body, &emit)
    head.removeAll()
  }

  /// How the text is written, as far as it is known by now.
  public mutating func layout() -> TextLayout {
    let table = csv?.table
    let isLines = json?.readsLines == true
    let place = json?.place
    let kind: TextLayout.Kind =
      if let table {
        .csv(table.dialect, names: table.names, skip: options.csv.skip)
      } else if isLines { .lines } else { .values(place, path: options.path) }
    return TextLayout(kind: kind, encoding: encoding.name, mark: encoding.mark, mends: options.mendsMojibake)
  }

  /// Some files hold no table, whatever they are called: a login page that was saved as an export, for one.
  private func refuse(_ sample: UnsafeRawBufferPointer) throws(StopError) {
    if sample.isEmpty {
      throw StopError(
        .dataError, TextFault.textEmpty, "the input is empty, not even a row of names: has its export failed?",
        at: Position(file: file))
    }
    if let foreign = ForeignFormat(sample) { throw noTable(foreign.name, foreign.advice) }
  }

  private func noTable(_ name: String, _ advice: String) -> StopError {
    StopError(
      .dataError, TextFault.textNoTable, "this is \(name), not a table: \(advice) (--format csv reads it all the same)",
      at: Position(file: file))
  }

  private func refuseFixedWidth(_ text: UnsafeRawBufferPointer) throws(StopError) {
    guard let columns = FixedWidth.columns(text) else { return }
    let places = columns.prefix(8).map { "\($0)" }.joined(separator: ", ")
    throw StopError(
      .dataError, TextFault.textFixedWidth,
      "nothing separates the cells, they seem to start at characters \(places)\(columns.count > 8 ? " ..." : ""): "
        + "open it in a spreadsheet as text of fixed width, and save it as CSV (--format csv reads whole lines)",
      at: Position(file: file))
  }

  /// Says what the encoding is taken for, and stops where that is not certain.
  private func tell(_ encoding: TextEncoding, _ emit: inout Emitter) throws(StopError) {
    let position = Position(file: file)
    emit.note(encoding.decision(at: position))
    let reasons = encoding.evidence.joined(separator: ", ")
    guard encoding.isCertain else {
      let others = encoding.choice?.others.filter { $0.certainty >= 0.02 }.map(\.page.name) ?? []
      throw StopError(
        .dataError, TextFault.textEncoding,
        "the encoding may be \(([encoding.name] + others.prefix(3)).joined(separator: " or ")), and too little tells "
          + "them apart: look at a name in each (iconv -f \(encoding.name) -t UTF-8), and say which with --encoding",
        at: position)
    }
    guard !encoding.isUTF8 || !encoding.objections.isEmpty else { return }
    let against = encoding.objections.isEmpty ? "" : "; but " + encoding.objections.joined(separator: ", ")
    emit.tell(
      Diagnostic(
        encoding.objections.isEmpty ? .info : .warning, TextFault.textEncoding,
        "read as \(encoding.name): \(reasons), \(Int(min(encoding.certainty, 0.999) * 100)) % sure\(against)"
          + (encoding.isUTF8 ? "" : "; --encoding says otherwise"), at: position))
    if encoding.hasCedillas {
      emit.tell(
        Diagnostic(
          .warning, TextFault.textEncoding,
          "\u{218} and \u{21A} of Romanian are read with a cedilla (\u{15E}, \u{162}), as \(encoding.name) has them, and differ from those of "
            + "newer sources: --encoding ISO-8859-16 reads both with a comma", at: position))
    }
  }

  /// By the name, or by how the text starts: `{` and `[` in front of what JSON has behind them.
  private func isJSON(_ text: UnsafeRawBufferPointer, _ encoding: TextEncoding) -> Bool {
    if options.path != nil { return true }
    if let name = file?.lowercased() {
      let packed = [".gz", ".zst", ".xz"].first { name.hasSuffix($0) }
      let bare = packed.map { String(name.dropLast($0.count)) } ?? name
      if [".json", ".ndjson", ".jsonl"].contains(where: { bare.hasSuffix($0) }) { return true }
    }
    return JSONStart.isJSON(text)
  }

  private mutating func pass(_ chunk: PaddedBytes, _ emit: inout Emitter) throws(StopError) {
    guard let transcoder else { return try forward(chunk, &emit) }
    transcoded.removeAll()
    if foreignRows != nil {
      foreignRows?.convert(chunk.bytes, transcoder, to: &transcoded, &emit)
    } else {
      transcoder.convert(chunk.bytes, to: &transcoded)
    }
    try forward(transcoded.padded, &emit)
  }

  private func isASCII(_ text: PaddedBytes) -> Bool {
    guard let start = text.bytes.baseAddress else { return true }
    var at = 0
    while at + 16 <= text.count {
      if ils_high_mask16(start + at) != 0 { return false }
      at += 16
    }
    return !text.bytes[at...].contains { $0 >= 0x80 }
  }

  /// Hands text in UTF-8 on.
  private mutating func forward(_ chunk: PaddedBytes, isLast: Bool = false, _ emit: inout Emitter) throws(StopError) {
    spelled.count(in: chunk.bytes)
    if json != nil { return try forwardJSON(chunk, isLast: isLast, &emit) }
    guard mender != nil else {
      try hand(chunk, &emit)
      if !isOpen, csv?.looksMangled ?? true { letters.count(in: chunk.bytes) } else { letters.pass(chunk.bytes) }
      return
    }
    if !isOpen { letters.count(in: chunk.bytes) }
    try mend(chunk, isLast: isLast, &emit)
  }

  private mutating func mend(_ chunk: PaddedBytes, isLast: Bool, _ emit: inout Emitter) throws(StopError) {
    mended.removeAll()
    mender?.mend(chunk.bytes, isLast: isLast, to: &mended)
    try hand(mended.padded, &emit)
  }

  /// Letters may be escaped in JSON: they are counted and mended as if they were not.
  private mutating func forwardJSON(_ chunk: PaddedBytes, isLast: Bool, _ emit: inout Emitter) throws(StopError) {
    plain.removeAll()
    let isPlain = !escapes.read(chunk.bytes, isLast: isLast, to: &plain)
    letters.count(in: isPlain ? chunk.bytes : plain.bytes)
    if mender == nil {
      try hand(chunk, &emit)
    } else if isPlain {
      try mend(chunk, isLast: isLast, &emit)
    } else {
      try mend(plain.padded, isLast: isLast, &emit)
    }
  }

  private mutating func hand(_ chunk: PaddedBytes, _ emit: inout Emitter) throws(StopError) {
    guard chunk.count > 0 else { return }
    try csv?.decode(chunk, emit: &emit)
    try json?.decode(chunk, emit: &emit)
  }
}
