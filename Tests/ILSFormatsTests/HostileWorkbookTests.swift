import CZlib
import ILSRecord
import Testing

@testable import ILSFormats

/// Workbooks that want to do harm, or were damaged: a clear refusal, little memory, no trap.
@Suite struct HostileWorkbookTests {
  typealias Build = XLSBuilder

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    guard
      deflateInit2_(
        &stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        == Z_OK
    else { return [] }
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(bytes.count))))
    let room = output.count
    let written = input.withUnsafeMutableBufferPointer { from in
      output.withUnsafeMutableBufferPointer { to in
        stream.next_in = from.baseAddress
        stream.avail_in = uInt(from.count)
        stream.next_out = to.baseAddress
        stream.avail_out = uInt(room)
        _ = deflate(&stream, Z_FINISH)
        return room - Int(stream.avail_out)
      }
    }
    return Array(output[..<written])
  }

  private func packed(_ book: XLSXBuilder) -> ZipBuilder {
    var zip = book.zip
    for index in zip.parts.indices {
      let plain = zip.parts[index].bytes
      zip.parts[index].unpacked = plain
      zip.parts[index].bytes = Self.deflated(plain)
      zip.parts[index].method = 8
    }
    return zip
  }

  private let table = "<row><c t=\"s\"><v>0</v></c></row><row><c><v>1</v></c></row>"

  @Test func packedPartsAreReadAndChecked() {
    var zip = packed(XLSXBuilder(table, strings: ["<t>a</t>"]))
    #expect(read(zip.archive()).lines == [#"{"_row":2,"a":1}"#])
    let last = zip.parts.count - 1
    zip.parts[last].unpacked?[60] ^= 1
    #expect(read(zip.archive()).stop == "zip.checksum")
    zip.parts[last].bytes.removeLast(8)
    #expect(["zip.truncated", "zip.corrupt"].contains(read(zip.archive()).stop))
    zip.parts[last].method = 99
    #expect(read(zip.archive()).stop == "zip.method")
  }

  @Test func aBombIsRefusedEarly() {
    let remark = "<!--" + String(repeating: " ", count: 1 << 20) + "-->"
    #expect(read(packed(XLSXBuilder(String(repeating: remark, count: 80))).archive()).stop == "zip.bomb")
    let string = String(repeating: "a", count: 8 << 20)
    #expect(read(packed(XLSXBuilder(table, strings: ["<t>\(string)</t>"])).archive()).stop == "xml.token_limit")
  }

  @Test func entitiesAreNotDeclared() {
    var zip = XLSXBuilder(table, strings: ["<t>&x;</t>"]).zip
    for index in zip.parts.indices where zip.parts[index].name.hasSuffix("Strings.xml") {
      zip.parts[index].bytes =
        Array("<!DOCTYPE sst [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>".utf8) + zip.parts[index].bytes
    }
    let sheets = read(zip.archive())
    #expect(sheets.stop == "xml.doctype" && sheets.lines.isEmpty)
    // One that nobody declared stays as it is written.
    #expect(read(XLSXBuilder(table, strings: ["<t>&x;</t>"]).file).lines == [#"{"_row":2,"&x;":1}"#])
  }

  @Test func partsOutsideTheArchiveAreNobodysFiles() {
    var zip = XLSXBuilder(table).zip
    for index in zip.parts.indices where zip.parts[index].name.hasSuffix("workbook.xml.rels") {
      let text = String(decoding: zip.parts[index].bytes, as: UTF8.self)
      zip.parts[index].bytes = Array(text.replacing("worksheets/sheet1.xml", with: "../../../etc/passwd").utf8)
    }
    #expect(read(zip.archive()).stop == "xlsx.no_sheet")
  }

  @Test(arguments: ["XFE1", "AAAA1", "ZZZZZZZZ1", "1", ""]) func cellsBeyondTheLastAreRefused(reference: String) {
    #expect(
      read(XLSXBuilder("<row r=\"1\"><c r=\"\(reference)\"><v>1</v></c></row>").file).stop == "xlsx.cell_reference")
  }

  @Test func theLastCellCostsNoMoreThanItself() {
    let data =
      "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>a</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>"
    #expect(read(XLSXBuilder(data).file).lines == [#"{"_row":1048576,"a":null,"column_16384":1}"#])
    #expect(read(XLSXBuilder("<row r=\"1048577\"><c><v>1</v></c></row>").file).stop == "xlsx.cell_reference")
    var book = XLSXBuilder(data)
    book.tail = "<mergeCells><mergeCell ref=\"A1:XFD1048576\"/></mergeCells>"
    var options = WorkbookOptions()
    options.fillsMerged = true
    #expect(read(book.file, options).lines.count == 1)
  }

  @Test func missingStringsAreNotBlanks() {
    #expect(read(XLSXBuilder(table).file).stop == "xlsx.no_string")
    #expect(read(Build([Build.shared(0, 0, 5)]).file()).stop == "xls.no_string")
  }

  /// Cut anywhere, a workbook is refused, or gives no more than it held.
  @Test func aTruncatedWorkbookIsRefused() {
    let whole = XLSXBuilder(table, strings: ["<t>a</t>"]).file
    for length in stride(from: 4, to: whole.count, by: 3) { #expect(read(Array(whole[..<length])).stop != nil) }
    let old = Build([Build.label(0, 0, "a"), Build.number(1, 0, 1)]).file(padded: false)
    for length in stride(from: 8, to: old.count - 512, by: 64) { #expect(read(Array(old[..<length])).stop != nil) }
  }

  /// Whatever byte is wrong: no trap, and whole lines.
  @Test func noWrongByteTraps() {
    for file in [
      packed(XLSXBuilder(table, strings: ["<t>a</t>"], formats: ["14"])).archive(),
      XLSXBuilder(table, strings: ["<t>a</t>"]).file,
      Build(
        [Build.label(0, 0, "a"), Build.number(1, 0, 1)], globals: [(0x00FC, [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 65])]
      ).file(),
    ] {
      for at in file.indices {
        for bit in [[UInt8(1), 0x80, 0xFF][at % 3]] {
          var wrong = file
          wrong[at] ^= bit
          let sheets = read(wrong)
          #expect(sheets.bytes.last ?? 0x0A == 0x0A)
        }
      }
    }
  }

  @Test func chainsThatGoInACircleAreRefused() {
    let cells = [Build.label(0, 0, "a")] + (1..<300).map { Build.number($0, 0, 1) }
    #expect(read(Build(cells).file(cyclic: true)).stop == "ole2.cycle")
  }

  @Test func countsAreNotBelieved() {
    let strings: Build.Record = (0x00FC, Build.body([(0x7FFF_FFFF, 4), (0x7FFF_FFFF, 4), (1, 2), (0, 1), (0x61, 1)]))
    #expect(
      read(Build([Build.shared(0, 0, 0), Build.number(1, 0, 1)], globals: [strings]).file()).lines == [
        #"{"_row":2,"a":1}"#
      ])
    let long: Build.Record = (0x00FC, Build.body([(1, 4), (1, 4), (0xFFFF, 2), (1, 1), (0x61, 2)]))
    #expect(read(Build([Build.shared(0, 0, 0)], globals: [long]).file()).stop == "xls.truncated")
  }

  /// What would be read of the record behind a cell that is too short, or put into another column, is no value of it.
  @Test func cellsThatLieAreRefused() {
    func stop(_ cell: Build.Record) -> String? {
      read(Build([Build.label(0, 0, "a"), cell, Build.number(2, 0, 7)]).file()).stop
    }
    let head = [(1, 2), (0, 2), (0, 2)]
    for type in [0x0203, 0x027E, 0x00FD, 0x0205, 0x00BD, 0x0204, 0x0006] {
      #expect(stop((type, Build.body(head))) == "xls.corrupt", "\(type)")
    }
    #expect(stop((0x0203, Build.body(head, [0, 0, 0, 0]))) == "xls.corrupt")
    #expect(stop(Build.number(1, 0x4000, 1)) == "xls.corrupt")
    #expect(stop((0x0204, Build.body(head + [(5, 2), (0, 1)], Array("abc".utf8)))) == "xls.truncated")
    #expect(stop((0x0204, Build.body(head + [(2, 2), (1, 1)], [0x61, 0, 0x62]))) == "xls.truncated")
  }

  @Test func passwordsAreNamed() {
    func told(_ body: [UInt8]) -> String? {
      let sheets = read(Build([Build.number(0, 0, 1)], globals: [(0x002F, body)]).file())
      return sheets.stop == "workbook.encrypted" ? sheets.message : nil
    }
    #expect(told([0, 0, 1, 2, 3, 4]) == "encrypted workbook (XOR): save it without a password")
    #expect(told([1, 0, 1, 0, 1, 0]) == "encrypted workbook (RC4): save it without a password")
    #expect(told([1, 0, 2, 0, 2, 0]) == "encrypted workbook (RC4 CryptoAPI): save it without a password")
    #expect(read(Build([Build.number(0, 0, 1)]).file(name: "EncryptedPackage")).stop == "workbook.encrypted")
  }

  @Test func whatIsNotReadIsNamed() {
    #expect(read([0x09, 0x04, 0x06, 0x00, 0, 0, 0, 1, 0, 0]).stop == "xls.too_old")
    #expect(read(Build([Build.number(0, 0, 1)]).file(name: "WordDocument")).stop == "xls.no_workbook")
    #expect(read(ZipBuilder([("content.xml", "<x/>"), ("mimetype", "x")]).archive()).stop == "ods.unsupported")
    #expect(read(ZipBuilder([("readme.txt", "x")]).archive()).stop == "xlsx.no_workbook")
    #expect(read(Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18)).stop == "xlsx.no_workbook")
  }
}
