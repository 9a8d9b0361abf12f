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
    #expect(try detected("名前,都市\n山田太郎,東京都\n鈴木花子,大阪府\n", .shiftJIS) == "SHIFT_JIS")
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
    #expect(decode(Array("17".utf8), TextDecoder(file: "x.json")).lines == [#"{"_row":1,"value":17}"#])
  }

  @Test(arguments: ["<!DOCTYPE html>\n<html>", "\n <html lang=en>", "<?xml version=\"1.0\"?>", "%PDF-1.7\n"])
  func whatIsNoTableIsRefused(text: String) {
    #expect(decode(Array(text.utf8), TextDecoder()).stop == "text.no_table")
    var options = TextOptions()
    options.format = .csv
    #expect(decode(Array(text.utf8), TextDecoder(options)).stop == nil)
  }
}
