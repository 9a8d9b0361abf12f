import ILSFormats
import ILSRecord
import Testing

@Suite struct XLSBTests {
  typealias Build = XLSBBuilder

  private let header = [Build.row(1), Build.label(0, "a"), Build.label(1, "b")]

  @Test func everyKindOfCellIsRead() {
    var book = Build(
      (0..<8).reduce([Build.row(1)]) { $0 + [Build.label($1, "n\($1)")] } + [
        Build.row(2), Build.number(0, 12.5), Build.cell(2, 1, Build.body([(7 << 2 | 2, 4)])),
        Build.cell(2, 2, Build.body([(1250 << 2 | 3, 4)])), Build.cell(4, 3, [1]), Build.cell(3, 4, [0x2A]),
        Build.cell(7, 5, Build.body([(1, 4)])), Build.label(6, "x \"y\"\n😀é"),
        Build.cell(8, 7, Build.text("said") + [0, 0, 0, 0, 0, 0]), Build.row(3),
        Build.cell(9, 0, Build.body([(Int(bitPattern: UInt(Double(3).bitPattern)), 8), (0, 6)])),
        Build.cell(10, 3, [0, 0, 0]), Build.cell(11, 4, [7, 0, 0]), Build.cell(1, 5),
        Build.cell(62, 6, [1] + Build.text("rich") + Build.body([(1, 4), (0, 2), (1, 2)])),
      ], strings: ["zero", "Zoë"])
    let sheets = read(book.file)
    #expect(
      sheets.lines == [
        #"{"_row":2,"n0":12.5,"n1":7,"n2":12.5,"n3":true,"n4":null,"n5":"Zoë","n6":"x \"y\"\n😀é","n7":"said"}"#,
        #"{"_row":3,"n0":3,"n1":null,"n2":null,"n3":false,"n4":null,"n5":null,"n6":"rich","n7":null}"#,
      ])
    #expect(sheets.told.count { $0 == "cell.error" } == 2)
    book.sheets[0].cells.append(Build.cell(7, 7, Build.body([(2, 4)])))
    #expect(read(book.file).stop == "xlsx.no_string")
  }

  @Test func formatsMakeDatesAndZeros() {
    var book = Build(
      header + [Build.row(2), Build.number(0, 45_352, style: 1), Build.number(1, 7, style: 2)],
      formats: ["yyyy-mm-dd", "00000"])
    #expect(read(book.file).lines == [#"{"_row":2,"a":"2024-03-01","b":7}"#])
    #expect(read(book.file).told.contains("workbook.padded"))
    book.properties = 1
    #expect(read(book.file).lines == [#"{"_row":2,"a":"2028-03-02","b":7}"#])
  }

  @Test func struckHiddenAndUnseenPartsAreTold() {
    var book = Build(
      header + [Build.row(2, isHidden: true), Build.number(0, 1, style: 1), Build.number(1, 2, style: 2)])
    let colour = [5, 0, 0, 0, 255, 255, 255, 255].map { UInt8($0) }
    book.styles = [
      (43, Build.body([(220, 2), (0, 10)], [0, 0, 0, 0, 0, 0, 0, 0])),
      (43, Build.body([(220, 2), (8, 2), (0, 8)], [0, 0, 0, 0, 0, 0, 0, 0])),
      (43, Build.body([(220, 2), (0, 10)], colour)), (617, []), Build.style(format: 0), Build.style(format: 0, font: 1),
      Build.style(format: 0, font: 2), (618, []),
    ]
    book.lead = [(60, Build.body([(1, 4), (1, 4), (2560, 4), (0, 4), (1, 2)]))]
    book.tail = [(176, Build.body([(1, 4), (2, 4), (0, 4), (0, 4)]))]
    #expect(
      Set(read(book.file).told).isSuperset(of: [
        "workbook.struck", "workbook.unseen", "workbook.hidden_rows", "workbook.hidden_columns", "workbook.merged",
      ]))
  }

  @Test func sheetsAreListed() {
    var book = Build(header)
    book.sheets.append(("Two", 2, []))
    #expect(
      read(book.file, lists: true).lines == [
        #"{"number":1,"name":"Sheet1","state":"visible","dimensions":"A1:B1"}"#,
        #"{"number":2,"name":"Two","state":"very-hidden","dimensions":null}"#,
      ])
  }

  @Test func partsThatEndTooEarlyStopTheRun() {
    let rows = header + [Build.row(2), Build.label(0, "text that is longer"), Build.number(1, 2)]
    var zip = Build(rows).zip
    let last = zip.parts.count - 1
    let whole = zip.parts[last].bytes
    for length in 4..<whole.count {
      zip.parts[last].bytes = Array(whole[..<length])
      let stop = read(zip.archive()).stop
      #expect(stop == "xlsb.truncated" || length >= whole.count - 1, "\(length): \(stop ?? "nothing")")
    }
    var lying = Build(header + [Build.row(2), Build.cell(6, 0, Build.body([(0x7FFF_FFFF, 4)]))])
    #expect(read(lying.file).stop == "xlsb.truncated")
    lying.sheets[0].cells = header + [Build.row(2), Build.number(20_000, 1)]
    #expect(read(lying.file).stop == "xlsx.cell_reference")
  }
}
