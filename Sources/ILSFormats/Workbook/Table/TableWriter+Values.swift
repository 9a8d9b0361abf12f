import ILSRecord

// One cell each: open, write, close.

extension TableWriter {
  /// A number, as its text.
  @inline(__always)
  mutating func put(
    number text: UnsafeRawBufferPointer, _ column: Int, _ style: Int, _ styles: borrowing StyleTable,
    emit: inout Emitter
  ) {
    let effect = styles.effect(style)
    if effect == .none, NumberText.isPlain(text) {
      guard open(column, emit: &emit) else { return }
      emit.output.append(padded: text)
      close(emit: &emit)
      addTraits(ofPlain: text, column)
      return
    }
    guard let number = NumberText.parse(text) else {
      if text.allSatisfy({ $0 <= 0x20 }) { return }
      putUnreadable(text, column, emit: &emit)
      return
    }
    put(number: number, column, style, styles, emit: &emit)
  }

  /// What stands in a cell of numbers or booleans and is none, such as NaN: it stays what it is, as text.
  @inline(never)
  mutating func putUnreadable(_ text: UnsafeRawBufferPointer, _ column: Int, emit: inout Emitter) {
    guard open(column, emit: &emit) else { return }
    emit.output.append(UInt8(ascii: "\""))
    XMLText.append(text, to: &emit.output)
    emit.output.append(UInt8(ascii: "\""))
    close(emit: &emit)
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.cellNumber, "a cell of numbers or booleans holds none; it is text here",
        field: fieldName(column),
        at: position))
  }

  @inline(__always)
  private func addTraits(ofPlain text: UnsafeRawBufferPointer, _ column: Int) {
    // Up to five characters can be a short number or a serial; anything else that is plain has fifteen digits at most.
    if text.count <= 5 {
      var value = 0
      for byte in text {
        guard byte >= UInt8(ascii: "0") else { return traits.add(ColumnTraits.other, column) }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      traits.add(number: Double(value), column)
    } else {
      let isWhole = !text.contains(UInt8(ascii: "."))
      let isStamp = text[5] == UInt8(ascii: ".") && text[0] &- UInt8(ascii: "1") < 5
      traits.add(
        isWhole
          ? ColumnTraits.plainInteger : isStamp ? ColumnTraits.other | ColumnTraits.likeStamp : ColumnTraits.other,
        column)
    }
  }

  mutating func put(number: Double, _ column: Int, _ style: Int, _ styles: borrowing StyleTable, emit: inout Emitter) {
    let effect = styles.effect(style)
    guard number.isFinite, open(column, emit: &emit) else { return }
    switch effect {
    case .none, .percent, .worded, .scaled, .negated, .lettered:
      NumberText.append(number, to: &emit.output)
      traits.add(number: number, column)
      if effect != .none { traits.add(ColumnTraits.shown(effect, number), column) }
    case .padded:
      traits.add(ColumnTraits.padded, column)
      if !options.asDisplayed || !appendPadded(number, styles.template(style), emit: &emit) {
        NumberText.append(number, to: &emit.output)
      }
    default:
      traits.add(ColumnTraits.date, column)
      if !ExcelDate.append(number, effect.style, is1904: styles.is1904, to: &emit.output) {
        NumberText.append(number, to: &emit.output)
        tellNoDate(column, emit: &emit)
      }
    }
    close(emit: &emit)
  }

  /// Writes `number` into the zeros of `template`, from the right; false where it is no whole number or does not fit a double.
  private func appendPadded(_ number: Double, _ templates: [UInt8], emit: inout Emitter) -> Bool {
    guard number >= 0, number < 1e15, number == number.rounded(.towardZero) else { return false }
    var rest = Int(number)
    var shown: [UInt8] = []
    let both = templates.split(separator: UInt8(ascii: ";"))
    guard var template = both.first else { return false }
    if let larger = both.last, String(rest).utf8.count > template.count(where: { $0 == UInt8(ascii: "0") }) {
      template = larger
    }
    var zeros = template.count { $0 == UInt8(ascii: "0") }
    for character in template.reversed() {
      guard character == UInt8(ascii: "0") else {
        shown.append(character)
        continue
      }
      zeros -= 1
      repeat {
        shown.append(UInt8(ascii: "0") + UInt8(rest % 10))
        rest /= 10
      } while zeros == 0 && rest > 0
    }
    shown.reverse()
    shown.withUnsafeBytes { emit.output.appendJSONString($0) }
    return true
  }

  /// A text, given as the JSON string that it is written as. An empty one is an empty cell.
  @inline(__always)
  mutating func put(json text: UnsafeRawBufferPointer, _ column: Int, emit: inout Emitter) {
    guard text.count > 2, open(column, emit: &emit) else { return }
    if text[1] == UInt8(ascii: "="), options.readsFormulas, let plain = formulaText(text) {
      emit.output.append(plain)
    } else {
      emit.output.append(padded: text)
    }
    close(emit: &emit)
    traits.add(text: text, column)
  }

  /// What `="00123"` says, as a JSON string, where a text is such a formula; null where it says nothing.
  @inline(never)
  mutating func formulaText(_ json: UnsafeRawBufferPointer) -> [UInt8]? {
    let text = XMLText.jsonText(UnsafeRawBufferPointer(rebasing: json[1..<(json.count - 1)]))
    guard let plain = TextFormula.text(of: Array(text.utf8)) else { return nil }
    formulas += 1
    if plain.isEmpty { return Array("null".utf8) }
    var string = OutputBuffer(capacity: plain.count + 64)
    plain.withUnsafeBytes { string.appendJSONString($0) }
    return [UInt8](string.bytes)
  }

  /// Puts the text in the place of the formula that says it, which starts at `start` of the output.
  @inline(never)
  mutating func replaceFormula(from start: Int, emit: inout Emitter) {
    guard options.readsFormulas,
      let plain = formulaText(UnsafeRawBufferPointer(rebasing: emit.output.bytes[start...]))
    else { return }
    emit.output.truncate(to: start)
    emit.output.append(plain)
  }

  /// Notes that the cell that was just read is a formula, and whether it has a result other than 0 or an empty text.
  mutating func noteFormula(_ column: Int, isError: Bool, _ emit: borrowing Emitter) {
    results.all += 1
    if isError { results.real += 1 }
    guard !isError, marks.count > 0, Int(marks.last.column) == column else { return }
    let value = UnsafeRawBufferPointer(rebasing: emit.output.bytes[marks.last.start..<marks.last.end])
    if value.elementsEqual("0".utf8) {
      results.zero += 1
    } else if !value.elementsEqual("null".utf8) {
      results.real += 1
    }
  }

  mutating func put(_ flag: Bool, _ column: Int, emit: inout Emitter) {
    guard open(column, emit: &emit) else { return }
    emit.output.append(flag ? "true" as StaticString : "false")
    close(emit: &emit)
  }

  /// An error such as #N/A: null, and told.
  mutating func put(error: String, _ column: Int, emit: inout Emitter) {
    guard open(column, emit: &emit) else { return }
    emit.output.append("null" as StaticString)
    close(emit: &emit)
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.cellError, "the cell shows \(error); it is null here", field: fieldName(column),
        at: position
      ))
  }

  /// A formula that was never calculated.
  func tellNoResult(_ column: Int, emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.cellNoResult,
        "the cell holds a formula without its result; it is null here: open the workbook and save it again",
        field: fieldName(column), at: position))
  }

  /// A cell of days or times that holds none.
  func tellNoDay(_ column: Int, emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.cellNoDate,
        "the cell is one of days or times and holds none that is known; it is text here",
        field: fieldName(column), at: position))
  }

  /// Amounts of several currencies, of which records have the numbers alone.
  func tellCurrencies(_ names: [String], _ column: Int, emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.workbookShown,
        "amounts are of several currencies (\(names.prefix(5).joined(separator: ", "))), and read as numbers alone",
        field: fieldName(column), at: Position(file: file, sheet: sheet)))
  }

  private func tellNoDate(_ column: Int, emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.cellNoDate,
        "the cell is styled as a date and holds no day that there is; it stays a number",
        field: fieldName(column), at: position))
  }

  private func fieldName(_ column: Int) -> String {
    isSampling ? "column \(CellRange.columnName(column))" : columns.name(ofColumn: column)
  }
}

/// The names of cell errors (ECMA-376 part 1, 18.18.11); of anything else nothing is repeated.
enum CellError {
  private static let known = [
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!",
  ]

  static func isKnown(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
    known.contains { text.elementsEqual($0.utf8) }
  }

  static func name(_ text: UnsafeRawBufferPointer) -> String {
    let name = String(decoding: text, as: UTF8.self)
    return known.contains(name) ? name : "an error"
  }

  /// By the number that BIFF has for it ([MS-XLS] 2.5.10).
  static func name(_ code: Int) -> String {
    switch code {
    case 0x00: "#NULL!"
    case 0x07: "#DIV/0!"
    case 0x0F: "#VALUE!"
    case 0x17: "#REF!"
    case 0x1D: "#NAME?"
    case 0x24: "#NUM!"
    case 0x2A: "#N/A"
    case 0x2B: "#GETTING_DATA"
    default: "an error"
    }
  }
}
