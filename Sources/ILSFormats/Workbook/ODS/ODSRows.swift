import ILSDates
import ILSRecord

/// The rows of one sheet of an OpenDocument spreadsheet (OpenDocument 1.3 part 3, 9.1), one after the other.
struct ODSRows {
  private var tokens: XMLTokens
  private let names = ODSNames()
  private let styles: ODSStyles
  /// The row that comes next, from 1.
  private var next = 1
  private var nextColumn = 0
  /// The style of cells that name none, by column.
  private var columnStyles: [Int] = []
  private(set) var hiddenColumns: [ClosedRange<Int>] = []
  private(set) var merges: [CellRange] = []
  private(set) var comments = 0
  /// Cells that others are merged over and that hold something all the same: row, and how many.
  private(set) var buried: [(row: Int, count: Int)] = []
  /// Currencies of amounts, by column.
  private(set) var currencies: [Int: Set<String>] = [:]
  private var isEnded: Bool
  /// A space comes next if more text does.
  private var isHeld = false

  private static var rowLimit: Int { 16 << 20 }
  private static var mergeLimit: Int { 1 << 16 }

  /// - Parameters:
  ///   - tokens: behind the start tag of the sheet.
  ///   - isEmpty: it has no end tag.
  init(_ tokens: XMLTokens, _ styles: ODSStyles, isEmpty: Bool) {
    (self.tokens, self.styles, isEnded) = (tokens, styles, isEmpty)
  }

  var position: Int { tokens.position }
  /// Behind the sheet's end tag.
  var rest: XMLTokens { tokens }

  /// Reads the next row into `row`. - Returns: false at the end of the sheet.
  /// - Throws: `xml.*`, `zip.*`, `ods.cell_reference`
  mutating func read(into row: inout ODSRow) throws(StopError) -> Bool {
    while !isEnded {
      let kind = try tokens.next()
      switch kind {
      case .end: throw fault(.xmlTruncated, "the sheet ends too early: the file is damaged")
      case .open, .empty:
        if tokens.name == names.row {
          beginRow(&row)
          if kind == .open { try readCells(&row) }
          next += row.count
          if try isUsed(row) { return true }
        } else if tokens.name == names.column {
          noteColumn()
        } else if tokens.name == names.table, kind == .open {
          try skip()
        }
      case .close: if tokens.name == names.table { isEnded = true }
      case .text, .cdata: break
      }
    }
    return false
  }

  /// Whether the row holds anything. Empty rows below a sheet's last one are many, and none.
  private func isUsed(_ row: borrowing ODSRow) throws(StopError) -> Bool {
    guard !row.cells.isEmpty else { return false }
    guard row.number + row.count - 1 <= CellRange.lastRow else {
      throw fault(.odsCellReference, "the sheet has a row beyond \(CellRange.lastRow): the file is damaged")
    }
    return true
  }

  private func beginRow(_ row: inout ODSRow) {
    var count = 1
    var isHidden = false
    var attributes = tokens.attributes
    while let (key, value) = attributes.next() {
      if key == names.rowsRepeated {
        count = ODSRows.count(value)
      } else if key == names.visibility {
        isHidden = ODSRows.isHidden(value)
      }
    }
    row.begin(next, count: count, isHidden: isHidden)
  }

  /// How often something repeats: once where that is no number, and never more often than there are rows.
  private static func count(_ value: UnsafeRawBufferPointer) -> Int {
    min(max(XLSXSheet.integer(value) ?? (value.count > 9 ? CellRange.lastRow : 1), 1), CellRange.lastRow)
  }

  private static func isHidden(_ value: UnsafeRawBufferPointer) -> Bool {
    value.elementsEqual("collapse".utf8) || value.elementsEqual("filter".utf8)
  }

