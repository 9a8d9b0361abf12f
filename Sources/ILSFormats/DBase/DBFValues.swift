import CScan
import ILSRecord

/// Writes the values of a dBase table's records, and counts what is odd about them.
struct DBFValues: ~Copyable {
  private let memo: DBFMemo?
  var transcoder: Transcoder?
  private var place = Position()
  private var nullFlags: UnsafeRawBufferPointer?
  private var scratch = OutputBuffer()
  /// Texts that stand in a memo file which is not there, and objects that no record holds, by the name of their field.
  private var unreachable: [String: Int] = [:]
  private var unread: [String: Int] = [:]
  /// Bytes of the memo file that were read. Each text is one record's: there are never more than it has.
  private var taken = 0
  private var zeros: [String: Int] = [:]

  init(_ memo: DBFMemo?) { self.memo = memo }

  /// Makes ready for the values of a record.
  mutating func begin(_ place: Position, nullFlags: UnsafeRawBufferPointer?) {
    (self.place, self.nullFlags) = (place, nullFlags)
  }

  private func isSet(_ bit: Int?) -> Bool {
    guard let bit, let flags = nullFlags, bit / 8 < flags.count else { return false }
    return flags[bit / 8] >> UInt8(bit % 8) & 1 != 0
  }

  /// Writes one value. - Returns: why the record cannot be read.
  mutating func put(
    _ value: UnsafeRawBufferPointer, _ field: DBFField, _ name: String, isVisual: Bool, _ emit: inout Emitter
  ) -> RecordError? {
    if isSet(field.nullBit) {
      putNull(&emit)
      return nil
    }
    switch field.type {
    case UInt8(ascii: "C"): return putText(value, name, &emit)
    case UInt8(ascii: "V"): return putText(varying(value, field), name, &emit)
    case UInt8(ascii: "N"), UInt8(ascii: "F"): putNumber(value, name, &emit)
    case UInt8(ascii: "D"): putDay(value, name, &emit)
    case UInt8(ascii: "L"): putFlag(value, name, &emit)
    case UInt8(ascii: "M"): return putMemo(value, name, &emit)
    case UInt8(ascii: "T") where value.count == 8, UInt8(ascii: "@") where value.count == 8:
      putMoment(value, name, &emit)
    case UInt8(ascii: "I") where value.count == 4, UInt8(ascii: "+") where value.count == 4:
      emit.output.append(decimal: Int(Int32(truncatingIfNeeded: value.u32(0) ?? 0)))
    case UInt8(ascii: "Y") where value.count == 8:
      DBFValue.append(tenThousandths: Int(truncatingIfNeeded: value.u64(0) ?? 0), to: &emit.output)
    case UInt8(ascii: "B") where value.count == 8 && isVisual, UInt8(ascii: "O") where value.count == 8:
      putDouble(value, name, &emit)
    default: putUnread(value, name, &emit)
    }
    return nil
  }

  private func putNull(_ emit: inout Emitter) { emit.output.append("null" as StaticString) }

  // MARK: - Text

  /// A text of Visual FoxPro that is not full has its length in its last byte.
  private func varying(_ value: UnsafeRawBufferPointer, _ field: DBFField) -> UnsafeRawBufferPointer {
    guard isSet(field.lengthBit), let length = value.last else { return value }
    return UnsafeRawBufferPointer(rebasing: value.prefix(min(Int(length), value.count - 1)))
  }

  private mutating func putText(_ value: UnsafeRawBufferPointer, _ name: String, _ emit: inout Emitter) -> RecordError?
  {
    let text = DBFValue.trimmed(value)
    if text.isEmpty {
      putNull(&emit)
      return nil
    }
    if !text.contains(where: { $0 >= 0x80 }) {
      emit.output.appendJSONString(text)
      return nil
    }
    scratch.removeAll()
    DBFValues.append(text, transcoder, to: &scratch)
    guard firstInvalidUTF8(scratch.bytes) == nil else {
      return RecordError(
        DBFFault.dbfEncoding, field: name,
        message: "a byte means nothing in the table's encoding: --encoding names another")
    }
    emit.output.appendJSONString(scratch.bytes)
    return nil
  }

  /// Appends `text` as UTF-8.
  static func append(_ text: UnsafeRawBufferPointer, _ transcoder: Transcoder?, to buffer: inout OutputBuffer) {
    guard let transcoder else { return buffer.append(text) }
    transcoder.convert(text, to: &buffer)
    transcoder.finish(to: &buffer)
  }

  private mutating func putMemo(_ value: UnsafeRawBufferPointer, _ name: String, _ emit: inout Emitter) -> RecordError?
  {
    guard let block = DBFValue.block(value) else {
      putNull(&emit)
      return nil
    }
    guard let memo else {
      unreachable[name, default: 0] += 1
      putNull(&emit)
      return nil
    }
    // What was read once too often is not looked for again.
    let found = taken > memo.size ? .other : memo.text(at: block)
    if case .text(let text) = found { taken += text.count }
    guard taken <= memo.size else {
      return RecordError(
        DBFFault.dbfMemo, field: name,
        message: "records name more text than the memo file holds, so that some name the same: is it of another day?")
    }
    switch found {
    case .text(let text):
      guard memo.hasSoftBreaks, text.contains(0x8D) else { return putText(text, name, &emit) }
      return DBFValues.hardened(text).withUnsafeBytes { putText($0, name, &emit) }
    case .other:
      unread[name, default: 0] += 1
      putNull(&emit)
      return nil
    case .missing(let looked):
      taken += looked
      return RecordError(
        DBFFault.dbfMemo, field: name,
        message: "the memo file does not hold the text that the record names: is it of another day?")
    }
  }

