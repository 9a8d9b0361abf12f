import ILSRecord

/// The rows of one worksheet part (ECMA-376 part 1, 18.3), read as they are unpacked.
struct XLSXSheet {
  var tokens: XMLTokens
  private let arena: StringArena
  private let strings: StringTable
  let styles: StyleTable
  /// Shared strings that hold text which is struck through.
  private let struckStrings: Set<Int>
  private let hasStruckStrings: Bool
  private(set) var row = 0
  private var isInData = false
  /// A row is begun, and may go on: two elements with one number are one row.
  private var isOpen = false
  /// Nothing of the present row is read.
  private var isRead = false
  /// The last cell of the present row.
  private var column = -1
  /// A row whose start tag was read, and whose cells come next.
  private var pending: (number: Int, isHidden: Bool)?
  private var hasToldOrder = false
  /// Merged ranges: those that reach below the row of names, and the first row of the first of them.
  private(set) var merges: [CellRange] = []

  /// What a cell's value is (18.18.11), as its `t` attribute says.
  enum CellType { case number, shared, text, inline, boolean, error, date }

  struct Cell {
    var column = 0
    var style = 0
    var type = CellType.number
  }

  init(_ stream: PartStream, strings: StringArena, styles: StyleTable) {
    tokens = XMLTokens(stream)
    arena = strings
    self.strings = strings.strings
    struckStrings = strings.struck
    hasStruckStrings = !strings.struck.isEmpty
    self.styles = styles
  }

  /// The byte of the archive that is unpacked next, more or less.
  var position: Int { tokens.position }

  /// Reads rows into `table` until its output holds `limit` bytes.
  /// - Returns: false at the end of the sheet.
  mutating func read(into table: inout TableWriter, until limit: Int, emit: inout Emitter) throws(StopError) -> Bool {
    let (dataKey, mergeKey, columnKey) = (XMLName.key("sheetData"), XMLName.key("mergeCell"), XMLName.key("col"))
    if let (number, isHidden) = pending {
      pending = nil
      beginRow(number, isHidden, &table, emit: &emit)
      try readCells(&table, emit: &emit)
    }
    while true {
      let kind = try tokens.next()
      switch kind {
      case .end:
        if isInData { throw fault(.xmlTruncated, "the sheet ends too early: the file is damaged") }
        endRow(&table, emit: &emit)
        return false
      case .open, .empty:
        if tokens.name == XMLName.row, isInData {
          if try startRow(isEmpty: kind == .empty, until: limit, &table, emit: &emit) { return true }
        } else if tokens.name == dataKey {
          isInData = kind == .open
        } else if tokens.name == columnKey, !isInData {
          noteColumn(&table)
        } else if tokens.name == mergeKey, merges.count < Self.mergeLimit {
          if let range = tokens.attribute("ref").flatMap({ CellRange($0) }) { merges.append(range) }
        }
      case .close:
        if tokens.name == dataKey {
          isInData = false
          endRow(&table, emit: &emit)
        }
      case .text, .cdata: break
      }
    }
  }

  /// Notes columns that nobody sees.
  private func noteColumn(_ table: inout TableWriter) {
    guard let first = tokens.attribute("min").flatMap({ Int($0) }), first >= 1, first <= CellRange.lastColumn + 1 else {
      return
    }
    let last = tokens.attribute("max").flatMap { Int($0) } ?? first
    let hidden = tokens.attribute("hidden")
    guard hidden == "1" || hidden == "true" || tokens.attribute("width").flatMap({ Double($0) }) == 0, last >= first
    else { return }
    table.seen.hide(first - 1...last - 1)
  }

  /// Notes a cell whose style strikes its text through, or lets nobody see it.
  @inline(never)
  func noteStyle(_ cell: Cell, _ table: inout TableWriter) {
    let mark = styles.mark(cell.style)
    if !mark.isEmpty { table.seen.note(mark, row) }
  }

  /// Merged ranges that are counted.
  private static var mergeLimit: Int { 1 << 16 }

