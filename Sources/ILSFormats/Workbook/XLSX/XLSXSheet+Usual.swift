import CScan
import ILSRecord

// Nine cells of ten are spelled in one way, by Excel and by all that imitate it: attributes r, s and t in double quotes,
// then one value. They are read here in one pass; whatever differs by a byte is left to the tokens.

extension XLSXSheet {
  /// Longer than any cell's tag of this spelling with a number behind it.
  private static var reach: Int { 160 }

  /// Reads the cell at hand, if it is spelled in the usual way and lies wholly in the window.
  /// - Returns: false where it is not: nothing is read then.
  @inline(__always)
  mutating func readUsual(_ column: inout Int, _ table: inout TableWriter, emit: inout Emitter) throws(StopError)
    -> Bool
  {
    guard let start = tokens.ahead(Self.reach), XMLPattern.isCell(start) else { return false }
    var cell = Cell(column: column + 1)
    guard let inside = XLSXSheet.readTag(start + 3, &cell), cell.column <= CellRange.lastColumn else { return false }
    // The tokens take the cell's value, and note how it is marked.
    if styles.hasMarks, !styles.mark(cell.style).isEmpty { return false }
    if inside[-2] == UInt8(ascii: "/") {
      column = cell.column
      tokens.jump(to: inside)
      return true
    }
    if cell.type == .inline { return try readUsualInline(inside, cell, &column, &table, emit: &emit) }
    guard cell.type != .text, cell.type != .date, XMLPattern.isValueStart(inside) else { return false }
    let value = inside + 3
    var length = 0
    var mask = ils_equal_mask16(value, UInt8(ascii: "<"))
    if mask == 0 {
      length = 16
      mask = ils_equal_mask16(value + 16, UInt8(ascii: "<"))
    }
    guard mask != 0 else { return false }
    length += mask.trailingZeroBitCount
    guard length > 0, XMLPattern.isValueEnd(value + length) else { return false }
    column = cell.column
    try put(UnsafeRawBufferPointer(start: value, count: length), cell, &table, emit: &emit)
    tokens.jump(to: value + length + 8)
    try table.checkSize(emit)
    return true
  }

  @inline(__always)
  private mutating func readUsualInline(
    _ inside: UnsafePointer<UInt8>, _ cell: Cell, _ column: inout Int, _ table: inout TableWriter, emit: inout Emitter
  ) throws(StopError) -> Bool {
    guard XMLPattern.isInlineStart(inside) else { return false }
    // The value is written behind what `open` writes, so that the text is looked at once; where it turns out to
    // be spelled otherwise, all of that is taken back.
    let rest = table.mark(emit)
    guard table.open(cell.column, emit: &emit) else { return false }
    let start = emit.output.count
    emit.output.append(UInt8(ascii: "\""))
    guard let end = XMLText.append(upToMarkup: inside + 7, tokens.windowEnd, to: &emit.output),
      XMLPattern.isInlineEnd(end)
    else {
      table.restore(rest, emit: &emit)
      return false
    }
    endText(cell, from: start, &table, emit: &emit)
    column = cell.column
    tokens.jump(to: end.assumingMemoryBound(to: UInt8.self) + 13)
    try table.checkSize(emit)
    return true
  }

  /// Reads the attributes from `start` on. - Returns: what stands behind the tag; nil where it is spelled otherwise.
  @inline(__always)
  private static func readTag(_ start: UnsafePointer<UInt8>, _ cell: inout Cell) -> UnsafePointer<UInt8>? {
    var at = start
    for _ in 0..<3 {
      guard at[1] == UInt8(ascii: "="), at[2] == UInt8(ascii: "\"") else { return nil }
      let name = at[0]
      at += 3
      switch name {
      case UInt8(ascii: "r"): guard readReference(&at, &cell) else { return nil }
      case UInt8(ascii: "s"): guard readStyle(&at, &cell) else { return nil }
      case UInt8(ascii: "t"): guard readType(&at, &cell) else { return nil }
      default: return nil
      }
      // At the closing quote.
      if at[1] == UInt8(ascii: ">") { return at + 2 }
      if at[1] == UInt8(ascii: "/"), at[2] == UInt8(ascii: ">") { return at + 3 }
      guard at[1] == UInt8(ascii: " ") else { return nil }
      at += 2
    }
    return nil
  }

  @inline(__always)
  private static func readReference(_ at: inout UnsafePointer<UInt8>, _ cell: inout Cell) -> Bool {
    var column = 0
    var letters = 0
    while letters < 4 {
      let letter = at[0] &- UInt8(ascii: "A")
      if letter > 25 { break }
      column = column &* 26 &+ Int(letter) &+ 1
      letters += 1
      at += 1
    }
    var digits = 0
    while digits < 8, at[0] &- UInt8(ascii: "0") <= 9 {
      digits += 1
      at += 1
    }
    cell.column = column - 1
    return letters > 0 && letters < 4 && at[0] == UInt8(ascii: "\"")
  }

  @inline(__always)
  private static func readStyle(_ at: inout UnsafePointer<UInt8>, _ cell: inout Cell) -> Bool {
    var style = 0
    var digits = 0
    while digits < 6, at[0] &- UInt8(ascii: "0") <= 9 {
      style = style &* 10 &+ Int(at[0] &- UInt8(ascii: "0"))
      digits += 1
      at += 1
    }
    cell.style = style
    return digits > 0 && at[0] == UInt8(ascii: "\"")
  }

  @inline(__always)
  private static func readType(_ at: inout UnsafePointer<UInt8>, _ cell: inout Cell) -> Bool {
    var length = 0
    while length < 10, at[length] != UInt8(ascii: "\"") { length += 1 }
    cell.type = type(UnsafeRawBufferPointer(start: at, count: length))
    at += length
    return length < 10
  }
}
