import ILSCommand
import ILSFormats
import ILSRecord
import ILSStream

/// Parses inputs of any format into a run, one by one.
public struct InputParser {
  private let reading: ReadOptions
  private let workbook: WorkbookReadOptions
  private let text: TextOptions
  private let sheets: WorkbookOptions
  private let digests: Bool
  private let warnsOfNone: Bool
  private let namesFile: Bool

  /// - Parameters:
  ///   - isOnly: there is no other input; then no record names it.
  ///   - digests: the manifest asks for each input's SHA-256.
  ///   - warnsOfNone: an input without records is said.
  /// - Throws: `usage` where the options exclude each other.
  public init(
    _ reading: ReadOptions, _ workbook: WorkbookReadOptions, isOnly: Bool, digests: Bool, warnsOfNone: Bool
  ) throws(StopError) {
    (self.reading, self.workbook) = (reading, workbook)
    (text, sheets) = (try reading.decoding(), try workbook.decoding(reading))
    (self.digests, self.warnsOfNone, namesFile) = (digests, warnsOfNone && !workbook.listSheets, !isOnly)
  }

  /// Parses all of `input`, a path or `-`, and returns what the manifest says of it.
  public func parse(_ input: String, into run: inout Pump) throws(StopError) -> Manifest.File {
    var source = try ByteSource(input, digesting: digests)
    let head = reading.format == nil ? try source.peek(while: WorkbookFormat.isOpen) : []
    let known = run.emitter.decisions.count
    let tables =
      switch head.withUnsafeBytes({ WorkbookFormat($0) }) {
      case nil: try parseText(&source, head, &run)
      case .dBase: try parseDBase(&source, &run)
      default: try parseWorkbook(&source, &run)
      }
    if warnsOfNone, !tables.contains(where: { $0.rows > 0 }) {
      run.tell(
        Diagnostic(
          .warning, CommandFault.parseNoRecords, "no record in it, names at most: is that all that was to be exported?",
          at: Position(file: name(source))))
    }
    return .init(
      name: input, bytes: source.bytesRead, sha256: source.finishDigest() ?? "", tables: tables,
      decisions: run.emitter.decisions[known...].map(\.json))
  }

  /// The input's name for messages.
  private func name(_ source: borrowing ByteSource) -> String? {
    namesFile || source.name != "-" ? source.name : nil
  }

  private func parseText(
    _ source: inout ByteSource, _ head: [UInt8], _ run: inout Pump
  ) throws(StopError) -> [Manifest.Table] {
    if reading.format == nil { try workbook.check(text: head, named: source.name) }
    let before = (
      emitted: run.emitter.emitted, rejected: run.emitter.rejected, passedOver: run.emitter.passedOver
    )
    var decoder = TextDecoder(text, file: name(source), namesFile: namesFile)
    try run.decode(&source, with: &decoder)
    let rejected = run.emitter.rejected - before.rejected
    return [
      .init(
        rows: run.emitter.emitted - before.emitted + rejected, rejected: rejected,
        passedOver: run.emitter.passedOver - before.passedOver)
    ]
  }

  private func parseWorkbook(_ source: inout ByteSource, _ run: inout Pump) throws(StopError) -> [Manifest.Table] {
    let whole = try source.whole()
    var decoder = try WorkbookDecoder(whole.bytes, sheets, file: name(source), namesFile: namesFile) {
      whole.release($0)
    }
    let lists = workbook.listSheets
    try run.pull(bytes: source.bytesRead) { (emit) throws(StopError) in
      if lists {
        try decoder.list(emit: &emit)
        return nil
      }
      return try decoder.read(emit: &emit) ? decoder.position : nil
    }
    return withExtendedLifetime(whole) {
      decoder.tables.map { .init(sheet: $0.sheet, rows: $0.rows, rejected: 0, passedOver: $0.passedOver) }
    }
  }

  private func parseDBase(_ source: inout ByteSource, _ run: inout Pump) throws(StopError) -> [Manifest.Table] {
    let options = try workbook.dBase(reading, named: source.name)
    let (whole, memo) = (try source.whole(), try MemoFile.beside(source.name))
    var decoder = try DBFDecoder(
      whole.bytes, memo: memo?.bytes, options, file: name(source), namesFile: namesFile)
    let before = (emitted: run.emitter.emitted, rejected: run.emitter.rejected, passedOver: run.emitter.passedOver)
    let lists = workbook.listSheets
    let table = source.name == "-" ? "table" : InputParser.stem(source.name)
    try run.pull(bytes: source.bytesRead) { (emit) throws(StopError) in
      if lists {
        decoder.list(name: table, emit: &emit)
        return nil
      }
      return try decoder.read(emit: &emit) ? decoder.position : nil
    }
    withExtendedLifetime((whole, memo)) {}
    let rejected = run.emitter.rejected - before.rejected
    return [
      .init(
        rows: run.emitter.emitted - before.emitted + rejected, rejected: rejected,
        passedOver: run.emitter.passedOver - before.passedOver)
    ]
  }

  /// `data/patients.dbf`: `patients`.
  private static func stem(_ path: String) -> String {
    let base = path.split(separator: "/").last ?? ""
    return String(base.lastIndex(of: ".").map { base[..<$0] } ?? base)
  }
}
