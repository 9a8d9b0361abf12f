import ILSCommand
import ILSFormats
import ILSRecord
import ILSStream

/// Reads one input as ils-parse reads it, and hands the records over in place of writing them.
public struct InputReplay {
  /// What it takes to find a record's bytes again.
  public enum Layout: Sendable {
    case text(TextLayout)
    /// The sheet, and the letters of the column that each field stands in.
    case workbook(sheet: String, columns: [String: String])
    /// A dBase table, whose fields are known by their names.
    case fields
  }

  /// What was read of the input.
  public struct Outcome: Sendable {
    /// Of the bytes as they are stored; nil where none was asked for.
    public var sha256: String?
    public var bytes: Int
  }

  private let path: String
  private let name: String?
  private let namesFile: Bool
  private let options: ReadingOptions

  /// - Parameters:
  ///   - path: where the input is now.
  ///   - name: how it was named when it was loaded, for what depends on that; nil for stdin.
  ///   - namesFile: each record names it, as `_file`.
  public init(_ path: String, name: String?, namesFile: Bool, _ options: ReadingOptions) {
    (self.path, self.name, self.namesFile, self.options) = (path, name, namesFile, options)
  }

  /// Calls `take` with each record; where that returns true, `note` gets the layout by which the record is found again.
  /// Of a text, that is the same for all of them, and known at the end: then `note` is called once more.
  public func read(
    digesting: Bool, _ take: (PaddedBytes) throws(StopError) -> Bool, note: (Layout) -> Void
  ) throws(StopError) -> Outcome {
    var source = try ByteSource(path, digesting: digesting)
    let head = options.text.format == nil ? try source.peek(while: WorkbookFormat.isOpen) : []
    switch head.withUnsafeBytes({ WorkbookFormat($0) }) {
    case nil: try readText(&source, sought: nil, take, note)
    case .dBase: try readDBase(&source, take, note)
    default: try readWorkbook(&source, take, note)
    }
    return Outcome(sha256: source.finishDigest(), bytes: source.bytesRead)
  }

  // MARK: - Text

  private func readText(
    _ source: inout ByteSource, sought: Int?, _ take: (PaddedBytes) throws(StopError) -> Bool, _ note: (Layout) -> Void
  ) throws(StopError) {
    var emitter = emitter()
    var decoder = TextDecoder(try options.decoding().text, file: name, namesFile: namesFile)
    decoder.sought = sought
    try blocks(of: &source) { (block) throws(StopError) in
      try decoder.decode(block, emit: &emitter)
      _ = try hand(&emitter, take)
      return true
    }
    try decoder.finish(emit: &emitter)
    _ = try hand(&emitter, take)
    note(.text(decoder.layout()))
  }

  /// Where JSON value number `row` stands in the text.
  public func place(ofValue row: Int) throws(StopError) -> TextLayout? {
    var source = try ByteSource(path)
    var found: TextLayout?
    try readText(&source, sought: row, { (_) throws(StopError) in false }) { layout in
      if case .text(let layout) = layout { found = layout }
    }
    return found
  }

  /// Feeds the bytes of the text to `finder`, as they are stored but for compression, until that has found its row.
  public func find(_ finder: inout RowFinder) throws(StopError) -> Bool {
    var source = try ByteSource(path)
    var isFound = false
    try blocks(of: &source) { (block) throws(StopError) in
      isFound = finder.read(block.bytes)
      return !isFound
    }
    return isFound || finder.finish()
  }

  /// Whether the input is compressed: offsets are in what it unpacks to.
  public func isCompressed() throws(StopError) -> Bool {
    var source = try ByteSource(path)
    return try source.isCompressed()
  }

  private func blocks(
    of source: inout ByteSource, _ take: (PaddedBytes) throws(StopError) -> Bool
  ) throws(StopError) {
    let size = 1 << 18
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: size + 64, alignment: 16)
    defer { block.deallocate() }
    block.initializeMemory(as: UInt8.self, repeating: 0)
    while true {
      let got = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: block[..<size]))
      if got == 0 { return }
      if try !take(PaddedBytes(0..<got, of: UnsafeRawBufferPointer(block))) { return }
    }
  }

  // MARK: - Workbooks

  private func readWorkbook(
    _ source: inout ByteSource, _ take: (PaddedBytes) throws(StopError) -> Bool, _ note: (Layout) -> Void
  ) throws(StopError) {
    var emitter = emitter()
    let whole = try source.whole()
    var decoder = try WorkbookDecoder(whole.bytes, try options.decoding().workbook, file: name, namesFile: namesFile) {
      whole.release($0)
    }
    while try decoder.read(emit: &emitter) {
      if try hand(&emitter, take) {
        let layout = decoder.layout
        note(.workbook(sheet: layout.sheet, columns: layout.columns))
      }
    }
    withExtendedLifetime(whole) {}
  }

  /// A cell as its sheet's XML has it.
  public func written(_ cell: String, ofSheet sheet: String) throws(StopError) -> String? {
    var source = try ByteSource(path)
    let whole = try source.whole()
    defer { withExtendedLifetime(whole) {} }
    var decoder = try WorkbookDecoder(whole.bytes, try options.decoding().workbook, file: name)
    return try decoder.written(cell, ofSheet: sheet)
  }

  // MARK: - dBase tables

  private func readDBase(
    _ source: inout ByteSource, _ take: (PaddedBytes) throws(StopError) -> Bool, _ note: (Layout) -> Void
  ) throws(StopError) {
    var emitter = emitter()
    let (whole, memo) = (try source.whole(), try MemoFile.beside(path))
    var decoder = try DBFDecoder(
      whole.bytes, memo: memo?.bytes, try options.workbook.dBase(options.text, named: path), file: name,
      namesFile: namesFile)
    var goesOn = true
    while goesOn {
      goesOn = try decoder.read(emit: &emitter)
      if try hand(&emitter, take) { note(.fields) }
    }
    withExtendedLifetime((whole, memo)) {}
  }

  /// The field called `name` of record `row` as a dBase table has it.
  public func written(field name: String, ofRecord row: Int) throws(StopError) -> [UInt8]? {
    var source = try ByteSource(path)
    let whole = try source.whole()
    defer { withExtendedLifetime(whole) {} }
    var decoder = try DBFDecoder(
      whole.bytes, memo: nil, try options.workbook.dBase(options.text, named: path), file: self.name)
    return try decoder.written(name, ofRecord: row)
  }

  // MARK: - Records

  private func emitter() -> Emitter {
    var emitter = Emitter(stage: "ils-parse")
    emitter.keepsRejects = false
    emitter.makesRecords = true
    return emitter
  }

  /// Hands whole records over; whether one of them was wanted.
  private func hand(_ emitter: inout Emitter, _ take: (PaddedBytes) throws(StopError) -> Bool) throws(StopError) -> Bool
  {
    let unfinished = emitter.output.takeBehindLastLineFeed()
    let lines = emitter.output.padded
    var isWanted = false
    var start = 0
    while let feed = lines.bytes.lineFeed(from: start) {
      if try take(lines[start..<feed]) { isWanted = true }
      start = feed + 1
    }
    emitter.output.removeAll()
    emitter.output.append(unfinished)
    _ = emitter.takeDiagnostics()
    return isWanted
  }
}