  private mutating func beginRow(_ number: Int, _ isHidden: Bool, _ table: inout TableWriter, emit: inout Emitter) {
    if number < row, !hasToldOrder {
      hasToldOrder = true
      table.tellOrder(number, emit: &emit)
    }
    row = number
    column = -1
    isOpen = true
    isRead = table.beginRow(number, isHidden: isHidden, emit: &emit)
  }

  private mutating func endRow(_ table: inout TableWriter, emit: inout Emitter) {
    if isOpen, isRead { table.endRow(emit: &emit) }
    isOpen = false
  }

  /// Starts a row, or goes on with the one before, which has the same number.
  /// - Returns: true where the output is full: the row is read in the next call.
  private mutating func startRow(
    isEmpty: Bool, until limit: Int, _ table: inout TableWriter, emit: inout Emitter
  ) throws(StopError) -> Bool {
    let (number, isHidden) = try rowAttributes()
    if isEmpty {
      if !isOpen || number != row {
        endRow(&table, emit: &emit)
        row = max(row, number)
      }
      return false
    }
    if isOpen, number == row {
      column = -1
    } else {
      endRow(&table, emit: &emit)
      if emit.output.count >= limit || emit.hasNews {
        pending = (number, isHidden)
        return true
      }
      beginRow(number, isHidden, &table, emit: &emit)
    }
    try readCells(&table, emit: &emit)
    return false
  }

  private mutating func rowAttributes() throws(StopError) -> (number: Int, isHidden: Bool) {
    var attributes = tokens.attributes
    var number: Int?
    var isHidden = false
    while let (key, value) = attributes.next() {
      if key == XMLName.r {
        number = XLSXSheet.integer(value)
      } else if key == 0x6E_6564_6469_68 /* hidden */ {
        isHidden = value.first == UInt8(ascii: "1") || value.first == UInt8(ascii: "t") || isHidden
      } else if key == 0x7468 /* ht */, value.elementsEqual("0".utf8) {
        isHidden = true
      }
    }
    let found = number ?? row + 1
    guard found >= 1, found <= CellRange.lastRow else {
      throw fault(.xlsxCellReference, "the sheet has a row beyond \(CellRange.lastRow): the file is damaged")
    }
    return (found, isHidden)
  }

  /// Reads the cells of the present row up to its end tag.
  private mutating func readCells(_ table: inout TableWriter, emit: inout Emitter) throws(StopError) {
    var column = column
    defer { self.column = column }
    while true {
      while isRead, try readUsual(&column, &table, emit: &emit) {}
      let kind = try tokens.next()
      switch kind {
      case .open, .empty:
        guard tokens.name == XMLName.c else { continue }
        let cell = try cell(after: column)
        column = cell.column
        if kind == .open {
          if styles.hasMarks, isRead { noteStyle(cell, &table) }
          try readValue(cell, isRead: isRead, &table, emit: &emit)
        }
        try table.checkSize(emit)
      case .close:
        guard tokens.name == XMLName.row else { continue }
        return
      case .end: throw fault(.xmlTruncated, "the sheet ends inside a row: the file is damaged")
      case .text, .cdata: break
      }
    }
  }

  /// What a cell's attributes say.
  @inline(__always)
  private mutating func cell(after last: Int) throws(StopError) -> Cell {
    var cell = Cell(column: last + 1)
    var attributes = tokens.attributes
    while let (key, value) = attributes.next() {
      switch key {
      case XMLName.r: cell.column = try XLSXSheet.column(value)
      case XMLName.s: cell.style = XLSXSheet.integer(value) ?? 0
      case XMLName.t: cell.type = XLSXSheet.type(value)
      default: break
      }
    }
    guard cell.column <= CellRange.lastColumn else { throw XLSXSheet.badReference() }
    return cell
  }

  private static func badReference() -> StopError {
    StopError(
      .dataError, WorkbookFileFault.xlsxCellReference,
      "a cell lies outside every sheet, which ends at XFD1048576: the file is damaged")
  }

