import ArgumentParser
import ILSCommand
import ILSRecord
import ILSValidation
import ILSStore
import ILSStream

/// Against which records of other entities references are checked.
struct ReferenceOptions: ParsableArguments {
  @Option(
    name: .customLong("orders-against"),
    help: .init("Refuse orders whose patient is not among the records in FILE, which are mapped.", valueName: "file"),
    completion: .file())
  var file: String?

  @Option(help: .init("Refuse orders whose patient is not in this database.", valueName: "url"))
  var database: String?

  @Option(help: .init("The import source of records that name none, as ils-load has it.", valueName: "name"))
  var source: String?

  /// The records that those of `schema` may point at; none where nobody asked.
  func keys(_ schema: JSONValue, at path: String, _ memory: TableMemory) throws(StopError) -> [ReferenceKeys] {
    if file == nil, database == nil { return [] }
    let references = try Reference.read(schema, other: DataFiles.beside(path))
    guard !references.isEmpty else {
      throw StopError(.usage, UsageFault.usage, "records of this schema point at no others (x-ils.references)")
    }
    var all: [ReferenceKeys] = []
    for reference in references {
      let keys = ReferenceKeys(reference, source: source, memory: memory)
      if let file { try read(file, into: keys) }
      if let database { try read(database, of: reference, path, into: keys) }
      all.append(keys)
    }
    return all
  }

  private func read(_ path: String, into keys: ReferenceKeys) throws(StopError) {
    var reader = LineReader(try ByteSource(path))
    var scanner = RecordScanner()
    while true {
      switch reader.next() {
      case .line(let line):
        if line.bytes.allSatisfy({ $0 <= 0x20 }) { continue }
        do throws(RecordError) {
          keys.add(try scanner.scan(line, number: reader.number))
        } catch {
          throw StopError(.dataError, code: error.code, error.message, at: Position(file: path, row: reader.number))
        }
      case .tooLong:
        throw StopError(
          .dataError, RecordFault.jsonTooLong, "the line is too long", at: Position(file: path, row: reader.number))
      case .needsInput: try reader.fill()
      case .end: return
      }
    }
  }

  private func read(
    _ database: String, of reference: Reference, _ path: String, into keys: ReferenceKeys
  ) throws(StopError) {
    let schema = try LoadSchema(
      entity: reference.entity, try DataFiles.beside(path)(reference.entity), other: DataFiles.beside(path))
    for (number, rule) in reference.by.enumerated() {
      let reader = try KeyReader(database: database)
      try reader.read(schema, fields: [rule.name] + rule.others.map(\.name)) { values in
        if let value = values[0] {
          keys.add(value, values[1..<values.count - 1], id: values[values.count - 1], by: number)
        }
      }
      // The field's value stands last in an alias, all that it is unique within before it.
      try reader.readAliases(schema, of: rule.aliasNames) { values in
        let last = values.count - 2
        if let value = values[last] { keys.add(value, values[..<last], id: values[last + 1], by: number) }
      }
    }
  }
}
