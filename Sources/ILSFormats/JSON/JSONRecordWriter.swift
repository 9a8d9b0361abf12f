import ILSRecord

/// Writes one JSON value as a record: on one line, with the toolkit's own fields in front.
struct JSONRecordWriter: ~Copyable {
  private let file: String?
  /// The input's name, for messages.
  private let source: String?
  private let flatten: String?
  private var scanner = RecordScanner()
  private var wrapped = OutputBuffer()
  /// Arrays that are records under a row of names.
  private var rows: JSONRows?
  /// Values that were met, and among them arrays that are no rows under names.
  private var count = 0
  private var arrays = 0
  /// Those that are neither objects nor arrays.
  private var scalars = 0
  /// The text of the first value.
  private var first: [UInt8] = []
  private var oddFields = JSONOddFields()

  /// - Parameter file: the input's name, where records name it.
  init(file: String?, source: String?, flatten: String?) {
    self.file = file
    self.source = source
    self.flatten = flatten
  }

  /// - Parameter value: its text.
  /// - Throws: what the scanner finds wrong with it.
  mutating func write(_ value: PaddedBytes, number: Int, _ emit: inout Emitter) throws(RecordError) {
    count += 1
    if count == 1 { first = Array(value.bytes) }
    if value.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "["), try writeRow(value, number, &emit) { return }
    try writeValue(value, number, &emit)
  }

  /// Writes an array as a record, where a row of names came first.
  /// - Returns: false where there were no names: the array is a value like others.
  private mutating func writeRow(_ value: PaddedBytes, _ number: Int, _ emit: inout Emitter) throws(RecordError) -> Bool
  {
    guard count == 1 || rows != nil else {
      arrays += 1
      return false
    }
    let array = try JSONValue(parsing: Array(value.bytes))
    if count == 1 {
      rows = JSONRows(header: array)
      guard let rows else {
        arrays += 1
        return false
      }
      emit.passOver(1)
      emit.noteHeader(rows.names ?? [])
      emit.tell(
        Diagnostic(
          .info, TextFault.jsonRows, "records are arrays here: the first one holds their names",
          at: Position(file: source, row: number)))
      for note in rows.notes {
        emit.tell(Diagnostic(.warning, TextFault.jsonHeader, note, at: Position(file: source, row: number)))
      }
      return true
    }
    guard let object = try rows?.object(array) else { return false }
    wrapped.removeAll()
    object.write(to: &wrapped)
    try scanAndWrite(wrapped.padded, number, &emit)
    return true
  }

  private mutating func writeValue(_ value: PaddedBytes, _ number: Int, _ emit: inout Emitter) throws(RecordError) {
    let isObject = value.bytes.first { $0 > 0x20 } == UInt8(ascii: "{")
    if !isObject {
      if value.bytes.first(where: { $0 > 0x20 }) != UInt8(ascii: "[") { scalars += 1 }
      wrapped.removeAll()
      wrapped.append("{\"value\":" as StaticString)
      wrapped.append(value.bytes)
      wrapped.append("}" as StaticString)
    }
    try scanAndWrite(isObject ? value : wrapped.padded, number, &emit)
  }

  private mutating func scanAndWrite(_ object: PaddedBytes, _ number: Int, _ emit: inout Emitter) throws(RecordError) {
    let record = try scanner.scan(object, number: number)
    oddFields.note(record, number)
    let start = emit.output.count
    emit.output.append("{" as StaticString)
    if record.shape.rowIndex == nil {
      emit.output.append("\"_row\":" as StaticString)
      emit.output.append(decimal: number)
    }
    if let file, record.shape.fileIndex == nil {
      separate(start, &emit)
      emit.output.append("\"_file\":" as StaticString)
      emit.output.appendJSONString(file)
    }
    if let flatten { try checkNames(record, flatten, start, &emit) }
    for index in record.fields.indices {
      if let flatten, record[index].kind == .object {
        try write(record[index], named: record.shape.names[index], flatten, start, &emit)
      } else {
        separate(start, &emit)
        emit.output.append(record.shape.written(index))
        appendOnOneLine(record[index], &emit.output)
      }
    }
    emit.output.append("}" as StaticString)
    emit.endRecord()
  }

  /// Refuses a record of which flattening would make two fields of one name: the next stage could read one of them alone.
  private func checkNames(_ record: Record, _ separator: String, _ start: Int, _ emit: inout Emitter)
    throws(RecordError)
  {
    var names: Set<String> = []
    var isTwice = false
    func note(_ value: JSONValue, _ name: String) {
      if let members = value.members, !members.isEmpty {
        for member in members { note(member.value, name + separator + member.name) }
      } else if !names.insert(name).inserted {
        isTwice = true
      }
    }
    for index in record.fields.indices {
      let name = record.shape.names[index]
      if record[index].kind == .object {
        do throws(RecordError) {
          note(try JSONValue(parsing: Array(record[index].raw)), name)
        } catch {
          emit.output.truncate(to: start)
          throw error
        }
      } else if !names.insert(name).inserted {
        isTwice = true
      }
    }
    guard isTwice else { return }
    emit.output.truncate(to: start)
    throw RecordError(
      TextFault.jsonNameTwice,
      message:
        "joined by '\(separator)', the names of nested fields make one name twice: choose another separator for --flatten"
    )
  }

  /// Says how many values were no objects, and what is odd about the fields of those that were.
  func tellValues(_ emit: inout Emitter) {
    let position = Position(file: source)
    oddFields.tell(source, &emit)
    if arrays > 0 {
      emit.tell(
        Diagnostic(
          .warning, TextFault.jsonRows,
          "\(arrays) of the values are arrays without a row of names above them: each is the field \"value\" of its record",
          at: position))
    }
    if scalars > 0 {
      emit.tell(
        Diagnostic(
          .warning, TextFault.jsonRows,
          "\(scalars) of \(count) values \(scalars == 1 ? "is" : "are") no object: each is the field \"value\" of its record",
          at: position))
    }
  }

  /// Says what the values hold, where that may not be what was meant.
  /// - Parameter base: the pointer to the one record, where that is no text of its own.
  func tellShape(at base: String = "", _ emit: inout Emitter) {
    let position = Position(file: source)
    guard let value = try? JSONValue(parsing: first) else { return }
    if count > 1 { return tellPages(value, position, &emit) }
    if let columns = JSONColumns(in: value) {
      return emit.tell(Diagnostic(.warning, TextFault.jsonEnvelope, columns.message(base: base), at: position))
    }
    let found = JSONEnvelope.arrays(in: value).map { (path: base + $0.path, count: $0.count) }
    guard let longest = found.first else { return base.isEmpty ? tellNested(value, position, &emit) : () }
    let others = found.dropFirst().prefix(3).map(\.path).joined(separator: ", ")
    emit.tell(
      Diagnostic(
        .warning, TextFault.jsonEnvelope,
        "\(base.isEmpty ? "the text" : base) is one record, which holds an array of \(longest.count) at \(longest.path): if those are the records, say --path \(longest.path)"
          + (others.isEmpty ? "" : " (there are others: \(others))"), at: position))
  }

  /// Says where the values seem to be pages of an API, each with an array of records.
  private func tellPages(_ value: JSONValue, _ position: Position, _ emit: inout Emitter) {
    if let columns = JSONColumns(in: value), columns.isAll {
      return emit.tell(
        Diagnostic(
          .warning, TextFault.jsonEnvelope,
          "the first of \(count) values holds columns side by side\(columns.path.isEmpty ? "" : " at \(columns.path)"): if their rows are the records, turn each value first",
          at: position))
    }
    guard let page = JSONEnvelope.arrays(in: value).first(where: { JSONEnvelope.isPage($0.path) }) else { return }
    emit.tell(
      Diagnostic(
        .warning, TextFault.jsonEnvelope,
        "the first of \(count) values holds an array of \(page.count) at \(page.path), as pages of an API do: if those are the records, say --path \(page.path)",
        at: position))
  }

  /// Says where the one record holds another, or many under keys.
  private func tellNested(_ value: JSONValue, _ position: Position, _ emit: inout Emitter) {
    let message: String
    let (steps, inner) = JSONEnvelope.only(in: value)
    if let keyed = JSONEnvelope.keyed(inner) {
      let path = steps.isEmpty ? "." : steps.map(JSONColumns.step).joined()
      message =
        "the text is one record, which holds \(keyed) objects alike, each under a key: if those are the records, take them out first (jq '\(path)[]')"
    } else if !steps.isEmpty, flatten == nil {
      let path = steps.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
      message = "the text is one record that holds one object, at \(path): if that is the record, say --path \(path)"
    } else if JSONEnvelope.isFailure(value) {
      message = "the text is one record, which looks like an answer that says what went wrong: has the export failed?"
    } else {
      return
    }
    emit.tell(Diagnostic(.warning, TextFault.jsonEnvelope, message, at: position))
  }

  private func separate(_ start: Int, _ emit: inout Emitter) {
    if emit.output.count > start + 1 { emit.output.append(UInt8(ascii: ",")) }
  }

  /// A nested value may have line ends between its parts; inside its strings JSON allows none.
  private func appendOnOneLine(_ value: FieldValue, _ output: inout OutputBuffer) {
    guard value.kind == .object || value.kind == .array, value.raw.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
      return output.append(value.raw)
    }
    for byte in value.raw where byte != 0x0A && byte != 0x0D { output.append(byte) }
  }

  /// The members of a nested object as fields of their own.
  private func write(
    _ object: FieldValue, named name: String, _ separator: String, _ start: Int, _ emit: inout Emitter
  ) throws(RecordError) {
    guard let members = try JSONValue(parsing: Array(object.raw)).members else { return }
    func write(_ value: JSONValue, _ name: String) {
      if let members = value.members, !members.isEmpty {
        for member in members { write(member.value, name + separator + member.name) }
      } else {
        separate(start, &emit)
        emit.output.appendJSONString(name)
        emit.output.append(UInt8(ascii: ":"))
        value.write(to: &emit.output)
      }
    }
    write(.object(members), name)
  }
}