  private mutating func noteColumn() {
    var (count, style, isHidden) = (1, 0, false)
    var attributes = tokens.attributes
    while let (key, value) = attributes.next() {
      if key == names.columnsRepeated {
        count = ODSRows.count(value)
      } else if key == names.visibility {
        isHidden = ODSRows.isHidden(value)
      } else if key == names.defaultStyle {
        style = styles.number(value)
      }
    }
    guard nextColumn <= CellRange.lastColumn else { return }
    let columns = nextColumn..<min(nextColumn + count, CellRange.lastColumn + 1)
    nextColumn += count
    columnStyles.append(contentsOf: repeatElement(style, count: columns.count))
    if isHidden { hiddenColumns.append(columns.lowerBound...columns.upperBound - 1) }
  }

  // MARK: - Cells

  private mutating func readCells(_ row: inout ODSRow) throws(StopError) {
    var column = 0
    while true {
      let kind = try tokens.next()
      switch kind {
      case .end: throw fault(.xmlTruncated, "the sheet ends inside a row: the file is damaged")
      case .close: if tokens.name == names.row { return }
      case .open, .empty:
        let isCovered = tokens.name == names.covered
        guard isCovered || tokens.name == names.cell else { continue }
        try readCell(&row, &column, isCovered: isCovered, isOpen: kind == .open)
        guard row.text.count <= Self.rowLimit else {
          throw StopError(
            .dataError, WorkbookFault.workbookRowLimit, "the row holds more than \(Self.rowLimit >> 20) MiB of values",
            at: Position(row: row.number))
        }
      case .text, .cdata: break
      }
    }
  }

  /// What a cell's attributes say.
  private struct Said {
    var type: UnsafeRawBufferPointer?
    var isError = false
    var number = 0..<0
    /// `office:string-value`, as JSON.
    var string: Range<Int>?
    var spanned = (rows: 1, columns: 1)
    var currency: String?
    var hasStyle = false
    /// The formula is TRUE() or FALSE(), as which LibreOffice writes the booleans of an .xlsx.
    var flag: Bool?
  }

  private mutating func readCell(
    _ row: inout ODSRow, _ column: inout Int, isCovered: Bool, isOpen: Bool
  ) throws(StopError) {
    var cell = ODSRow.Cell(column: column)
    var said = Said()
    let start = row.text.count
    takeAttributes(&cell, &said, &row)
    column += cell.count
    // A cell without a value names a style alone.
    var shown: Range<Int>?
    if isOpen { shown = try readContent(&row, column: cell.column) }
    guard cell.column <= CellRange.lastColumn else {
      if cell.kind == .none && shown == nil { return row.text.truncate(to: start) }
      throw fault(.odsCellReference, "a cell lies outside every sheet, which ends at column XFD: the file is damaged")
    }
    settle(&cell, said, shown, &row)
    if said.spanned != (1, 1), merges.count < Self.mergeLimit { merge(cell, said.spanned, row) }
    if !said.hasStyle {
      cell.style = cell.column < columnStyles.count ? columnStyles[cell.column] : 0
    }
    if cell.kind == .none, !cell.isFormula { return row.text.truncate(to: start) }
    cell.count = min(cell.count, CellRange.lastColumn + 1 - cell.column)
    if cell.kind == .percentage || cell.kind == .number, let currency = said.currency {
      currencies[cell.column, default: []].insert(currency)
    }
    if isCovered, cell.kind != .none, buried.count < Self.mergeLimit { buried.append((row.number, cell.count)) }
    row.cells.append(cell)
  }

  private func takeAttributes(_ cell: inout ODSRow.Cell, _ said: inout Said, _ row: inout ODSRow) {
    var attributes = tokens.attributes
    while let (key, value) = attributes.next() {
      switch key {
      case names.valueType: takeType(value, &cell, &said)
      case names.value, names.dateValue, names.timeValue, names.booleanValue:
        let from = row.text.count
        row.text.append(value)
        said.number = from..<row.text.count
      case names.stringValue:
        let from = row.text.count
        row.text.append(UInt8(ascii: "\""))
        XMLText.append(value, to: &row.text, undoesEscapes: false)
        row.text.append(UInt8(ascii: "\""))
        said.string = from..<row.text.count
      case names.columnsRepeated: cell.count = ODSRows.count(value)
      case names.columnsSpanned: said.spanned.columns = ODSRows.count(value)
      case names.rowsSpanned: said.spanned.rows = ODSRows.count(value)
      case names.formula:
        cell.isFormula = true
        said.flag =
          value.elementsEqual("of:=TRUE()".utf8) ? true : value.elementsEqual("of:=FALSE()".utf8) ? false : nil
      case names.style:
        cell.style = styles.number(value)
        said.hasStyle = true
      case names.currency: said.currency = String(decoding: value.prefix(16), as: UTF8.self)
      default: break
      }
    }
  }

