import ILSRecord

/// Writes one JSON value as a record: on one line, with the toolkit's own fields in front.
struct JSONRecordWriter: ~Copyable {
  private let file: String?
  private let flatten: String?
  private var scanner = RecordScanner()
  private var wrapped = OutputBuffer()

  /// - Parameter file: the input's name, where records name it.
  init(file: String?, flatten: String?) {
    self.file = file
    self.flatten = flatten
  }

  /// - Parameter value: its text.
  /// - Throws: what the scanner finds wrong with it.
  mutating func write(_ value: PaddedBytes, number: Int, _ emit: inout Emitter) throws(RecordError) {
    let isObject = value.bytes.first { $0 > 0x20 } == UInt8(ascii: "{")
    if !isObject {
      wrapped.removeAll()
      wrapped.append("{\"value\":" as StaticString)
      wrapped.append(value.bytes)
      wrapped.append("}" as StaticString)
    }
    let record = try scanner.scan(isObject ? value : wrapped.padded, number: number)
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
