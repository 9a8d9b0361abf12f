import ILSRecord

/// What the cells of each column have been, gathered as they pass: an OR a cell.
final class ColumnTraits {
  typealias Trait = UInt16

  static var plainInteger: Trait { 1 }
  /// Text of digits with a zero in front.
  static var zeroText: Trait { 2 }
  /// An integer of more than 15 digits, which Excel rounds.
  static var longInteger: Trait { 4 }
  /// An integer that would be a day of the years 1927 to 2064, in a cell that is not styled as one.
  static var likeSerial: Trait { 8 }
  static var padded: Trait { 16 }
  static var date: Trait { 32 }
  /// An integer of three or four digits.
  static var short: Trait { 64 }
  /// A number that is no integer.
  static var other: Trait { 128 }
  /// An integer of five digits that is no such day.
  static var noDay: Trait { 256 }
  /// Such a day with a fraction: a time of day.
  static var likeStamp: Trait { 512 }
  static var percent: Trait { 1024 }
  static var worded: Trait { 2048 }
  static var scaled: Trait { 4096 }
  static var negated: Trait { 8192 }
  static var lettered: Trait { 16384 }

  /// What a format that shows `number` otherwise than it is adds.
  static func shown(_ effect: StyleTable.Effect, _ number: Double) -> Trait {
    switch effect {
    case .percent: percent
    case .worded: worded
    case .scaled: scaled
    case .negated: number > 0 ? negated : 0
    case .lettered: lettered
    default: 0
    }
  }

  private let bits: UnsafeMutablePointer<Trait>

  init() {
    bits = .allocate(capacity: CellRange.lastColumn + 1)
    bits.initialize(repeating: 0, count: CellRange.lastColumn + 1)
  }

  deinit { bits.deallocate() }

  @inline(__always)
  func add(_ trait: Trait, _ column: Int) { bits[column & CellRange.lastColumn] |= trait }

  subscript(column: Int) -> Trait { bits[column & CellRange.lastColumn] }

  /// Adds the trait of an unstyled number.
  @inline(__always)
  func add(number: Double, _ column: Int) {
    let isDay = number >= 10_000 && number < 60_000
    guard number == number.rounded(.towardZero) else {
      return add(isDay ? Self.other | Self.likeStamp : Self.other, column)
    }
    if number >= 1e15 {
      add(Self.longInteger, column)
    } else if number >= 10_000, number < 100_000 {
      add(Self.plainInteger | (isDay ? Self.likeSerial : Self.noDay), column)
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
      tellShown(seen, name, position, &emit)
    }
  }

  /// Says where people see something else than the number.
  private static func tellShown(
    _ seen: ColumnTraits.Trait, _ name: String, _ position: Position, _ emit: inout Emitter
  ) {
    if seen & ColumnTraits.percent != 0 {
      emit.tell(
        Diagnostic(
          .info, WorkbookFault.workbookShown, "shown as per cent: what shows as 80 % is 0.8 here", field: name,
          at: position))
    }
    if seen & ColumnTraits.scaled != 0 {
      warn(
        .workbookShown, "shown in thousands or millions: what shows as 2 is 2000 or 2000000 here", name, position,
        &emit)
    }
    if seen & ColumnTraits.negated != 0 {
      warn(
        .workbookShown, "the format puts a minus in front of numbers above zero: what shows as -1.25 is 1.25 here",
        name,
        position, &emit)
    }
    if seen & ColumnTraits.lettered != 0, ColumnMeaning.isKey(name) || ColumnMeaning.isAcuity(name) {
      warn(
        .workbookShown,
        "the format puts letters or digits in front of numbers, which are read without: what shows as P-7 or 6/9 is 7 or 9 here",
        name, position, &emit)
    }
    if seen & ColumnTraits.worded != 0 {
      warn(
        .workbookShown, "the format shows words or nothing in place of numbers: the numbers are read", name, position,
        &emit)
    }
  }

  private static func warn(
    _ fault: WorkbookFault, _ message: String, _ field: String, _ position: Position, _ emit: inout Emitter
  ) {
    emit.tell(Diagnostic(.warning, fault, message, field: field, at: position))
  }

  /// Postal codes of three or four digits among those of five.
  private static func isShortCode(_ name: String, _ seen: ColumnTraits.Trait) -> Bool {
    seen & ColumnTraits.short != 0 && seen & (ColumnTraits.likeSerial | ColumnTraits.noDay) != 0
      && ColumnMeaning.isPostalCode(name)
  }

  /// Numbers that would be days: beside dates, under a name of dates, or under none at all.
  private static func isSerial(_ name: String, _ seen: ColumnTraits.Trait) -> Bool {
    guard seen & (ColumnTraits.likeSerial | ColumnTraits.likeStamp) != 0 else { return false }
    if ColumnMeaning.isDate(name) { return true }
    guard seen & ColumnTraits.short == 0 else { return false }
    if seen & ColumnTraits.date != 0 { return true }
    return ColumnMeaning.isNameless(name) && seen & (ColumnTraits.other | ColumnTraits.noDay) == 0
  }
}
