import ILSRecord

/// Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) to records, sheet by sheet, over all bytes of the file.
///
/// Records come in pieces, so that memory stays flat: `read` is called until it returns false. Nothing is ever read
/// from or written to a path that stands in a workbook.
public struct WorkbookDecoder: ~Copyable {
  private enum Source {
    case xlsx(XLSXWorkbook)
    case xls(XLSWorkbook)
    case ods(ODSWorkbook)

    var sheets: [WorkbookSheet] {
      switch self {
      case .xlsx(let book): book.sheets
      case .xls(let book): book.sheets
      case .ods(let book): book.sheets
      }
    }
  }

  private enum Reader {
    case xlsx(XLSXSheet)
    case xls(XLSSheet)
    case ods(ODSSheet)
    case xlsb(XLSBSheet)
  }

  /// What came of one sheet.
  public struct Table: Sendable, Equatable {
    public var sheet: String
    public var rows: Int
    /// Rows that hold something and are none of data: titles, notes, the names of groups.
    public var passedOver = 0
  }

  public let sheets: [WorkbookSheet]
  /// The sheets that were read so far.
  public private(set) var tables: [Table] = []
  private var source: Source
  private var reader: Reader?
  private var table: TableWriter
  private let options: WorkbookOptions
  private let file: String?
  private let namesFile: Bool
  /// Sheets that are still to be read, the next one last.
  private var waiting: [Int] = []
  private var present = 0
  /// Behind which sheet of an .ods its content was read up to.
  private var last: (index: Int, rest: XMLTokens)?
  private var emittedBefore = 0
  private var letters = LostLetters()
  private var mender: MojibakeMender?
  private var passedBefore = 0
  /// How far into the file the present sheet has been read.
  public var position: Int {
    switch reader {
    case .xlsx(let sheet): sheet.position
    case .xls(let sheet): sheet.position
    case .ods(let sheet): sheet.position
    case .xlsb(let sheet): sheet.position
    case nil: 0
    }
  }

  /// The sheet whose records came last, and the letters of the column that each of its fields stands in.
  public var layout: (sheet: String, columns: [String: String]) {
    let names = table.names
    var columns: [String: String] = [:]
    for slot in 0..<table.columns.count {
      columns[names[slot]] = CellRange.columnName(table.columns.column(slot))
    }
    return (table.sheet, columns)
  }

  /// A cell of an .xlsx as its sheet's XML has it, with the shared string that it names; nil where the sheet does not write
  /// its cells' addresses, and for an .xls.
  /// - Parameter cell: such as `C7`.
  public mutating func written(_ cell: String, ofSheet name: String) throws(StopError) -> String? {
    guard case .xlsx(let book) = source, !book.isBinary, let index = sheets.firstIndex(where: { $0.name == name })
    else { return nil }
    return try book.written(cell, ofSheet: index)
  }

  /// Output is handed over once this much has gathered.
  private static var pieceSize: Int { 1 << 17 }

  /// - Parameters:
  ///   - bytes: the whole file, with 64 readable bytes behind it; they must outlive the decoder.
  ///   - file: the input's name, for messages; nil for stdin.
  ///   - namesFile: each record names it, as `_file`.
  ///   - release: told which of the bytes were read and will hardly be read again.
  /// - Throws: `workbook.encrypted`, `workbook.no_sheet`, `xls.too_old`, `zip.*`, `xml.*`, `xlsx.*`, `ole2.*`, `xls.*`.
  public init(
    _ bytes: UnsafeRawBufferPointer, _ options: WorkbookOptions = WorkbookOptions(), file: String? = nil,
    namesFile: Bool = false, release: ((UnsafeRawBufferPointer) -> Void)? = nil
  ) throws(StopError) {
    let source: Source
    do throws(StopError) {
      source = try WorkbookDecoder.open(bytes, release)
      let sheets = source.sheets
      waiting = try WorkbookDecoder.chosen(sheets, options.sheets).reversed()
      self.sheets = sheets
    } catch {
      throw error.located(file: file)
    }
    self.source = source
    self.options = options
    self.file = file
    self.namesFile = namesFile
    mender = options.mendsMojibake ? MojibakeMender() : nil
    table = TableWriter(options, file: file, sheet: "", lead: [])
  }

  private static func open(
    _ bytes: UnsafeRawBufferPointer, _ release: ((UnsafeRawBufferPointer) -> Void)?
  ) throws(StopError) -> Source {
    switch WorkbookFormat(bytes) {
    case .zip:
      let archive = try ZipArchive(bytes, release: release)
      return ODSWorkbook.isOne(archive) ? .ods(try ODSWorkbook(archive)) : .xlsx(try XLSXWorkbook(archive))
    case .compound, .stream: return .xls(try XLSWorkbook(bytes))
    case .dBase, nil: throw StopError(.dataError, WorkbookFault.workbookUnknown, "this is no workbook that is known")
    }
  }

