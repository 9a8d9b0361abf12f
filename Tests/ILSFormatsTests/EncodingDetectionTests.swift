import ILSRecord
import Testing

@testable import ILSFormats

import Glibc

/// Names that are in none of the detector's lists, in the encodings that exports come in.
@Suite struct EncodingDetectionTests {
  /// `text` in an encoding of iconv(3).
  private func bytes(_ text: String, _ encoding: String) throws -> [UInt8] {
    let descriptor = try #require(iconv_open(encoding, "UTF-8"))
    try #require(descriptor != iconv_t(bitPattern: -1))
    defer { iconv_close(descriptor) }
    var source = text.utf8.map { CChar(bitPattern: $0) }
    var target = [CChar](repeating: 0, count: source.count * 2 + 16)
    var (left, room) = (source.count, target.count)
    let used = source.withUnsafeMutableBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        var (input, output) = (source.baseAddress, target.baseAddress)
        _ = iconv(descriptor, &input, &left, &output, &room)
        return target.count - room
      }
    }
    try #require(left == 0, "\(text) is not in \(encoding)")
    return target[..<used].map { UInt8(bitPattern: $0) }
  }

  private func table(_ names: String) -> String {
    "id,name\n" + names.split(separator: " ").enumerated().map { "\($0.offset),\($0.element)\n" }.joined()
  }

  private static let names: [(String, [String])] = [
    ("Brämer Böttcher Süßkind Fährmann Lüdecke", ["WINDOWS-1252", "IBM850", "IBM437", "MACINTOSH", "ISO-8859-15"]),
    ("Cléo Maïté Bérengère Lœuillet François Téchiné", ["WINDOWS-1252", "MACINTOSH"]),
    ("Bermúdez Ocaña Gálvez Zaragozá Iñárritu", ["WINDOWS-1252", "IBM850", "MACINTOSH"]),
    ("Godlewski Szczęśniak Żebrowski Krzemiński Łabędź Ciećwierz", ["WINDOWS-1250", "ISO-8859-2", "IBM852"]),
    ("Vlček Krejčí Hořejší Zbyněk Ďásek Třešňák", ["WINDOWS-1250", "ISO-8859-2", "IBM852"]),
    ("Bodrogközy Kőrösi Szűts Berzsenyiné Gyöngyösi", ["WINDOWS-1250", "ISO-8859-2", "IBM852"]),
    ("Gülşah Bayraktaroğlu Kırmızı Çağatay Şenol", ["WINDOWS-1254", "ISO-8859-9"]),
    ("Žukauskaitė Mačiulis Rimšelis Girdžiūnienė Šerėnas", ["WINDOWS-1257"]),
    ("Трофимов Зиновьева Барышников Лукина Чехов", ["WINDOWS-1251", "KOI8-R", "IBM866"]),
    ("Άρης Ξενάκης Τσακίρης Φωτίου Μελίνα", ["WINDOWS-1253", "ISO-8859-7"]),
    ("אורנה זילברמן ברוך סגל קרמר", ["WINDOWS-1255"]), ("بشير الجابري نجلاء صلاح قاسم", ["WINDOWS-1256"]),
    ("川上 秋山 大塚 野口 千葉 桜井", ["CP932", "EUC-JP"]), ("欧阳 司马 石磊 孙丽萍 周海燕", ["GB18030"]),
    ("歐陽 簡志豪 葉美玲 鄭淑華 許文雄", ["CP950"]), ("남궁민 선우은숙 제갈현 황보석 독고영재", ["CP949"]),
  ]

  @Test(arguments: names) func namesReadAsTheyWereMeant(names: String, encodings: [String]) throws {
    for encoding in encodings {
      let text = try bytes(table(names), encoding)
      let found = text.withUnsafeBytes { TextEncoding.detect($0) }
      #expect(found.isCertain, "\(encoding): \(found)")
      let expected = names.split(separator: " ").enumerated().map {
        #"{"_row":\#($0 + 2),"id":"\#($0)","name":"\#($1)"}"#
      }
      #expect(decode(text, TextDecoder()).lines == expected, "\(encoding) read as \(found.name)")
    }
  }

  @Test func theMarksOfWindowsAreNoJapanese() throws {
    let text = "id,note\n1,the patient’s “dry” eye\n2,doesn’t see – comes back\n3,O’Malley\n"
    #expect(
      decode(try bytes(text, "WINDOWS-1252"), TextDecoder()).lines.first
        == #"{"_row":2,"id":"1","note":"the patient’s “dry” eye"}"#)
  }

  @Test func aRowInAnotherEncodingCostsItselfAlone() throws {
    let names = "Brämer Böttcher Süßkind Fährmann Lüdecke"
    let lines = table(names).split(separator: "\n", omittingEmptySubsequences: false).map { String($0) + "\n" }
    for (own, other) in [
      ("UTF-8", "WINDOWS-1252"), ("WINDOWS-1252", "UTF-8"), ("IBM850", "UTF-8"), ("MACINTOSH", "UTF-8"),
    ] {
      var text: [UInt8] = []
      for (index, line) in lines.dropLast().enumerated() { text += try bytes(line, index == 3 ? other : own) }
      for step in [7, 1000] {
        let decoded = decode(text, step: step, TextDecoder())
        #expect(decoded.rejected == 1 && decoded.emitted == 4, "\(other) in \(own)")
        #expect(!decoded.records.contains("kind") && decoded.records.contains("Böttcher"))
        #expect(decoded.rejects.contains(own))
      }
    }
  }

  @Test func aNameThatIsCutInACharacterIsNoReasonForAnotherEncoding() throws {
    let text = Array(table("Anaïs Chloé Zoé").utf8) + Array("9,Jos".utf8) + [0xC3, 0x0A]
    let decoded = decode(text, TextDecoder())
    #expect(decoded.lines.first == #"{"_row":2,"id":"0","name":"Anaïs"}"# && decoded.rejected == 1)
  }

  @Test func rowsInUTF8DoNotChangeWhatTheOthersAre() throws {
    // Read as Windows-1250 or code page 852, much UTF-8 seems to be words.
    let names = "Hélène Bègue Forêt Thérèse Frédérique Maréchal Évrard Grégoire Béatrice Voisin-Lévêque Noël"
    for encoding in ["ISO-8859-15", "IBM850"] {
      var text = Array("id,name\n".utf8)
      for (index, name) in names.split(separator: " ").enumerated() {
        text += try bytes("\(index),\(name)\n", encoding)
        text += Array("u\(index),\(name)\n".utf8)
      }
      let decoded = decode(text, TextDecoder())
      #expect(decoded.rejected == 11 && decoded.emitted == 11, "\(encoding): \(decoded.told)")
      #expect(decoded.records.contains("Hélène") && decoded.records.contains("Voisin-Lévêque"))
    }
  }

  @Test func aLetterThatWasNotWeighedIsTold() throws {
    // All but one letter are the same in Windows-1253 and in ISO 8859-7.
    let plain = try bytes(table("Ξενάκης Τσακίρης Φωτίου Μελίνα Κωστής"), "WINDOWS-1253")
    let late = try bytes("7,Άννα\n", "ISO-8859-7")
    let filler = Array(repeating: Array("8,x\n".utf8), count: 20_000).flatMap { $0 }
    let told = decode(plain + filler + late, step: 1 << 14, TextDecoder()).told
    #expect(told.contains { $0.hasPrefix("text.encoding") && $0.contains("ISO-8859-7") && $0.contains("64 KiB") })
    // Where it stands far down in the sample, it decides.
    let many = (0..<3000).map { "\($0),Τσακ\(["ίρης", "ος", "α", "η"][$0 % 4])\($0)\n" }.joined()
    let decoded = decode(try bytes("id,name\n" + many, "WINDOWS-1253") + late, step: 1 << 17, TextDecoder())
    #expect(decoded.records.contains("Άννα"))
  }

  @Test(arguments: [1, 1000]) func hebrewLettersKeepTheirPoints(step: Int) {
    var options = TextOptions()
    options.encoding = "CP1255"
    let text = Array("id,name\n1,".utf8) + [0xE5, 0xCC, 0xF9, 0xD1, 0xCC, 0x0A]
    let letters = decode(text, step: step, TextDecoder(options)).records.unicodeScalars.filter { $0.value > 0x80 }
    // One character of a letter and its point (U+FB35) is not what a database holds of the same name.
    #expect(letters.map(\.value) == [0x5D5, 0x5BC, 0x5E9, 0x5C1, 0x5BC])
  }

  @Test func whatTooLittleTellsApartIsAskedAbout() {
    // One letter between two that say nothing: ä in Windows, ő in DOS ... as long as nothing else is there.
    for byte in [0x8E, 0xE6, 0xF5, 0xD0] as [UInt8] {
      let text = Array("id,name\n1,Q".utf8) + [byte] + Array("q\n".utf8)
      #expect(decode(text, TextDecoder()).stop == "text.encoding", "\(byte)")
    }
  }

  @Test func aDecisionSaysWhatSpeaksForItAndWhatElseItCouldBe() throws {
    var emitter = Emitter(stage: "test")
    var decoder = TextDecoder()
    let text = try bytes(table("Vlček Krejčí Hořejší Zbyněk"), "WINDOWS-1250")
    try (text + [UInt8](repeating: 0, count: 32)).withUnsafeBytes {
      try decoder.decode(PaddedBytes(0..<text.count, of: $0), emit: &emitter)
    }
    try decoder.finish(emit: &emitter)
    let decision = try #require(emitter.decisions.first { $0.question == "encoding" })
    #expect(decision.answer.name == "WINDOWS-1250" && decision.answer.certainty > 0.95)
    #expect(decision.evidence.contains { $0.contains("Czech") } && decision.option == "--encoding")
    #expect(!decision.json.description.contains("Vlček"))
  }
}

extension JSONValue {
  fileprivate var description: String {
    var buffer = OutputBuffer()
    write(to: &buffer)
    return buffer.string()
  }
}
