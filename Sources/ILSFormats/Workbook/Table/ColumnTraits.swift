import ILSRecord

/// What the cells of each column have been, gathered as they pass: an OR a cell.
final class ColumnTraits {
  static var plainInteger: UInt8 { 1 }
  /// Text of digits with a zero in front.
  static var zeroText: UInt8 { 2 }
  /// An integer of more than 15 digits, which Excel rounds.
  static var longInteger: UInt8 { 4 }
  /// An integer that would be a day of the years 1927 to 2064, in a cell that is not styled as one.
  static var likeSerial: UInt8 { 8 }
  static var padded: UInt8 { 16 }
  static var date: UInt8 { 32 }
  /// An integer of three or four digits.
  static var short: UInt8 { 64 }
  /// A number that is no integer, or text other than digits.
  static var other: UInt8 { 128 }

  private let bits: UnsafeMutablePointer<UInt8>

  init() {
    bits = .allocate(capacity: CellRange.lastColumn + 1)
    bits.initialize(repeating: 0, count: CellRange.lastColumn + 1)
  }

  deinit { bits.deallocate() }

  @inline(__always)
  func add(_ trait: UInt8, _ column: Int) { bits[column & CellRange.lastColumn] |= trait }

  subscript(column: Int) -> UInt8 { bits[column & CellRange.lastColumn] }

  /// Adds the trait of an unstyled number.
  @inline(__always)
  func add(number: Double, _ column: Int) {
    guard number == number.rounded(.towardZero) else { return add(Self.other, column) }
    if number >= 1e15 {
      add(Self.longInteger, column)
    } else if number >= 10_000, number < 60_000 {
      add(Self.plainInteger | Self.likeSerial, column)
    } else {
      add(number >= 100 && number < 10_000 ? Self.plainInteger | Self.short : Self.plainInteger, column)
    }
  }

  /// Adds the trait of a text, given as a JSON string.
  @inline(__always)
  func add(text: UnsafeRawBufferPointer, _ column: Int) {
    guard text.count > 3, text[1] == UInt8(ascii: "0"), text[2] &- UInt8(ascii: "0") <= 9 else { return }
    if text[1..<(text.count - 1)].allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) { add(Self.zeroText, column) }
  }
}

/// Says where a column looks as if Excel had changed what was typed into it.
enum ColumnSuspicions {
  static func tell(
    _ columns: borrowing TableColumns, _ traits: ColumnTraits, asDisplayed: Bool, _ position: Position,
    _ emit: inout Emitter
  ) {
    for slot in 0..<columns.count {
      let seen = traits[columns.column(slot)]
      let name = columns.names[slot]
      if seen & ColumnTraits.padded != 0, !asDisplayed {
        warn(
          .workbookPadded, "numbers are shown with zeros in front; --as-displayed gives them so", name, position,
          &emit)
      }
      if seen & ColumnTraits.zeroText != 0 && seen & ColumnTraits.plainInteger != 0 || isShortCode(name, seen) {
        warn(
          .workbookLeadingZeros, "some values look as if Excel had taken leading zeros away", name, position, &emit)
      }
      if seen & ColumnTraits.longInteger != 0 {
        warn(
          .workbookLongNumber, "numbers of more than 15 digits: Excel has made the others zeros", name, position,
          &emit)
      }
      if isSerial(name, seen) {
        warn(.workbookDateSerial, "numbers that look like dates without a date format", name, position, &emit)
      }
    }
  }

  private static func warn(
    _ fault: WorkbookFault, _ message: String, _ field: String, _ position: Position, _ emit: inout Emitter
  ) {
    emit.tell(Diagnostic(.warning, fault, message, field: field, at: position))
  }

  /// Postal codes of three or four digits among those of five.
  private static func isShortCode(_ name: String, _ seen: UInt8) -> Bool {
    let name = name.lowercased()
    return seen & ColumnTraits.short != 0 && seen & ColumnTraits.likeSerial != 0
      && (name.hasPrefix("zip") || name.hasSuffix("zip"))
  }

  private static func isSerial(_ name: String, _ seen: UInt8) -> Bool {
    guard seen & ColumnTraits.likeSerial != 0, seen & ColumnTraits.short == 0 else { return false }
    if seen & ColumnTraits.date != 0 { return true }
    let name = name.lowercased()
    return ["date", "birth", "dob", "datum"].contains { word in containsWord(name, word) }
  }

  private static func containsWord(_ name: String, _ word: String) -> Bool {
    let name = Array(name.utf8), word = Array(word.utf8)
    guard name.count >= word.count else { return false }
    return (0...(name.count - word.count)).contains { at in name[at..<(at + word.count)].elementsEqual(word) }
  }
}