  /// The sheets that `selection` means, in their order.
  private static func chosen(_ sheets: [WorkbookSheet], _ selection: WorkbookOptions.Selection) throws(StopError)
    -> [Int]
  {
    switch selection {
    case .all: return sheets.indices.filter { sheets[$0].isTable }
    case .firstWithData: return sheets.indices.filter { sheets[$0].isTable && sheets[$0].state == .visible }
    case .named(let name):
      let number = Int(name).flatMap { sheets.indices.contains($0 - 1) ? $0 - 1 : nil }
      let caseless = { sheets.firstIndex { $0.name.lowercased() == name.lowercased() } }
      guard let index = sheets.firstIndex(where: { $0.name == name }) ?? caseless() ?? number else {
        let names = sheets.prefix(20).map(\.name).joined(separator: ", ")
        throw StopError(.noInput, WorkbookFault.workbookNoSheet, "there is no such sheet; there are: \(names)")
      }
      guard sheets[index].isTable else {
        throw StopError(.dataError, WorkbookFault.workbookNoTable, "the sheet holds a chart or macros, and no cells")
      }
      return [index]
    }
  }

  /// Emits the next records. - Returns: false once all are out.
  public mutating func read(emit: inout Emitter) throws(StopError) -> Bool {
    do throws(StopError) {
      if reader == nil, try !openNext(&emit) { return false }
      let before = emit.output.count
      if try !readPiece(&emit) { try close(&emit) }
      if emit.output.count > before {
        letters.count(in: UnsafeRawBufferPointer(rebasing: emit.output.bytes[before...]))
        mender?.mend(from: before, in: &emit.output)
      }
      if let doubt = table.doubt { throw doubt }
      return true
    } catch {
      throw error.located(file: file, sheet: reader == nil ? nil : sheets[present].name)
    }
  }

  /// - Returns: false at the end of the sheet.
  private mutating func readPiece(_ emit: inout Emitter) throws(StopError) -> Bool {
    switch reader {
    case .xlsx(var sheet):
      let goesOn = try sheet.read(into: &table, until: Self.pieceSize, emit: &emit)
      reader = .xlsx(sheet)
      return goesOn
    case .xls(var sheet):
      let goesOn = try sheet.read(into: &table, until: Self.pieceSize, emit: &emit)
      reader = .xls(sheet)
      return goesOn
    case .ods(let sheet): return try sheet.read(into: &table, until: Self.pieceSize, emit: &emit)
    case .xlsb(var sheet):
      let goesOn = try sheet.read(into: &table, until: Self.pieceSize, emit: &emit)
      reader = .xlsb(sheet)
      return goesOn
    case nil: return false
    }
  }

  private mutating func openNext(_ emit: inout Emitter) throws(StopError) -> Bool {
    guard let next = waiting.popLast() else {
      if tables.isEmpty { tellNothing(&emit) }
      letters.tell(isMended: mender != nil, Position(file: file), &emit)
      return false
    }
    present = next
    table = TableWriter(options, file: file, sheet: sheets[next].name, lead: lead(next))
    emittedBefore = emit.emitted
    passedBefore = emit.passedOver
    switch source {
    case .xlsx(var book):
      let strings = try book.sharedStrings()
      source = .xlsx(book)
      if options.fillsMerged {
        table.merges = MergedCells(
          book.isBinary
            ? try XLSBSurvey(book.sheet(next)).merges : try XLSXSurvey(book.sheet(next), wholly: true).merges)
      }
      table.asksToCalculate = book.asksToCalculate
      table.seen.comments = (try? book.comments(next)) ?? 0
      let sheet = try book.sheet(next)
      reader =
        book.isBinary
        ? .xlsb(XLSBSheet(sheet, strings: strings, styles: book.styles, struckFonts: book.struckFonts))
        : .xlsx(XLSXSheet(sheet, strings: strings, styles: book.styles))
    case .xls(let book):
      let sheet = try book.sheet(next)
      if options.fillsMerged { table.merges = MergedCells(sheet.merges) }
      sheet.noteMarks(&table)
      reader = .xls(sheet)
    case .ods(let book):
      if options.fillsMerged { table.merges = MergedCells(try ODSSurvey(book.rows(next)).merges) }
      reader = .ods(ODSSheet(try book.rows(next, behind: last), book.styles))
    }
    return true
  }

  /// The members of a record that say where it comes from.
  private func lead(_ index: Int) -> [UInt8] {
    var lead = OutputBuffer()
    if namesFile, let file {
      lead.append(",\"_file\":" as StaticString)
      lead.appendJSONString(file)
    }
    if options.sheets == .all, sheets.count > 1 {
      lead.append(",\"_sheet\":" as StaticString)
      lead.appendJSONString(sheets[index].name)
    }
    return [UInt8](lead.bytes)
  }