  /// The column that a reference such as `B3` starts with.
  @inline(__always)
  static func column(_ reference: UnsafeRawBufferPointer) throws(StopError) -> Int {
    var column = 0
    var letters = 0
    for byte in reference {
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      if letter > 25 { break }
      letters += 1
      if letters > 3 { throw badReference() }
      column = column * 26 + Int(letter) + 1
    }
    guard letters > 0 else { throw badReference() }
    return column - 1
  }

  @inline(__always)
  static func type(_ value: UnsafeRawBufferPointer) -> CellType {
    guard let first = value.first else { return .number }
    switch (first, value.count) {
    case (UInt8(ascii: "s"), 1): return .shared
    case (UInt8(ascii: "n"), _): return .number
    case (UInt8(ascii: "i"), _): return .inline
    case (UInt8(ascii: "b"), _): return .boolean
    case (UInt8(ascii: "e"), _): return .error
    case (UInt8(ascii: "d"), _): return .date
    default: return .text
    }
  }

  @inline(__always)
  static func integer(_ text: UnsafeRawBufferPointer) -> Int? {
    guard text.count > 0, text.count <= 9 else { return nil }
    var sum = 0
    for byte in text {
      let digit = byte &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      sum = sum * 10 + Int(digit)
    }
    return sum
  }

  /// Reads a cell up to its end tag.
  @inline(__always)
  private mutating func readValue(_ cell: Cell, isRead: Bool, _ table: inout TableWriter, emit: inout Emitter)
    throws(StopError)
  {
    var hasFormula = false
    var hasValue = false
    // The value of an inline string is in `is`; what a `v` beside it holds gives way (ECMA-376, 18.18.11).
    let rest = table.mark(emit)
    var isInline = false
    while true {
      switch try tokens.next() {
      case .open:
        if tokens.name == XMLName.v, isRead, !hasValue {
          let before = emit.output.count
          try readContent(cell, &table, emit: &emit)
          // No number is empty: the program that wrote the formula did not work it out.
          hasValue = cell.type != .number || emit.output.count > before
        } else if tokens.name == XMLName.is, isRead, !hasValue || (cell.type == .inline && !isInline) {
          if hasValue { table.restore(rest, emit: &emit) }
          hasValue = true
          isInline = true
          try readInline(cell, &table, emit: &emit)
        } else if tokens.name == XMLName.f {
          hasFormula = true
        }
      case .close:
        guard tokens.name == XMLName.c else { continue }
        if hasFormula, isRead {
          if !hasValue {
            table.tellNoResult(cell.column, emit: &emit)
          } else {
            table.noteFormula(cell.column, isError: cell.type == .error, emit)
          }
        }
        return
      case .empty:
        if tokens.name == XMLName.v {
          hasValue = cell.type != .number
        } else if tokens.name == XMLName.f {
          hasFormula = true
        }
      case .end: throw fault(.xmlTruncated, "the sheet ends inside a cell: the file is damaged")
      case .text, .cdata: break
      }
    }
  }

  /// Reads a `v` element.
  @inline(__always)
  private mutating func readContent(_ cell: Cell, _ table: inout TableWriter, emit: inout Emitter) throws(StopError) {
    if cell.type == .text || cell.type == .inline { return try readText(cell, &table, emit: &emit) }
    let kind = try tokens.next()
    guard kind == .text || kind == .cdata else { return }
    try put(tokens.text, cell, &table, emit: &emit)
  }

