import ILSFormats
import ILSRecord
import Testing

@Suite struct DBFTests {
  typealias Build = DBFBuilder

  @Test func everyKindOfFieldIsRead() {
    var table = Build([
      .init("NAME", "C", 12), .init("SUM", "N", 8, decimals: 2), .init("BORN", "D", 8), .init("DEAD", "L", 1),
    ])
    table.add("Smith", "12.50", "19700131", "F")
    table.add("  O\"Brien", "-0.10", "", "y")
    table.add("", "0", "00000000", "?")
    #expect(
      readDBF(table.file).lines == [
        #"{"_row":1,"NAME":"Smith","SUM":12.5,"BORN":"1970-01-31","DEAD":false}"#,
        #"{"_row":2,"NAME":"  O\"Brien","SUM":-0.1,"BORN":null,"DEAD":true}"#,
        #"{"_row":3,"NAME":null,"SUM":0,"BORN":null,"DEAD":null}"#,
      ])
  }

  @Test func deletedRecordsAreLeftOutAndTold() {
    var table = Build([.init("A", "C", 3)])
    table.add("one")
    table.add("two", mark: "*")
    let sheets = readDBF(table.file)
    #expect(sheets.lines == [#"{"_row":1,"A":"one"}"#])
    #expect(sheets.told.contains("dbf.deleted"))
    var options = DBFOptions()
    options.keepsDeleted = true
    #expect(
      readDBF(table.file, options).lines == [
        #"{"_row":1,"_deleted":false,"A":"one"}"#, #"{"_row":2,"_deleted":true,"A":"two"}"#,
      ])
  }

  @Test func theByteOfTheHeaderNamesTheCodePage() {
    var table = Build([.init("A", "C", 4)])
    table.add(bytes: [0x5A, 0x6F, 0x89, 0x20])
    table.codePage = 0x01
    #expect(readDBF(table.file).lines == [#"{"_row":1,"A":"Zoë"}"#])
    table.codePage = 0x26
    #expect(readDBF(table.file).lines == [#"{"_row":1,"A":"ZoЙ"}"#])
    var options = DBFOptions()
    options.encoding = "CP437"
    #expect(readDBF(table.file, options).lines == [#"{"_row":1,"A":"Zoë"}"#])
  }

  @Test func aTableOfNoCodePageIsAskedFor() {
    var table = Build([.init("A", "C", 4)])
    table.add(bytes: [0x5A, 0x6F, 0x89, 0x20])
    table.codePage = 0
    #expect(readDBF(table.file).stop == "text.encoding")
  }

  /// A program for DOS wrote into a table that one for Windows had made.
  @Test func aCodePageThatTheLettersSpeakAgainstIsTold() {
    var table = Build([.init("A", "C", 12)])
    for name: [UInt8] in [
      [0x4D, 0x81, 0x6C, 0x6C, 0x65, 0x72], [0x4A, 0x81, 0x72, 0x67, 0x65, 0x6E], [0x47, 0x72, 0x94, 0xE1, 0x65],
      [0x4B, 0x94, 0x6C, 0x6E], [0x5A, 0x81, 0x72, 0x69, 0x63, 0x68], [0x53, 0x63, 0x68, 0x84, 0x66, 0x65, 0x72],
    ] {
      table.add(bytes: name + [UInt8](repeating: 0x20, count: 12 - name.count))
    }
    table.codePage = 0xC8
    #expect(readDBF(table.file).told.contains("dbf.encoding"))
    table.codePage = 0x02
    #expect(!readDBF(table.file).told.contains("dbf.encoding"))
  }

  @Test func bytesThatMeanNothingCostTheirRecord() {
    var table = Build([.init("A", "C", 4)])
    table.add(bytes: [0x5A, 0x81, 0x6F, 0x20])
    table.add("Ada")
    let sheets = readDBF(table.file)
    #expect(sheets.lines == [#"{"_row":2,"A":"Ada"}"#])
    #expect(sheets.told.contains("dbf.encoding"))
  }

  @Test func aLongNumberKeepsAllItsDigits() {
    var table = Build([.init("A", "N", 20), .init("B", "F", 20, decimals: 10)])
    table.add("12345678901234567890", "0.1234567891")
    table.add("-00", "1.5E+10")
    #expect(
      readDBF(table.file).lines == [
        #"{"_row":1,"A":12345678901234567890,"B":0.1234567891}"#, #"{"_row":2,"A":0,"B":15000000000}"#,
      ])
  }

  @Test func aNumberThatIsNoneIsNeverOneInSilence() {
    var table = Build([.init("A", "N", 5), .init("B", "N", 5), .init("C", "D", 8), .init("D", "L", 1)])
    table.add("*****", "1,5", "19990231", "J")
    table.add("00123", ".", "", "")
    let sheets = readDBF(table.file)
    #expect(
      sheets.lines == [
        #"{"_row":1,"A":null,"B":"1,5","C":"19990231","D":"J"}"#, #"{"_row":2,"A":123,"B":null,"C":null,"D":null}"#,
      ])
    #expect(
      sheets.told.filter { $0 != "dbf.table" } == [
        "cell.no_date", "cell.number", "cell.number", "dbf.overflow", "dbf.zeros",
      ])
  }

  @Test func aTableThatWasCutOffStopsTheRun() {
    var table = Build([.init("A", "C", 4)])
    for _ in 0..<5 { table.add("Ada") }
    let whole = table.file
    for length in whole.count - 21..<whole.count - 2 {
      #expect(readDBF(Array(whole[..<length])).stop == "dbf.truncated", "\(length)")
    }
    #expect(readDBF(Array(whole.dropLast(1))).stop == nil)
    #expect(readDBF(Array(whole.prefix(40))).stop == "dbf.truncated")
  }

  @Test func countsThatLieAreTold() {
    var table = Build([.init("A", "C", 4)])
    for _ in 0..<5 { table.add("Ada") }
    table.said = 3
    #expect(readDBF(table.file).lines.count == 3)
    #expect(readDBF(table.file).told.contains("dbf.count"))
    table.said = 9
    #expect(readDBF(table.file).lines.count == 5)
    #expect(readDBF(table.file).told.contains("dbf.count"))
    table.isEnded = false
    #expect(readDBF(table.file).stop == "dbf.truncated")
    table.said = 0x7FFF_FFFF
    #expect(readDBF(table.file).stop == "dbf.truncated")
  }

  @Test func aRecordThatStartsOtherwiseIsRefused() {
    var table = Build([.init("A", "C", 4)])
    table.add("Ada", mark: "x")
    table.add("Eve")
    let sheets = readDBF(table.file)
    #expect(sheets.lines == [#"{"_row":2,"A":"Eve"}"#])
    #expect(sheets.told.contains("dbf.damaged"))
  }

  @Test func textsOfClipperMayBeLong() {
    var table = Build([.init("A", "C", 300 & 0xFF, decimals: 300 >> 8)])
    table.add(bytes: [UInt8](repeating: 0x61, count: 300))
    #expect(readDBF(table.file).lines.first?.utf8.count == 300 + #"{"_row":1,"A":""}"#.utf8.count)
  }

  // MARK: - Visual FoxPro

  @Test func kindsOfVisualFoxProAreRead() {
    var table = Build([
      .init("I", "I", 4), .init("Y", "Y", 8), .init("B", "B", 8), .init("T", "T", 8), .init("V", "V", 6, flags: 2),
      .init("_NullFlags", "0", 1, flags: 5),
    ])
    table.version = 0x32
    let bits = Int(bitPattern: UInt(Double(0.1).bitPattern))
    func record(_ i: Int, _ y: Int, _ t: (Int, Int), _ v: [UInt8], _ flags: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.put(i, 4)
      bytes.put(y, 8)
      bytes.put(bits, 8)
      bytes.put(t.0, 4)
      bytes.put(t.1, 4)
      return bytes + v + [UInt8(flags)]
    }
    // 2024-03-01 is Julian day 2,460,371; noon is stored a millisecond early.
    table.add(bytes: record(-5, 123_400, (2_460_371, 43_199_999), [0x61, 0x20, 0, 0, 0, 2], 1))
    table.add(bytes: record(7, -1, (0, 0), Array("abcdef".utf8), 0))
    table.add(bytes: record(7, 10_000, (2_460_371, 0), Array("abcdef".utf8), 2))
    #expect(
      readDBF(table.file).lines == [
        #"{"_row":1,"I":-5,"Y":12.34,"B":0.1,"T":"2024-03-01T12:00:00","V":"a"}"#,
        #"{"_row":2,"I":7,"Y":-0.0001,"B":0.1,"T":null,"V":"abcdef"}"#,
        #"{"_row":3,"I":7,"Y":1,"B":0.1,"T":"2024-03-01T00:00:00","V":null}"#,
      ])
  }

  // MARK: - Memo files

  private func table(_ version: Int) -> [UInt8] {
    var table = Build([.init("A", "C", 2), .init("NOTE", "M", 10)])
    table.version = version
    table.add("x", "         1")
    table.add("y", "")
    return table.file
  }

  @Test func memosOfDBase3EndWithAMark() {
    let memo =
      [UInt8](repeating: 0, count: 512) + Array("one ".utf8) + [0x8D, 0x0A] + Array("two\r\nthree".utf8) + [0x1A, 0x1A]
    #expect(
      readDBF(table(0x83), memo: memo).lines == [
        #"{"_row":1,"A":"x","NOTE":"one \ntwo\r\nthree"}"#, #"{"_row":2,"A":"y","NOTE":null}"#,
      ])
  }

  @Test func recordsThatNameOneTextReadNoMoreThanThereIs() {
    let memo = [UInt8](repeating: 0, count: 512) + [UInt8](repeating: 0x61, count: 2000) + [0x1A]
    var shared = Build([.init("A", "C", 2), .init("NOTE", "M", 10)])
    shared.version = 0x83
    for _ in 0..<1000 { shared.add("x", "         1") }
    let read = readDBF(shared.file, memo: memo)
    #expect(read.lines.count == 1 && read.stop == nil)
    #expect(read.told.contains("dbf.memo"))
    // A text without an end is looked through once or twice, and not for each record.
    let endless = readDBF(shared.file, memo: memo.dropLast())
    #expect(endless.lines.isEmpty && endless.told.contains("dbf.memo"))
  }

  @Test func memosOfDBase4AndFoxProSayTheirLength() {
    var four = [UInt8](repeating: 0, count: 64)
    (four[20], four[21]) = (64, 0)
    four += [0xFF, 0xFF, 0x08, 0x00, 13, 0, 0, 0] + Array("hello".utf8)
    #expect(readDBF(table(0x8B), memo: four).lines.first == #"{"_row":1,"A":"x","NOTE":"hello"}"#)
    var fox = [UInt8](repeating: 0, count: 64)
    (fox[6], fox[7]) = (0, 64)
    fox += [0, 0, 0, 1, 0, 0, 0, 5] + Array("hello".utf8)
    #expect(readDBF(table(0xF5), memo: fox).lines.first == #"{"_row":1,"A":"x","NOTE":"hello"}"#)
    // A length that lies.
    fox[68] = 0x7F
    let lying = readDBF(table(0xF5), memo: fox)
    #expect(lying.lines == [#"{"_row":2,"A":"y","NOTE":null}"#])
    #expect(lying.told.contains("dbf.memo"))
    fox[67] = 0
    (fox[68]) = 0
    let picture = readDBF(table(0xF5), memo: fox)
    #expect(picture.lines.first == #"{"_row":1,"A":"x","NOTE":null}"#)
    #expect(picture.told.contains("dbf.unread"))
  }

  @Test func aMemoFileThatIsNotThereIsTold() {
    let sheets = readDBF(table(0x83))
    #expect(sheets.lines.first == #"{"_row":1,"A":"x","NOTE":null}"#)
    #expect(sheets.told.contains("dbf.no_memo"))
  }

  // MARK: - Detection

  @Test func tablesAreKnownByTheirFirstBytes() {
    var table = Build([.init("A", "C", 4)])
    for version in [0x03, 0x30, 0x83, 0x8B, 0xF5, 0x43] {
      table.version = version
      let file = table.file
      #expect(file.withUnsafeBytes { WorkbookFormat($0) } == .dBase, "\(version)")
      for length in 1..<64 {
        #expect(file[..<length].withUnsafeBytes { WorkbookFormat.isOpen($0) }, "\(length)")
      }
    }
    for text in ["0,1,2\n3,4,5\n", "Chart,Name\n", "c;d\r\n1;2\r\n", "1\t\n\n\n\t\t\t\t\n"] {
      let padded = Array(text.utf8) + [UInt8](repeating: 0x20, count: 64)
      #expect(padded.withUnsafeBytes { WorkbookFormat($0) } == nil)
    }
  }

  @Test func olderAndNewerKindsAreRefusedByName() {
    var table = Build([.init("A", "C", 4)])
    table.version = 0x04
    #expect(readDBF(table.file).stop == "dbf.unsupported")
    var locked = Build([.init("A", "C", 4)]).file
    locked[15] = 1
    #expect(readDBF(locked).stop == "dbf.unsupported")
  }

  @Test func fieldsThatDoNotFitARecordAreRefused() {
    var file = Build([.init("A", "C", 40)]).file
    file[10] = 5
    #expect(readDBF(file).stop == "dbf.corrupt")
  }
}