  /// A program may say the type twice, in a name space of its own: there alone it says that a formula has failed.
  private func takeType(_ value: UnsafeRawBufferPointer, _ cell: inout ODSRow.Cell, _ said: inout Said) {
    if value.elementsEqual("error".utf8) {
      said.isError = true
      return
    }
    if said.type != nil { return }
    said.type = value
    switch value.first {
    case UInt8(ascii: "f"), UInt8(ascii: "c"): cell.kind = .number
    case UInt8(ascii: "p"): cell.kind = .percentage
    case UInt8(ascii: "d"), UInt8(ascii: "t"): cell.kind = .day
    case UInt8(ascii: "b"): cell.kind = .boolean
    case UInt8(ascii: "s"): cell.kind = .text
    default: break
    }
  }

  private mutating func merge(_ cell: ODSRow.Cell, _ spanned: (rows: Int, columns: Int), _ row: borrowing ODSRow) {
    merges.append(
      CellRange(
        rows: row.number...min(row.number + spanned.rows - 1, CellRange.lastRow),
        columns: cell.column...min(cell.column + spanned.columns - 1, CellRange.lastColumn)))
  }

  /// Decides what the cell holds.
  /// - Parameter shown: the text that people see, as JSON.
  private func settle(_ cell: inout ODSRow.Cell, _ said: Said, _ shown: Range<Int>?, _ row: inout ODSRow) {
    if let flag = said.flag, cell.kind == .number || cell.kind == .boolean {
      let from = row.text.count
      row.text.append(flag ? "true" as StaticString : "false")
      (cell.kind, cell.value) = (.boolean, from..<row.text.count)
      return
    }
    if said.isError || cell.isFormula && ODSRows.isError(shown, row) {
      cell.kind = .error
      cell.value = shown ?? 0..<0
      return
    }
    switch cell.kind {
    case .none, .text, .error:
      cell.value = said.string ?? shown ?? 0..<0
      // An empty text is an empty cell; that of a formula is its result.
      cell.kind = cell.value.count > 2 ? .text : .none
      if cell.kind == .none, said.type != nil, cell.isFormula { cell.isFormula = false }
    case .number, .percentage, .boolean, .day:
      cell.value = said.number
      if cell.kind == .number, let shown {
        cell.isWorded = !row.text.bytes[shown].contains { $0 >= 0x80 || $0 &- UInt8(ascii: "0") <= 9 }
      }
      // A type without its value: what people see is all that there is.
      if said.number.isEmpty {
        cell.value = shown ?? 0..<0
        cell.kind = cell.value.count > 2 ? .text : .none
      }
    }
  }

  /// Older programs write 0 where a formula has failed, and show what went wrong.
  private static func isError(_ shown: Range<Int>?, _ row: borrowing ODSRow) -> Bool {
    guard let shown, shown.count > 4 else { return false }
    let text = row.text.bytes[shown.dropFirst().dropLast()]
    return text.starts(with: "Err:".utf8) || text.first == UInt8(ascii: "#") && CellError.isKnown(text)
  }

  // MARK: - Text