  /// A value of any type but text.
  @inline(__always)
  mutating func put(_ text: UnsafeRawBufferPointer, _ cell: Cell, _ table: inout TableWriter, emit: inout Emitter)
    throws(StopError)
  {
    let text = XLSXSheet.trimmed(text)
    switch cell.type {
    case .number: table.put(number: text, cell.column, cell.style, styles, emit: &emit)
    case .shared:
      guard let index = XLSXSheet.integer(text), let string = strings[index] else { throw noString(text, table) }
      if hasStruckStrings, struckStrings.contains(index), !styles.mark(cell.style).isStruck { table.seen.strike(row) }
      table.put(json: string, cell.column, emit: &emit)
    case .boolean:
      guard let flag = XLSXSheet.flag(text) else { return table.putUnreadable(text, cell.column, emit: &emit) }
      table.put(flag, cell.column, emit: &emit)
    case .error: table.put(error: CellError.name(text), cell.column, emit: &emit)
    default:
      guard table.open(cell.column, emit: &emit) else { return }
      emit.output.append(UInt8(ascii: "\""))
      XMLText.append(text, to: &emit.output, undoesEscapes: false)
      emit.output.append(UInt8(ascii: "\""))
      table.close(emit: &emit)
    }
  }

  /// White space around a value is no part of it (XML Schema 1.0, part 2, 4.3.6).
  @inline(__always)
  private static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let first = text.first, let last = text.last, first <= 0x20 || last <= 0x20 else { return text }
    var (from, to) = (0, text.count)
    while from < to, text[from] <= 0x20 { from += 1 }
    while to > from, text[to - 1] <= 0x20 { to -= 1 }
    return UnsafeRawBufferPointer(rebasing: text[from..<to])
  }

  private static func flag(_ text: UnsafeRawBufferPointer) -> Bool? {
    switch String(decoding: text.prefix(8), as: UTF8.self).lowercased() {
    case "1", "true": true
    case "0", "false": false
    default: nil
    }
  }

  private func noString(_ text: UnsafeRawBufferPointer, _ table: borrowing TableWriter) -> StopError {
    StopError(
      .dataError, WorkbookFileFault.xlsxNoString,
      "a cell names a shared string that is not there (\(strings.count) are): the file is damaged", at: table.position)
  }

  /// Reads the text of a formula's result, piece by piece.
  private mutating func readText(_ cell: Cell, _ table: inout TableWriter, emit: inout Emitter) throws(StopError) {
    guard table.open(cell.column, emit: &emit) else { return }
    let start = emit.output.count
    emit.output.append(UInt8(ascii: "\""))
    loop: while true {
      switch try tokens.next() {
      case .text:
        XMLText.append(tokens.text, to: &emit.output)
        try SharedStrings.checkLength(emit.output.count - start)
      case .cdata: XMLText.append(tokens.text, to: &emit.output, isRaw: true)
      case .close: break loop
      case .end: throw fault(.xmlTruncated, "the sheet ends inside a cell: the file is damaged")
      case .open, .empty: break
      }
    }
    endText(cell, from: start, &table, emit: &emit)
  }

  private mutating func readInline(_ cell: Cell, _ table: inout TableWriter, emit: inout Emitter) throws(StopError) {
    guard table.open(cell.column, emit: &emit) else { return }
    let start = emit.output.count
    emit.output.append(UInt8(ascii: "\""))
    if try SharedStrings.readRichText(&tokens, until: XMLName.is, into: &emit.output), !styles.mark(cell.style).isStruck
    {
      table.seen.strike(row)
    }
    endText(cell, from: start, &table, emit: &emit)
  }

  /// An empty text is an empty cell.
  @inline(__always)
  func endText(_ cell: Cell, from start: Int, _ table: inout TableWriter, emit: inout Emitter) {
    emit.output.append(UInt8(ascii: "\""))
    if emit.output.count == start + 2 {
      table.drop(emit: &emit)
    } else {
      if emit.output.bytes[start + 1] == UInt8(ascii: "=") { table.replaceFormula(from: start, emit: &emit) }
      table.close(emit: &emit)
      table.traits.add(text: UnsafeRawBufferPointer(rebasing: emit.output.bytes[start...]), cell.column)
    }
  }

  private func fault(_ fault: WorkbookFileFault, _ message: String) -> StopError {
    StopError(.dataError, fault, message, at: Position(row: row))
  }
}
