import ILSFormats
import ILSReading
import ILSRecord

/// Where a field of a parsed record stands in its file, with the bytes that stand there.
struct CellPlace {
  /// The field of the parsed record: the column's name.
  let field: String
  /// Of a workbook: `C7`.
  var cell: String?
  /// Of a JSON text: `$[3].name`.
  var path: String?
  /// Of a text, from 1.
  var line: Int?
  /// Bytes from the start of the file, or of what it unpacks to.
  var offset: Int?
  var isUnpacked = false
  /// As it is stored: bytes of a text, XML of a workbook.
  var raw: [UInt8]?
  /// Why there is no place, or not all of it.
  var note: String?

  init(_ field: String) { self.field = field }

  var json: JSONValue {
    var members: [(name: String, value: JSONValue)] = [("field", .string(field))]
    if let cell { members.append(("cell", .string(cell))) }
    if let path { members.append(("path", .string(path))) }
    if let line { members.append(("line", .number("\(line)"))) }
    if let offset { members.append((isUnpacked ? "offsetUnpacked" : "offset", .number("\(offset)"))) }
    if let raw {
      members.append(("bytes", .number("\(raw.count)")))
      members.append(Self.raw(raw))
    }
    if let note { members.append(("note", .string(note))) }
    return .object(members)
  }

  /// Text where it is text; else base 64, as in rejects: letters of two bytes are none.
  static func raw(_ bytes: [UInt8]) -> (name: String, value: JSONValue) {
    if !bytes.contains(0), bytes.withUnsafeBytes({ firstInvalidUTF8($0) }) == nil {
      return ("raw", .string(String(decoding: bytes, as: UTF8.self)))
    }
    var text = OutputBuffer()
    bytes.withUnsafeBytes { text.appendBase64($0) }
    return ("raw_base64", .string(text.string()))
  }
}

/// Finds the places of a record's fields. What was found is kept: the way to a row leads through the whole file.
final class CellFinder {
  private let source: JobReplay.SourceFile
  private let layout: InputReplay.Layout?
  private let row: Int?
  private let parsed: JSONValue
  private var finder: RowFinder?
  private var value: TextLayout?
  private lazy var isUnpacked = Result { () throws(StopError) in try source.replay.isCompressed() }

  /// - Parameter record: as it was parsed.
  init(_ source: JobReplay.SourceFile, _ layout: InputReplay.Layout?, _ position: Position, _ record: [UInt8]) {
    (self.source, self.layout, row) = (source, layout, position.row)
    parsed = (try? JSONValue(parsing: record)) ?? .null
  }

  /// The place of each of `fields`.
  func places(of fields: [String]) throws(StopError) -> [CellPlace] {
    guard let row, let layout, !fields.isEmpty else { return [] }
    switch layout {
    case .workbook(let sheet, let columns):
      return try fields.map { field throws(StopError) in try cell(field, row, sheet, columns) }
    case .fields:
      return try fields.map { field throws(StopError) in
        var place = CellPlace(field)
        place.raw = try source.replay.written(field: field, ofRecord: row)
        if place.raw == nil { place.note = "no field has this name" }
        return place
      }
    case .text(let text):
      if case .values(_, let path) = text.kind { return try value(fields, row, path) }
      return try cells(fields, row, text)
    }
  }

  private func cell(
    _ field: String, _ row: Int, _ sheet: String, _ columns: [String: String]
  ) throws(StopError) -> CellPlace {
    var place = CellPlace(field)
    // A column that neither the header nor the first rows have.
    let letters = columns[field] ?? Self.number(of: field).map { CellRange.columnName($0 - 1) }
    guard let letters else {
      place.note = "no column has this name"
      return place
    }
    place.cell = "\(letters)\(row)"
    place.raw = try source.replay.written("\(letters)\(row)", ofSheet: sheet).map { Array($0.utf8) }
    if place.raw == nil { place.note = "the sheet writes no such cell: it is empty, or has no address" }
    return place
  }

  /// `column_7`: 7.
  private static func number(of field: String) -> Int? {
    field.hasPrefix("column_") ? Int(field.dropFirst("column_".count).prefix { $0 != "_" }) : nil
  }

  // MARK: - Text of lines

  private func cells(_ fields: [String], _ row: Int, _ layout: TextLayout) throws(StopError) -> [CellPlace] {
    guard let found = try rowBytes(row, layout) else { return fields.map { lost($0) } }
    guard case .csv(_, let names, _) = layout.kind else {
      return try objects(fields, found.bytes, (found.offset, found.line), layout, base: "$")
    }
    return try fields.map { field throws(StopError) in
      guard let index = names.firstIndex(of: field) ?? Self.number(of: field).map({ $0 - 1 }),
        let text = try found.text(ofCell: index), text == parsed[field]?.string
      else { return lost(field) }
      var place = CellPlace(field)
      place.line = found.lines[index]
      place.offset = found.offset + found.cells[index].lowerBound
      place.isUnpacked = try isUnpacked.get()
      place.raw = Array(found.bytes[found.cells[index]])
      return place
    }
  }

  private func rowBytes(_ row: Int, _ layout: TextLayout) throws(StopError) -> RowFinder? {
    if let finder { return finder.isFound ? finder : nil }
    guard var made = RowFinder(row: row, in: layout) else { return nil }
    _ = try source.replay.find(&made)
    finder = made
    return made.isFound ? made : nil
  }

  /// What was found does not say what was parsed: better no place than another's.
  private func lost(_ field: String) -> CellPlace {
    var place = CellPlace(field)
    place.note =
      parsed[field] == nil
      ? "the record has no such field" : "the bytes of the row could not be found again: look at the row by its number"
    return place
  }

  // MARK: - JSON

  private func value(_ fields: [String], _ row: Int, _ path: String?) throws(StopError) -> [CellPlace] {
    if value == nil { value = try source.replay.place(ofValue: row) }
    guard let layout = value, case .values(let place?, _) = layout.kind else { return fields.map { lost($0) } }
    let steps = path.map { "$." + $0.split { $0 == "." || $0 == "/" }.joined(separator: ".") } ?? "$"
    let isUTF8 = layout.encoding == "UTF-8"
    return try objects(
      fields, place.bytes, (isUTF8 ? place.offset + layout.mark : nil, place.line), layout,
      base: "\(steps)[\(row - 1)]")
  }

  /// The places of members of an object whose bytes are known.
  private func objects(
    _ fields: [String], _ bytes: [UInt8], _ start: (offset: Int?, line: Int), _ layout: TextLayout,
    base: String
  ) throws(StopError) -> [CellPlace] {
    var line = OutputBuffer(capacity: bytes.count + 64)
    line.append(bytes)
    var scanner = RecordScanner()
    let record = layout.encoding == "UTF-8" ? try? scanner.scan(line.padded, number: 1) : nil
    let isUnpacked = try isUnpacked.get()
    return fields.map { field in
      guard parsed[field] != nil else { return lost(field) }
      var place = CellPlace(field)
      place.path = "\(base).\(field)"
      (place.line, place.offset, place.isUnpacked) = (start.line, start.offset, isUnpacked)
      if let record, let index = record.shape.index(of: field) {
        let slot = record.fields[index]
        let range = Int(slot.offset)..<(Int(slot.offset) + Int(slot.length))
        place.line = start.line + bytes[..<range.lowerBound].count { $0 == 0x0A }
        place.offset = start.offset.map { $0 + range.lowerBound }
        place.raw = Array(bytes[range])
      } else {
        place.raw = bytes
        place.note = "the bytes are those of the whole value that the record was made of"
      }
      return place
    }
  }
}