  /// dBase wraps the lines of a memo with bytes 141 and 10, which are line feeds here.
  private static func hardened(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    var lines: [UInt8] = []
    for (at, byte) in text.enumerated() where !(byte == 0x8D && at + 1 < text.count && text[at + 1] == 0x0A) {
      lines.append(byte)
    }
    return lines
  }

  // MARK: - Numbers, days, flags

  private mutating func putNumber(_ value: UnsafeRawBufferPointer, _ name: String, _ emit: inout Emitter) {
    let text = DBFValue.bare(value)
    if text.isEmpty || text.elementsEqual([UInt8(ascii: ".")]) { return putNull(&emit) }
    if text.allSatisfy({ $0 == UInt8(ascii: "*") }) {
      putNull(&emit)
      return emit.tell(
        Diagnostic(
          .warning, DBFFault.dbfOverflow, "the number was too long for its field, and is lost; it is null here",
          field: name, at: place))
    }
    guard DBFValue.appendDecimal(text, to: &emit.output) else { return putOdd(text, name, &emit) }
    if text[0] == UInt8(ascii: "0"), text.count > 1, text[1] &- UInt8(ascii: "0") <= 9 { zeros[name, default: 0] += 1 }
  }

  /// What is stored where a number or a flag should be, and is none: it stays what it is, as text.
  private mutating func putOdd(_ text: UnsafeRawBufferPointer, _ name: String, _ emit: inout Emitter) {
    scratch.removeAll()
    DBFValues.append(text, transcoder, to: &scratch)
    emit.output.appendJSONString(String(decoding: scratch.bytes, as: UTF8.self))
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.cellNumber, "a field of numbers or booleans holds none; it is text here", field: name,
        at: place))
  }

  private mutating func putDay(_ value: UnsafeRawBufferPointer, _ name: String, _ emit: inout Emitter) {
    let text = DBFValue.bare(value)
    if text.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == 0x20 }) { return putNull(&emit) }
    if let day = DBFValue.day(text) {
      emit.output.append(UInt8(ascii: "\""))
      emit.output.append(day)
      return emit.output.append(UInt8(ascii: "\""))
    }
    scratch.removeAll()
    DBFValues.append(text, transcoder, to: &scratch)
    emit.output.appendJSONString(String(decoding: scratch.bytes, as: UTF8.self))
    tellNoDay(name, &emit)
  }

  private func tellNoDay(_ name: String, _ emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.cellNoDate,
        "the field is one of dates and holds no day that there is; it stays as it was",
        field: name, at: place))
  }

  private mutating func putMoment(_ value: UnsafeRawBufferPointer, _ name: String, _ emit: inout Emitter) {
    let (day, milliseconds) = (value.u32(0) ?? 0, value.u32(4) ?? 0)
    if day == 0 && milliseconds == 0 || value.allSatisfy({ $0 == 0x20 }) { return putNull(&emit) }
    if DBFValue.append(julian: day, milliseconds: milliseconds, to: &emit.output) { return }
    emit.output.append("\"\(day) \(milliseconds)\"")
    tellNoDay(name, &emit)
  }

  private mutating func putFlag(_ value: UnsafeRawBufferPointer, _ name: String, _ emit: inout Emitter) {
    let text = DBFValue.bare(value)
    switch text.count == 1 ? text[0] | 0x20 : 0 {
    case UInt8(ascii: "t"), UInt8(ascii: "y"): emit.output.append("true" as StaticString)
    case UInt8(ascii: "f"), UInt8(ascii: "n"): emit.output.append("false" as StaticString)
    case UInt8(ascii: "?"): putNull(&emit)
    default: if text.isEmpty { putNull(&emit) } else { putOdd(text, name, &emit) }
    }
  }

  private mutating func putDouble(_ value: UnsafeRawBufferPointer, _ name: String, _ emit: inout Emitter) {
    let number = Double(bitPattern: value.u64(0) ?? 0)
    if number.isFinite { return NumberText.append(number, to: &emit.output) }
    "\(number)".utf8.withContiguousStorageIfAvailable { putOdd(UnsafeRawBufferPointer($0), name, &emit) }
  }

  private mutating func putUnread(_ value: UnsafeRawBufferPointer, _ name: String, _ emit: inout Emitter) {
    if !value.allSatisfy({ $0 == 0 || $0 == 0x20 || $0 == UInt8(ascii: "0") }) { unread[name, default: 0] += 1 }
    putNull(&emit)
  }

  // MARK: - What is told at the end

  func tell(_ place: Position, _ emit: inout Emitter) {
    func each(_ counts: [String: Int], _ fault: DBFFault, _ message: String) {
      for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
        emit.tell(
          Diagnostic(.warning, fault, "\(count) \(count == 1 ? "value" : "values") \(message)", field: name, at: place))
      }
    }
    each(
      unreachable, .dbfNoMemo,
      "of this field stand in the memo file (.dbt, .fpt), which is not beside the table: null here; put it there and read again"
    )
    each(unread, .dbfUnread, "of this field are pictures, objects or of a kind that no record holds: null here")
    each(zeros, .dbfZeros, "of this field are stored with zeros in front, which a number has not: 00123 is 123 here")
  }
}
