import ILSRecord

/// Which encoding a dBase table's text is in.
struct DBFEncoding {
  /// nil: UTF-8, or ASCII alone.
  private(set) var transcoder: Transcoder?
  private(set) var name = "UTF-8"

  private static var sampleSize: Int { 1 << 16 }

  /// The encoding that was named, or the one of the header's byte, or what the text looks like.
  /// - Throws: `usage` for one that is not known, `text.encoding` where nothing says it.
  init(
    _ bytes: UnsafeRawBufferPointer, _ header: DBFHeader, _ memo: DBFMemo?, _ options: DBFOptions, file: String?,
    _ emit: inout Emitter
  ) throws(StopError) {
    if let named = options.encoding {
      try use(named, options)
    } else {
      let sample = DBFEncoding.sample(bytes, header, memo)
      try use(DBFEncoding.found(sample, header, Position(file: file), &emit), options)
    }
  }

  /// What the table says, or looks like.
  private static func found(
    _ sample: [UInt8], _ header: DBFHeader, _ place: Position, _ emit: inout Emitter
  ) throws(StopError) -> String {
    let marked = DBFCodePage.name(header.codePage)
    guard !sample.isEmpty else { return marked ?? "UTF-8" }
    let found = sample.withUnsafeBytes { TextEncoding.detect($0) }
    if let marked {
      let why = "the table says so"
      emit.note(TextEncoding(marked, why, 0.95).decision(at: place))
      tellDoubt(marked, found, sample, place, &emit)
      return marked
    }
    emit.note(found.decision(at: place))
    guard found.isCertain else {
      let others = found.choice?.others.filter { $0.certainty >= 0.02 }.map(\.page.name) ?? []
      throw StopError(
        .dataError, TextFault.textEncoding,
        "the table names no encoding; it may be \(([found.name] + others.prefix(3)).joined(separator: " or ")), and too little tells them apart: say which with --encoding",
        at: place)
    }
    emit.tell(
      Diagnostic(
        .warning, TextFault.textEncoding,
        "the table names no encoding, and was read as \(found.name): \(found.evidence.joined(separator: ", ")); --encoding says otherwise",
        at: place))
    return found.name
  }

  private mutating func use(_ name: String, _ options: DBFOptions) throws(StopError) {
    self.name = name
    if ["utf-8", "utf8"].contains(name.lowercased()), !options.replacesErrors { return }
    transcoder = try Transcoder(from: name, replacesErrors: options.replacesErrors)
  }

  /// Programs for DOS and for Windows share tables, and the byte is that of the one which made the table first.
  private static func tellDoubt(
    _ marked: String, _ found: TextEncoding, _ sample: [UInt8], _ place: Position, _ emit: inout Emitter
  ) {
    guard found.isCertain, found.certainty >= 0.9,
      let one = text(sample, marked), let other = text(sample, found.name), one != other
    else { return }
    emit.tell(
      Diagnostic(
        .warning, DBFFault.dbfEncoding,
        "the table says \(marked), and was read so; but its letters look like \(found.name) (\(found.evidence.joined(separator: ", "))): look at some names, and say --encoding if they are wrong",
        at: place))
  }

  private static func text(_ sample: [UInt8], _ name: String) -> [UInt8]? {
    guard let transcoder = try? Transcoder(from: name, replacesErrors: true) else { return nil }
    var text = OutputBuffer()
    sample.withUnsafeBytes { transcoder.convert($0, to: &text) }
    return [UInt8](text.bytes)
  }

  /// The texts beyond ASCII, a line each record.
  private static func sample(
    _ bytes: UnsafeRawBufferPointer, _ header: DBFHeader, _ memo: DBFMemo?
  ) -> [UInt8] {
    var sample: [UInt8] = []
    let texts = header.fields.filter { "CVM".utf8.contains($0.type) }
    var at = header.start
    // Records that name one text over and over make no long search.
    var left = memo?.size ?? 0
    while let record = bytes.run(at, header.recordLength), sample.count < sampleSize {
      at += header.recordLength
      let before = sample.count
      for field in texts {
        guard let value = record.run(field.offset, field.length) else { continue }
        let text = field.type == UInt8(ascii: "M") ? memoText(value, memo, &left) : value
        guard text.contains(where: { $0 >= 0x80 }) else { continue }
        sample += DBFValue.trimmed(text).prefix(1 << 12).filter { $0 >= 0x20 }
        sample.append(UInt8(ascii: "\t"))
      }
      if sample.count > before { sample[sample.count - 1] = UInt8(ascii: "\n") }
    }
    return sample
  }

  /// - Parameter left: how much of the memo file is looked at yet.
  private static func memoText(
    _ value: UnsafeRawBufferPointer, _ memo: DBFMemo?, _ left: inout Int
  ) -> UnsafeRawBufferPointer {
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    guard left >= 0, let memo, let block = DBFValue.block(value) else { return none }
    switch memo.text(at: block) {
    case .text(let text):
      left -= text.count
      return text
    case .missing(let looked): left -= looked
    case .other: break
    }
    return none
  }
}
