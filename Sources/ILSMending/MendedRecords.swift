import ILSCommand
import ILSRecord
import ILSStream

/// What came back of the tables: each reject's record, with the cells that somebody changed.
public struct MendedRecords {
  private let tables: [String: MendTable]
  private let kind: RejectTables.Kind
  private let file: String
  /// Rejects that came back, by stage: their rows in the table.
  private var seen: [String: [Int: Int]] = [:]
  private var damaged: [Position] = []
  /// How many cells of each column were changed.
  public private(set) var changes: [(column: String, count: Int)] = []
  /// Records that were changed.
  public private(set) var changed = 0
  private var records: [(stage: String, count: Int)] = []

  /// - Parameter file: the tables' file.
  public init(of tables: RejectTables, file: String) throws(StopError) {
    self.tables = Dictionary(uniqueKeysWithValues: tables.tables.map { ($0.rejects.stage, $0) })
    kind = try RejectTables.Kind(of: file)
    self.file = file
  }

  /// Takes one row of a table, as ils-parse reads it.
  /// - Returns: the stage that refused the record, and the record as it goes there; nil for a row that never became one.
  /// - Throws: `dataError`, with sheet and row, for what is not of these tables.
  public mutating func take(_ row: JSONValue) throws(StopError) -> (stage: String, record: JSONValue)? {
    let (table, reject) = try find(row)
    let position = self.position(row)
    try checkColumns(row, of: table)
    if table.isRaw {
      let text = MendTable.text(row[MendTable.raw])
      guard row[MendTable.raw] == nil || same(text, kind.shown(table.rawText(reject))) else {
        throw StopError(
          .dataError, MendFault.mendRaw,
          "this row never became a record: mend it in the source, or leave it as it is here", at: position)
      }
      return nil
    }
    guard case .object(var members) = reject.record else {
      throw StopError(.dataError, MendFault.mendTable, "the reject has no record", at: position)
    }
    var count = 0
    func change(_ name: String, _ header: String, _ types: Set<String>) {
      guard let returned = row[header].map(MendTable.text) else { return }
      let place = members.firstIndex { $0.name == name }
      let old = place.map { members[$0].value }
      let written = MendTable.text(old)
      if same(returned, kind.shown(written)) { return }
      if kind == .csv, SpreadsheetDamage.isLikely(written, returned) {
        return damaged.append(Position(file: file, sheet: position.sheet, row: position.row))
      }
      let new = Self.value(kind == .csv ? CSVSheet.meant(returned) : returned, old, types)
      if let place { members[place].value = new } else { members.append((name, new)) }
      count += 1
      note(header)
    }
    for field in table.fields { change(field.name, field.header, field.types) }
    change("_is", MendTable.Own.identity.rawValue, [])
    if count > 0 { changed += 1 }
    return (table.rejects.stage, .object(members))
  }

  /// - Throws: `dataError` where a program changed cells that nobody meant to change.
  public func finish() throws(StopError) {
    guard let first = damaged.first else { return }
    throw StopError(
      .dataError, MendFault.mendDamaged,
      "\(damaged.count) cells lost zeros, letters or the form of a date on their way through a spreadsheet, as CSV does: nothing was loaded; write an .xlsx, and mend that",
      at: first)
  }

  /// Rejects that are in none of the tables' rows.
  public var leftOut: Int { tables.values.reduce(0) { $0 + $1.rejects.count - (seen[$1.rejects.stage]?.count ?? 0) } }

  private mutating func note(_ column: String) {
    if let place = changes.firstIndex(where: { $0.column == column }) {
      changes[place].count += 1
    } else {
      changes.append((column, 1))
    }
  }

  // MARK: - Which reject a row is

  private mutating func find(_ row: JSONValue) throws(StopError) -> (table: MendTable, reject: Rejects.Reject) {
    let key = MendTable.text(row[MendTable.Own.reject.rawValue])
    let words = key.split(separator: " ")
    guard words.count == 3, let table = tables[String(words[0])], let number = Int(words[1]),
      (1...table.rejects.count).contains(number)
    else { throw stranger(row) }
    let reject = try table.rejects[number]
    guard table.key(of: reject) == key else { throw stranger(row) }
    if let other = seen[table.rejects.stage, default: [:]].updateValue(row["_row"]?.integer ?? 0, forKey: number) {
      throw StopError(
        .dataError, MendFault.mendTable, "the same refused record stands in row \(other): keep one of the two",
        at: position(row))
    }
    return (table, reject)
  }

  private func stranger(_ row: JSONValue) -> StopError {
    StopError(
      .dataError, MendFault.mendTable,
      "\"\(MendTable.Own.reject.rawValue)\" names no refused record of this folder: each row keeps what stood there",
      at: position(row))
  }

  private func position(_ row: JSONValue) -> Position {
    Position(file: file, sheet: row["_sheet"]?.string, row: row["_row"]?.integer)
  }

  /// A column that is none of the table's holds what would be lost.
  private func checkColumns(_ row: JSONValue, of table: MendTable) throws(StopError) {
    let headers = table.headers
    for (name, value) in row.members ?? [] where !name.hasPrefix("_") && !MendTable.text(value).isEmpty {
      guard headers.contains(name) else {
        throw StopError(
          .dataError, MendFault.mendTable,
          "the column \(name) is none of the table's: take it out, or give it its name back", at: position(row))
      }
    }
  }

  // MARK: - Values

  /// Whether a cell is as it was written: spreadsheets end lines in their own way.
  private func same(_ a: String, _ b: String) -> Bool { a == b || lines(a) == lines(b) }

  private func lines(_ text: String) -> String { text.replacing("\r\n", with: "\n").replacing("\r", with: "\n") }

  /// What somebody wrote into a cell, in the JSON form that the field has, where the text can be that.
  private static func value(_ text: String, _ old: JSONValue?, _ types: Set<String>) -> JSONValue {
    if text.isEmpty { return .null }
    var isNumber = !types.isDisjoint(with: ["number", "integer"])
    if case .number = old { isNumber = true }
    if types.contains("string") { return .string(text) }
    if isNumber, case .number(let number)? = try? JSONValue(parsing: Array(text.utf8)) { return .number(number) }
    if types.contains("boolean") || old?.boolean != nil, let flag = ["true": true, "false": false][text.lowercased()] {
      return .boolean(flag)
    }
    return .string(text)
  }
}
