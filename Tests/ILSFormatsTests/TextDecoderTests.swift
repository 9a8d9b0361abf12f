import Foundation
import ILSRecord
import Testing

@testable import ILSFormats

@Suite struct TextDecoderTests {
  private let table = "name,city\nZoë,Köln\nÅsa,Malmö\n"
  private let expected = [#"{"_row":2,"name":"Zoë","city":"Köln"}"#, #"{"_row":3,"name":"Åsa","city":"Malmö"}"#]

  private func bytes(_ text: String, _ encoding: String.Encoding) throws -> [UInt8] {
    [UInt8](try #require(text.data(using: encoding)))
  }

  @Test(arguments: [1, 3, 1000]) func encodingsThatTheBytesTellAreRead(step: Int) throws {
    for (encoding, mark) in [
      (String.Encoding.utf8, [] as [UInt8]), (.utf8, [0xEF, 0xBB, 0xBF]), (.utf16LittleEndian, [0xFF, 0xFE]),
      (.utf16BigEndian, [0xFE, 0xFF]), (.utf16LittleEndian, []), (.utf16BigEndian, []),
      (.utf32LittleEndian, [0xFF, 0xFE, 0, 0]),
      (.utf32BigEndian, [0, 0, 0xFE, 0xFF]), (.utf32LittleEndian, []), (.windowsCP1252, []),
    ] {
      let decoded = decode(mark + (try bytes(table, encoding)), step: step, TextDecoder())
      #expect(decoded.lines == expected, "\(encoding) \(mark)")
    }
  }

  @Test func legacyEncodingsAreToldApart() throws {
    func detected(_ text: String, _ encoding: String.Encoding) throws -> String {
      try bytes(text, encoding).withUnsafeBytes { TextEncoding.detect($0).name }
    }
    #expect(try detected("имя,город\nИван,Москва\nОльга,Казань\n", .windowsCP1251) == "WINDOWS-1251")
    #expect(try detected("jméno,město\nŁukasz,Łódź\nStanisław,Wąbrzeźno\n", .windowsCP1250) == "WINDOWS-1250")
    #expect(try detected("名前,都市\n山田太郎,東京都\n鈴木花子,大阪府\n", .shiftJIS) == "CP932")
    #expect(try detected("nom,ville\nRenée,Besançon\n", .windowsCP1252) == "WINDOWS-1252")
    #expect(try detected("a,b\n1,2\n", .utf8) == "UTF-8")
  }

  @Test func aNamedEncodingIsTaken() throws {
    var options = TextOptions()
    options.encoding = "iso-8859-15"
    #expect(decode(Array("a\n".utf8) + [0xA4, 0x0A], TextDecoder(options)).lines == [#"{"_row":2,"a":"€"}"#])
    options.encoding = "UTF-16"
    #expect(decode([0xFF, 0xFE] + (try bytes(table, .utf16LittleEndian)), TextDecoder(options)).lines == expected)
    options.encoding = "no-such"
    #expect(decode(Array("a\n1\n".utf8), TextDecoder(options)).stop == "usage")
  }

  @Test func bytesThatMeanNothingAreRefusedOrReplaced() {
    let text = Array("a,b\n1,".utf8) + [0x81] + Array("\n2,3\n".utf8)
    var options = TextOptions()
    options.encoding = "windows-1252"
    #expect(decode(text, TextDecoder(options)).lines == [#"{"_row":3,"a":"2","b":"3"}"#])
    options.replacesErrors = true
    #expect(decode(text, TextDecoder(options)).lines.first == #"{"_row":2,"a":"1","b":"\#u{FFFD}"}"#)
    options.encoding = "utf-8"
    #expect(decode(text, TextDecoder(options)).lines.first == #"{"_row":2,"a":"1","b":"\#u{FFFD}"}"#)
  }

  @Test func jsonIsToldFromDelimitedText() {
    #expect(decode(Array(#"[{"a":1}]"#.utf8), TextDecoder()).lines == [#"{"_row":1,"a":1}"#])
    #expect(decode(Array("[id],[name]\n1,2\n".utf8), TextDecoder()).lines == [#"{"_row":2,"[id]":"1","[name]":"2"}"#])
    for text in [
      "[\n  [\n    \"id\",\n    \"n\"\n  ],\n  [\n    1,\n    \"a\"\n  ]\n]\n", "[[\"id\",\"n\"],[1,\"a\"]]",
      "[\"id\",\"n\"]\n[1,\"a\"]\n",
    ] {
      #expect(decode(Array(text.utf8), TextDecoder()).lines == [#"{"_row":2,"id":1,"n":"a"}"#], "\(text)")
    }
    for text in ["[1,2\n3,4\n", "[1],[2]\n3,4\n", "[a]\n1\n", "[[a]],b\n1,2\n", "[1]\n2\n", "[\na\n"] {
      #expect(decode(Array(text.utf8), TextDecoder()).told.contains { $0.hasPrefix("csv.dialect") }, "\(text)")
    }
    #expect(decode(Array("17".utf8), TextDecoder(file: "x.json")).lines == [#"{"_row":1,"value":17}"#])
  }

  @Test(arguments: [
    // Known by its first bytes or words.
    "<!DOCTYPE html>\n<html>", "\n <html lang=en>", "<meta charset=utf-8><table>", "<?xml version=\"1.0\"?>",
    "%PDF-1.7\n",
    "{\\rtf1 a,b}", "MSH|^~\\&|LAB|A|B\rPID|1\r", "ISA*00*          *00*", "UNB+UNOA:1+A+B'",
    "Obj\u{1}\u{4}avro.schema",
    "PAR1\u{15}\u{4}", "SQLite format 3\0", "-- MySQL dump 10.13\n", "INSERT INTO patients VALUES (1,'a');\n",
    "--\n-- PostgreSQL database dump\n--\n", "/*M!999999\\- enable the sandbox mode */\n", "H|\\^&|||Lab\rP|1\r",
    "HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!0000", "0 HEAD\n1 CHAR UTF-8\n", "#!/bin/sh\necho 1\n",
    "BEGIN:VCARD\nFN:A\n", "\u{1}\u{2}\u{3}\u{4}abc\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}xyzvw",
    "version https://git-lfs.github.com/spec/v1\n",
    // Known by how its lines are written.
    "patients:\n  - name: Kern\n    chart: 1\n  - name: Falk\n",
    "---\nname: Kern\nchart: 1\n---\nname: Falk\nchart: 2\n",
    "dn: cn=Kern\ncn: Kern\nmail: a@b.c\n\ndn: cn=Falk\ncn: Falk\n", "[database]\nhost=localhost\n; old\nport=5432\n",
    "# made by hand\ntitle = \"x\"\n[owner]\nname = \"Kern\"\nborn = 1961-03-04\n",
    "From: a@b.c\nTo: d@e.f\nSubject: export\n\nsee attached, thanks, bye\n", "<patients><p id=\"1\"/></patients>\n",
    "\\begin{tabular}{ll}\nChart & Name \\\\\n1 & Kern \\\\\n\\end{tabular}\n",
    "2026-01-02 10:00:00 INFO started\n2026-01-02 10:00:01 WARN slow, 3 s\n",
    "2026-01-02T10:00:00.123Z [ERROR] failed\n2026-01-02T10:00:01.5Z [INFO] ok\n",
    "# Patients\n\n| Chart | Name |\n|---|---|\n| 1 | Kern |\n",
    " chart | name\n-------+------\n     1 | Kern\n(1 row)\n",
    "+-------+------+\n| chart | name |\n+-------+------+\n|     1 | Kern |\n+-------+------+\n",
    "Dear colleague,\n\nplease find the export attached. It holds all patients, and their orders.\nYours,\nKay\n",
  ])
  func whatIsNoTableIsRefused(text: String) {
    #expect(decode(Array(text.utf8), TextDecoder()).stop == "text.no_table")
    var options = TextOptions()
    options.format = .csv
    #expect(decode(Array(text.utf8), TextDecoder(options)).stop != "text.no_table")
  }

  @Test(arguments: [
    "Note:\nsees well, no pain.\ncame back\n", "Re: visit,town\nRe: x,Ely\n3,Ulm\n", "u=red,v=1\nu=blue,v=2\n",
    "name|age\n----|---\nKern|61\n", "findings\nDry. Came back.\nSees well, with both.\nBetter than in May.\n",
    "when,level\n2026-01-02 10:00:00,INFO\n", "<5,>5\n1,2\n", "[a],[b]\n1,2\n", "Nr.\n1.\n2.\n3.\n",
    "a: b\n", "id,note\n1,key: value\n",
  ])
  func tablesOfOddTextAreTables(text: String) {
    #expect(decode(Array(text.utf8), TextDecoder()).stop != "text.no_table")
  }

  @Test func valuesThatAreNoObjectsAreTold() {
    let found = decode(Array(#"[{"id":1},2,{"id":3}]"#.utf8), TextDecoder())
    #expect(found.lines.count == 3 && found.told.contains { $0.hasPrefix("json.rows") })
  }

  @Test(
    arguments: [
      [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A], [0xFF, 0xD8, 0xFF, 0xE0],
      Array("BZh91AY&SY".utf8), [0x49, 0x49, 0x2A, 0],
      // dBase III: 26 November 2026, no rows, a header of 65 bytes.
      [3, 126, 11, 26, 0, 0, 0, 0, 65, 0, 11, 0] + [UInt8](repeating: 0, count: 52) + [0x0D, 0x1A],
      // EBCDIC: "SMITH, JOHN" and blanks.
      Array(
        repeatElement([0xE2, 0xD4, 0xC9, 0xE3, 0xC8, 0x6B, 0x40, 0xD1, 0xD6, 0xC8, 0xD5, 0x40, 0x40], count: 8).joined()
      ),
    ] as [[UInt8]])
  func binaryFormatsAreRefusedByName(bytes: [UInt8]) {
    #expect(decode(bytes, TextDecoder()).stop == "text.no_table")
  }

  @Test func tablesThatStartLikeSomethingElseAreTables() {
    for text in ["BZhang,b\n1,2\n", "Object,b\n1,2\n", "ISAN,b\n1,2\n", "insert,b\n1,2\n", "id,note\n1,<html>\n"] {
      #expect(decode(Array(text.utf8), TextDecoder()).stop == nil, "\(text)")
    }
  }

  @Test func anEmptyInputIsSaid() {
    #expect(decode([], TextDecoder()).stop == "text.empty")
  }

  @Test func cellsOfFixedWidthAreSaid() {
    let text = "NR    NAME      TOWN  \n0001  Quill     Perth \n0002  Ombrage   Hull  \n0003  Ibarra    Leith \n"
    #expect(decode(Array(text.utf8), TextDecoder()).stop == "text.fixed_width")
    let prose = "note\nthe left eye is dry\nsees well with both of them\ncame back\n"
    #expect(decode(Array(prose.utf8), TextDecoder()).stop != "text.fixed_width")
  }

  @Test(arguments: [1, 2, 3, 5, 1000]) func mojibakeIsToldAndMended(step: Int) {
    let text = Array("n,t\n1,Ren\u{C3}\u{A9}e\n2,don\u{E2}\u{20AC}\u{2122}t\n3,Ren\u{E9}e\n".utf8)
    #expect(decode(text, step: step, TextDecoder()).lines[0] == #"{"_row":2,"n":"1","t":"Ren\#u{C3}\#u{A9}e"}"#)
    var options = TextOptions()
    options.mendsMojibake = true
    #expect(
      decode(text, step: step, TextDecoder(options)).lines == [
        #"{"_row":2,"n":"1","t":"Renée"}"#, #"{"_row":3,"n":"2","t":"don\#u{2019}t"}"#,
        #"{"_row":4,"n":"3","t":"Renée"}"#,
      ])
  }

  /// The count is that of the text, in rows that are read whole and in those that are not, however the bytes are split.
  @Test(arguments: [1, 7, 64, 100, 4096, 1 << 20]) func mojibakeIsCounted(step: Int) {
    var text = "n,t\n"
    var count = 0
    for row in 0..<900 {
      let isMangled = row % 13 == 0
      count += isMangled ? 1 : 0
      let name = isMangled ? "Ren\u{C3}\u{A9}e Quill" : row % 3 == 0 ? "Ren\u{E9}e \u{201C}Quill" : "Anne Quill"
      text += row % 5 == 0 ? "\(row),\"\(name)\nof Perth\"\n" : "\(row),\(name) of Perth\n"
    }
    let told = decode(Array(text.utf8), step: step, TextDecoder()).told.filter { $0.hasPrefix("text.mojibake ") }
    // A letter that the end of a chunk parts is not counted: it is one of many.
    let counts = told.compactMap { Int($0.dropFirst(14).prefix { $0.isNumber }) }
    #expect(counts.count == 1 || step < 64)
    #expect(counts.allSatisfy { $0 <= count && (step < 4096 || $0 >= count - 3) }, "\(counts) of \(count)")
  }
}
