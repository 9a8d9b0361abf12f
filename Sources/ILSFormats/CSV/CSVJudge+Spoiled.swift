import ILSRecord

// What spreadsheets are known to do to values before they write them as delimited text, looked for in the first rows.

extension CSVJudge {
  /// Says where a column looks as if a spreadsheet had changed what was typed into it.
  func tellSpoiled(_ rows: ArraySlice<SampleRow>, _ names: [String], _ emit: inout Emitter) {
    for (column, name) in names.enumerated() {
      let cells = rows.compactMap {
        $0.kinds.indices.contains(column) && $0.kinds[column] != .empty ? $0.cells[column] : nil
      }
      guard !cells.isEmpty else { continue }
      StandIns.tell(cells, name, Position(file: file), &emit)
      let rounded = cells.count(where: CSVJudge.isRounded)
      if rounded > 0 {
        warn(
          .csvRounded,
          "numbers like 1.23457E+11 (\(rounded) in the first rows): a spreadsheet has rounded them, and only another export brings the digits back",
          name, &emit)
      }
      let months = cells.count(where: CSVJudge.isMonthDay)
      if months > 0, !ColumnMeaning.isDate(name) {
        warn(
          .csvMonthDay, "values like 6-Jun (\(months) in the first rows): a spreadsheet makes them of 6/6, 3-1 or MAR1",
          name,
          &emit)
      }
      tellPointZero(cells, name, &emit)
      if CSVJudge.haveLostZeros(cells, name) {
        warn(.csvLeadingZeros, "some values look as if a spreadsheet had taken leading zeros away", name, &emit)
      }
      if ColumnMeaning.isDate(name), cells.count(where: CSVJudge.isDay) * 5 >= cells.count * 4 {
        warn(
          .csvDateSerial, "numbers in place of dates: days as a spreadsheet counts them; export them as dates", name,
          &emit)
      }
    }
  }

  /// Says where numbers by which things are known have a fraction that was never typed.
  private func tellPointZero(_ cells: [[UInt8]], _ name: String, _ emit: inout Emitter) {
    guard ColumnMeaning.isKey(name), cells.count > 1, cells.allSatisfy(CSVJudge.isPointZero) else { return }
    warn(
      .csvPointZero,
      "all numbers end in .0, as programs write that have read them as fractions: 17.0 is not found as 17; export them as text or whole numbers",
      name, &emit)
  }

  /// `6-Jun`, `Jun-06`.
  private static func isMonthDay(_ cell: [UInt8]) -> Bool {
    let parts = cell.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count == 2, let word = parts.first(where: { $0.count == 3 }) else { return false }
    let number = parts[0] == word ? parts[1] : parts[0]
    return areDigits(number) && number.count <= 2
      && months.contains(String(decoding: word, as: UTF8.self).lowercased())
  }

  private static let months: Set<String> = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mai", "okt", "dez",
  ]

  private static func isPointZero(_ cell: [UInt8]) -> Bool {
    cell.count > 2 && cell.suffix(2).elementsEqual(".0".utf8) && areDigits(cell.dropLast(2))
  }

  private func warn(_ fault: CSVFault, _ message: String, _ field: String, _ emit: inout Emitter) {
    emit.tell(Diagnostic(.warning, fault, message, field: field, at: Position(file: file)))
  }

  private static func areDigits(_ cell: some Collection<UInt8>) -> Bool {
    !cell.isEmpty && cell.allSatisfy { $0 &- 0x30 <= 9 }
  }

  /// `1.23457E+11`: what shows of a number too long for its column.
  private static func isRounded(_ cell: [UInt8]) -> Bool {
    guard cell.count >= 5, cell.count <= 16, let mark = cell.firstIndex(of: UInt8(ascii: "E")), mark + 3 <= cell.count,
      cell[mark + 1] == UInt8(ascii: "+"), areDigits(cell[(mark + 2)...])
    else { return false }
    return cell[..<mark].allSatisfy { $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") }
      && cell[0] &- 0x30 <= 9
  }

  /// A day of the years 1927 to 2064, with a time of day or without.
  private static func isDay(_ cell: [UInt8]) -> Bool {
    let whole = cell.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: ",") }
    return whole.count == 5 && areDigits(whole) && cell[0] &- UInt8(ascii: "1") < 5
      && cell.dropFirst(6).allSatisfy { $0 &- 0x30 <= 9 }
  }

  /// Shorter values beside such as have zeros in front and are all of one length; postal codes of four digits and of five.
  private static func haveLostZeros(_ cells: [[UInt8]], _ name: String) -> Bool {
    let codes = cells.filter { $0.count <= 20 && areDigits($0) }
    guard codes.count * 5 >= cells.count * 4 else { return false }
    let lengths = Set(codes.map(\.count))
    let padded = Set(codes.filter { $0.count > 1 && $0[0] == UInt8(ascii: "0") }.map(\.count))
    if let length = padded.first, padded.count == 1, length > 3, lengths.max() == length {
      return codes.contains { $0.count < length && $0[0] != UInt8(ascii: "0") }
    }
    return padded.isEmpty && ColumnMeaning.isPostalCode(name) && lengths.max() == 5
      && !lengths.isDisjoint(with: [3, 4])
  }
}
