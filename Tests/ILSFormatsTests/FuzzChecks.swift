// What must hold of every text: a part of the fuzzers (scripts/fuzz), and of the tests that run what those found.
//
// The first bytes of a case choose options and how the text is cut; the rest is the text. Whatever it is: no trap, the same
// records and rejects however it is cut, each of them a JSON object on one line, and as many as were counted.

import ILSFormats
import ILSRecord

func checkCSV(_ input: [UInt8]) -> String? {
  guard input.count > 3 else { return nil }
  var options = CSVOptions()
  options.delimiter = [nil, 0x2C, 0x09, 0x3B][Int(input[0] & 3)]
  options.dialect.escape = input[0] & 4 != 0 ? .backslash : .doubled
  options.dialect.comment = input[0] & 8 != 0 ? UInt8(ascii: "#") : nil
  options.dialect.ragged = [.reject, .pad, .keep, .reject][Int(input[0] >> 4 & 3)]
  options.headerRow = [nil, 0, 1, 2][Int(input[0] >> 6)]
  options.skip = Int(input[1] >> 6 & 1)
  options.dialect.quote = input[1] & 0x80 != 0 ? [nil, UInt8(ascii: "'")][Int(input[1] & 1)] : UInt8(ascii: "\"")
  return check(Array(input[3...]), step: Int(input[2]) + 1) { CSVDecoder(options) }
}

func checkJSON(_ input: [UInt8]) -> String? {
  guard input.count > 2 else { return nil }
  let layout: JSONLayout? = [nil, .values, .lines, .path("a.b")][Int(input[0] & 3)]
  let flatten = input[0] & 4 != 0 ? "." : nil
  let text = Array(input[2...])
  if let fault = check(text, step: Int(input[1]) + 1, { JSONDecoder(layout: layout, flatten: flatten) }) {
    return fault
  }
  // What one parser takes for one array, the other has to.
  guard layout == .values, flatten == nil, text.first == UInt8(ascii: "[") else { return nil }
  let decoded = decode(text, JSONDecoder(layout: layout))
  let isTaken = decoded.stop == nil && decoded.rejected == 0
  guard let array = (try? JSONValue(parsing: text))?.array else {
    return isTaken ? "what is no JSON was taken" : nil
  }
  return decoded.stop == nil && decoded.emitted + decoded.rejected == array.count
    ? nil : "an array was not taken in full"
}

func checkEncoding(_ input: [UInt8]) -> String? {
  guard input.count > 2 else { return nil }
  var options = TextOptions()
  let names = [
    nil, nil, nil, "UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE", "WINDOWS-1252", "WINDOWS-1251",
    "SHIFT_JIS", "GBK", "GB18030", "UTF-7", "ISO-2022-JP",
  ]
  options.encoding = names[Int(input[0] & 15)]
  options.replacesErrors = input[0] & 16 != 0
  options.format = [nil, .csv, .json, .ndjson][Int(input[0] >> 5 & 3)]
  return check(Array(input[2...]), step: Int(input[1]) + 1) { TextDecoder(options) }
}

private func check<D: RecordDecoder & ~Copyable>(_ text: [UInt8], step: Int, _ decoder: () -> D) -> String? {
  let whole = decode(text, decoder())
  if let fault = checkLines(whole) { return fault }
  return decode(text, step: step, decoder()) == whole ? nil : "the records depend on how the text is cut"
}

/// Every record and reject is a line, and every line an object.
private func checkLines(_ decoded: Decoded) -> String? {
  var scanner = RecordScanner()
  for (lines, count) in [(decoded.recordBytes, decoded.emitted), (decoded.rejectBytes, decoded.rejected)] {
    guard lines.isEmpty || lines.last == 0x0A else { return "the last line does not end" }
    let each = lines.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
    if each.count != count { return "\(count) lines were counted, and \(each.count) written" }
    for line in each {
      let isRecord = (Array(line) + [UInt8](repeating: 0, count: 16)).withUnsafeBytes { padded in
        (try? scanner.scan(PaddedBytes(0..<line.count, of: padded), number: 1)) != nil
      }
      if !isRecord { return "a line is no record" }
    }
  }
  return nil
}

/// The first byte chooses what the rest is: a file, a part of an .xlsx, or the records of an .xls; the second, options.
func checkWorkbook(_ input: [UInt8]) -> String? {
  guard input.count > 2 else { return nil }
  var options = WorkbookOptions()
  options.sheets = input[1] & 1 != 0 ? .all : .firstWithData
  options.fillsMerged = input[1] & 2 != 0
  options.asDisplayed = input[1] & 4 != 0
  options.headerRow = [nil, 0, 1, 2][Int(input[1] >> 3 & 3)]
  options.range = input[1] & 32 != 0 ? CellRange("B2:D9") : nil
  let rest = Array(input[2...])
  let table = "<row><c t=\"s\"><v>0</v></c></row><row><c s=\"1\"><v>1</v></c></row>"
  let plain = XLSXBuilder(table, strings: ["<t>a</t>"], formats: ["00000"])
  var zip = plain.zip
  let names = ["sheet1.xml", "sharedStrings.xml", "styles.xml", "workbook.xml", "workbook.xml.rels"]
  if input[0] & 8 != 0 { return checkOther(input[0] >> 4, rest, options) }
  let choice = Int(input[0] & 7)
  if choice < names.count {
    for index in zip.parts.indices where zip.parts[index].name.hasSuffix("/" + names[choice]) {
      zip.parts[index].bytes = rest
    }
  }
  let file =
    choice < names.count
    ? zip.archive() : choice == 5 ? XLSBuilder.bytes((0x0809, [0, 6, 5, 0, 0, 0, 0, 0])) + rest : rest
  return checkLines(of: file, options)
}

/// What the rest is in .ods and .xlsb: the content of a spreadsheet, its styles, or a part of records.
private func checkOther(_ choice: UInt8, _ rest: [UInt8], _ options: WorkbookOptions) -> String? {
  if choice & 1 == 0 {
    let sheet =
      "<table:table table:name=\"a\"><table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row></table:table>"
    var zip = ZipBuilder([("styles.xml", ""), ("content.xml", "<office:body>" + sheet + "</office:body>")])
    zip.parts[choice & 2 == 0 ? 1 : 0].bytes = rest
    return checkLines(of: zip.archive(), options)
  }
  let table = [
    XLSBBuilder.row(1), XLSBBuilder.cell(7, 0, [0, 0, 0, 0]), XLSBBuilder.row(2), XLSBBuilder.number(0, 1, style: 1),
  ]
  var zip = XLSBBuilder(table, strings: ["a"], formats: ["00000"]).zip
  let names = ["sheet1.bin", "sharedStrings.bin", "styles.bin", "workbook.bin"]
  for index in zip.parts.indices where zip.parts[index].name.hasSuffix("/" + names[Int(choice >> 1 & 3)]) {
    zip.parts[index].bytes = rest
  }
  return checkLines(of: zip.archive(), options)
}

private func checkLines(of file: [UInt8], _ options: WorkbookOptions) -> String? {
  for lists in [false, true] {
    let sheets = read(file, options, lists: lists)
    var decoded = Decoded(recordBytes: sheets.bytes)
    decoded.emitted = sheets.emitted
    if let fault = checkLines(decoded) { return fault }
  }
  return nil
}
