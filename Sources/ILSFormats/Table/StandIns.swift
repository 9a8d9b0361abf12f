import ILSRecord

/// What programs write where a value is missing or was lost, and people take for none: looked for in the first rows.
enum StandIns {
  /// Says where a column has such.
  /// - Parameter cells: those of its cells that hold something.
  static func tell(_ cells: [[UInt8]], _ name: String, _ position: Position, _ emit: inout Emitter) {
    func warn(_ count: Int, _ fault: TextFault, _ message: String) {
      guard count > 0 else { return }
      emit.tell(Diagnostic(.warning, fault, "\(message) (\(count) in the first rows)", field: name, at: position))
    }
    warn(
      cells.count(where: isError), .tableErrorWord,
      "values like ######## or #N/A are what a spreadsheet shows where there is none, or no room for it: they are read as text; widen the column or mend the formula, and export again"
    )
    warn(
      cells.count(where: isNull), .tableNullWord,
      "values like NULL or \\N are how programs write that there is none, and are read as text: empty_to_null with \"also\" makes them null"
    )
    if ColumnMeaning.isDate(name) {
      warn(
        cells.count(where: isNoDay), .tableNoDay,
        "days like 1899-12-30 or 0001-01-01 are what programs write where there is none: values in the mapping makes them null"
      )
      warn(
        cells.count(where: isMinutes), .tableMinutes,
        "values like 30:00.0 are minutes and seconds alone: a spreadsheet has shown no more of a day and time; export it again with a format that shows all"
      )
    }
    let cut = cells.count { $0.count == limit }
    if cut > 1, !cells.contains(where: { $0.count > limit }) {
      warn(
        cut, .tableCut,
        "the longest values have all \(limit) characters: what was longer has been cut off before it was exported")
    }
  }

  /// Characters that a text field of older databases and spreadsheets has.
  private static var limit: Int { 255 }

  private static func isError(_ cell: [UInt8]) -> Bool {
    guard cell.first == UInt8(ascii: "#"), cell.count > 2 else { return false }
    return cell.count > 3 && cell.allSatisfy { $0 == UInt8(ascii: "#") }
      || errors.contains(String(decoding: cell.prefix(16), as: UTF8.self))
  }

  private static let errors: Set<String> = [
    "#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#NV", "#WERT!", "#BEZUG!", "#VALEUR!", "#NOM?",
    "#SPILL!", "#CALC!", "#ERROR!",
  ]

  private static func isNull(_ cell: [UInt8]) -> Bool {
    cell.count <= 11 && nulls.contains(String(decoding: cell, as: UTF8.self))
  }

  /// A person may be called Null: that is written with one capital.
  private static let nulls: Set<String> = [
    "NULL", "null", "\\N", "(null)", "(NULL)", "<null>", "<NULL>", "[NULL]", "NaN", "nan", "NaT", "<NA>", "undefined",
    "#NULL#", "System.DBNull",
  ]

  /// Day 0 of Excel, Access and others, the first of SQL Server, and the first and last that there are.
  private static func isNoDay(_ cell: [UInt8]) -> Bool {
    let day = cell.prefix { $0 != 0x20 && $0 != UInt8(ascii: "T") }
    guard (6...10).contains(day.count) else { return false }
    let parts = day.split(omittingEmptySubsequences: false) { !($0 >= 0x30 && $0 <= 0x39) }
      .map { Int(String(decoding: $0, as: UTF8.self)) ?? -1 }
    guard parts.count == 3, let year = parts.max(), parts[0] == year || parts[2] == year else { return false }
    let rest = (parts[0] == year ? Array(parts[1...]) : Array(parts[..<2])).sorted()
    switch year {
    case 1899: return rest == [12, 30] || rest == [12, 31]
    case 1900: return rest == [0, 1] || rest == [1, 1] || rest == [0, 0]
    case 1753, 1601, 1000: return rest == [1, 1]
    case 9999: return rest == [12, 31]
    default: return isFirst(parts)
    }
  }

  /// `0001-01-01`, `1/1/0001`, `0000-00-00`
  private static func isFirst(_ parts: [Int]) -> Bool { parts.allSatisfy { $0 == 0 } || parts.allSatisfy { $0 == 1 } }

  /// `30:00.0`
  private static func isMinutes(_ cell: [UInt8]) -> Bool {
    cell.count == 7 && cell[2] == UInt8(ascii: ":") && cell[5] == UInt8(ascii: ".")
      && [0, 1, 3, 4, 6].allSatisfy { cell[$0] >= 0x30 && cell[$0] <= 0x39 }
  }
}