  /// Reads the content of a cell up to its end tag. - Returns: its paragraphs, as JSON; nil where there are none.
  private mutating func readContent(_ row: inout ODSRow, column: Int) throws(StopError) -> Range<Int>? {
    let start = row.text.count
    var paragraphs = 0
    while true {
      let kind = try tokens.next()
      switch kind {
      case .end: throw fault(.xmlTruncated, "the sheet ends inside a cell: the file is damaged")
      case .close:
        if tokens.name != names.cell, tokens.name != names.covered { continue }
        if paragraphs == 0 { return nil }
        row.text.append(UInt8(ascii: "\""))
        return start..<row.text.count
      case .open, .empty:
        if tokens.name == names.paragraph || tokens.name == names.heading {
          row.text.append(paragraphs == 0 ? "\"" as StaticString : "\\n")
          paragraphs += 1
          if kind == .open { try readParagraph(&row.text) }
        } else {
          if tokens.name == names.annotation { comments += 1 }
          if kind == .open { try skip() }
        }
      case .text, .cdata: break
      }
      try SharedStrings.checkLength(row.text.count - start)
    }
  }

  /// Line ends and tabs are how XML is laid out, and with the spaces beside them one space, or none at the ends of the
  /// paragraph (OpenDocument 1.3 part 3, 6.1.2). Spaces alone stay, since LibreOffice writes and reads them so.
  private mutating func readParagraph(_ text: inout OutputBuffer) throws(StopError) {
    let start = text.count
    isHeld = false
    while true {
      let kind = try tokens.next()
      switch kind {
      case .end: throw fault(.xmlTruncated, "the sheet ends inside a cell: the file is damaged")
      case .text: append(tokens.text, isRaw: false, from: start, &text)
      case .cdata: append(tokens.text, isRaw: true, from: start, &text)
      case .close: if tokens.name == names.paragraph || tokens.name == names.heading { return }
      case .open, .empty:
        if names.beside.contains(tokens.name) {
          if tokens.name == names.annotation { comments += 1 }
          if kind == .open { try skip() }
        } else {
          appendSign(&text)
        }
      }
      try SharedStrings.checkLength(text.count - start)
    }
  }

  /// Spaces, tabs and line breaks that count may be elements.
  private mutating func appendSign(_ text: inout OutputBuffer) {
    guard tokens.name == names.space || tokens.name == names.tab || tokens.name == names.lineBreak else { return }
    release(&text)
    if tokens.name == names.space {
      var count = 1
      var attributes = tokens.attributes
      while let (key, value) = attributes.next() { if key == names.count { count = min(ODSRows.count(value), 32_767) } }
      for _ in 0..<count { text.append(UInt8(ascii: " ")) }
    } else {
      text.append(tokens.name == names.tab ? "\\t" as StaticString : "\\n")
    }
  }

  /// Writes the space that was held back until more text came.
  private mutating func release(_ text: inout OutputBuffer) {
    if isHeld { text.append(UInt8(ascii: " ")) }
    isHeld = false
  }

  private mutating func append(
    _ part: UnsafeRawBufferPointer, isRaw: Bool, from start: Int, _ text: inout OutputBuffer
  ) {
    var at = 0
    while at < part.count {
      let isLayout: (UInt8) -> Bool = { $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
      let next = part[at...].firstIndex(where: isLayout) ?? part.count
      var end = next
      if next < part.count { while end > at, part[end - 1] == 0x20 { end -= 1 } }
      if end > at {
        release(&text)
        let piece = UnsafeRawBufferPointer(rebasing: part[at..<end])
        XMLText.append(piece, to: &text, isRaw: isRaw, undoesEscapes: false)
      }
      guard next < part.count else { return }
      isHeld = text.count > start
      at = part[next...].firstIndex { !isLayout($0) && $0 != 0x20 } ?? part.count
    }
  }

  /// Passes over the element whose start tag was read last.
  private mutating func skip() throws(StopError) {
    var depth = 1
    while depth > 0 {
      switch try tokens.next() {
      case .open: depth += 1
      case .close: depth -= 1
      case .end: throw fault(.xmlTruncated, "the sheet ends too early: the file is damaged")
      case .empty, .text, .cdata: break
      }
    }
  }

  private func fault(_ fault: WorkbookFileFault, _ message: String) -> StopError {
    StopError(.dataError, fault, message, at: Position(row: next))
  }
}