  private mutating func close(_ emit: inout Emitter) throws(StopError) {
    table.finish(emit: &emit)
    if let doubt = table.doubt { throw doubt }
    switch reader {
    case .xlsx(let sheet): table.tellMerges(sheet.merges, emit: &emit)
    case .xls(let sheet): table.tellMerges(sheet.merges, emit: &emit)
    case .xlsb(let sheet): table.tellMerges(sheet.merges, emit: &emit)
    case .ods(let sheet):
      table.tellMerges(sheet.merges, emit: &emit)
      last = (present, sheet.rows.rest)
    case nil: break
    }
    reader = nil
    guard table.hasData || options.sheets != .firstWithData else { return }
    tables.append(
      Table(
        sheet: sheets[present].name, rows: emit.emitted - emittedBefore,
        passedOver: emit.passedOver - passedBefore))
    if options.sheets == .firstWithData { waiting = [] }
    tellRead(&emit)
  }

  private func tellRead(_ emit: inout Emitter) {
    let sheet = sheets[present]
    let position = Position(file: file, sheet: sheet.name)
    if sheet.state != .visible {
      emit.tell(Diagnostic(.info, WorkbookFault.workbookHiddenSheet, "the sheet is hidden, and was read", at: position))
    }
    let others = sheets.count { $0.isTable } - 1
    if options.sheets == .firstWithData, others > 0 {
      let names = sheets.indices.filter { sheets[$0].isTable && $0 != present }.prefix(5).map { sheets[$0].name }
      emit.note(
        Decision(
          "sheet", .init(sheet.name, certainty: 0.8), evidence: ["it is the first visible sheet that holds anything"],
          objections: ["there are \(others) others"], others: names.map { .init($0, certainty: 0.2 / Double(others)) },
          option: "--sheet", at: position))
      let hidden = sheets.count { $0.isTable && $0.state != .visible }
      // A title page has one column, and no records.
      let isPoor = table.columns.count < 2 || emit.emitted == emittedBefore
      emit.tell(
        Diagnostic(
          isPoor ? .warning : .info, WorkbookFault.workbookSheet,
          "this sheet was read, and not the \(others == 1 ? "other" : "\(others) others")"
            + (hidden > 0 ? " (\(hidden) of them hidden)" : "")
            + (isPoor ? ", though it holds next to nothing" : "") + ": --sheet names one, --all-sheets reads all",
          at: position))
    }
  }

  private func tellNothing(_ emit: inout Emitter) {
    let hidden = sheets.count { $0.isTable && $0.state != .visible }
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.workbookEmpty,
        "no visible sheet holds anything" + (hidden > 0 ? "; \(hidden) hidden ones were not read: --all-sheets" : ""),
        at: Position(file: file)))
  }

  /// Emits a record for each sheet: `number`, `name`, `state`, `dimensions` (null where it is empty or no table).
  public mutating func list(emit: inout Emitter) throws(StopError) {
    for index in sheets.indices {
      let sheet = sheets[index]
      do throws(StopError) {
        let dimensions = sheet.isTable ? try dimensions(index)?.name : nil
        var members: [(String, JSONValue)] = namesFile ? file.map { [("_file", .string($0))] } ?? [] : []
        members += [
          ("number", .number("\(index + 1)")), ("name", .string(sheet.name)), ("state", .string(sheet.state.rawValue)),
          ("dimensions", dimensions.map { .string($0) } ?? .null),
        ]
        JSONValue.object(members).write(to: &emit.output)
        emit.endRecord()
      } catch {
        throw error.located(file: file, sheet: sheet.name)
      }
    }
  }

  private func dimensions(_ index: Int) throws(StopError) -> CellRange? {
    switch source {
    case .xlsx(let book) where book.isBinary: return try XLSBSurvey(book.sheet(index)).extent
    case .xlsx(let book):
      // What a sheet says of its size may be missing, or stand for "not known yet": one cell.
      let said = try XLSXSurvey(book.sheet(index), wholly: false).dimension
      if let said, said.rows.count > 1 || said.columns.count > 1 { return said }
      return try XLSXSurvey(book.sheet(index), wholly: true).extent
    case .xls(let book): return try book.sheet(index).extent
    case .ods(let book): return try ODSSurvey(book.rows(index)).extent
    }
  }
}

extension StopError {
  /// The same, at a place that it does not name yet.
  fileprivate func located(file: String?, sheet: String? = nil) -> StopError {
    var error = self
    error.position.file = position.file ?? file
    error.position.sheet = position.sheet ?? sheet
    return error
  }
}
