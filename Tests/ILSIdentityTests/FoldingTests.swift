import Foundation
import ILSRecord
import Testing

@testable import ILSIdentity

/// What makes no difference between two names and between two addresses.
@Suite struct FoldingTests {
  private func fold(_ text: String, _ folding: Folding) -> String {
    var buffer = OutputBuffer()
    var text = text
    text.withUTF8 { buffer.append(UnsafeRawBufferPointer($0), folding: folding) }
    var padded = OutputBuffer()
    padded.append(text)
    var other = OutputBuffer()
    other.append(padded.padded, folding: folding)
    #expect(other.string() == buffer.string(), "\(text)")
    return buffer.string()
  }

  @Test(arguments: [
    ("O'Brien-Smith", "obriensmith"), ("  MÜLLER ", "muller"), ("Jose\u{301}", "jose"), ("José", "jose"),
    ("Ælfred", "aelfred"),
    ("O\u{2019}Brien", "obrien"), ("STRAßE", "strasse"), ("Łukasz", "lukasz"), ("İpek", "ipek"), ("ΆΝΝΑΣ", "αννασ"),
    ("Иванов", "иванов"), ("山田 太郎", "山田太郎"), ("...", ""), ("2nd", "2nd"), ("Þór\u{200B}", "thor"), ("Ǆ", "ǆ"),
    ("ŉ", "ŉ"),
  ])
  func namesAreFolded(name: String, folded: String) { #expect(fold(name, .name) == folded) }

  @Test(arguments: [
    ("Ann.Lee+A@Example.ORG", "ann.lee+a@example.org"), ("AZ[@`{az09_^~", "az[@`{az09_^~"), ("ÉVA@X.HU", "éva@x.hu"),
    ("", ""),
  ])
  func casesAreFolded(text: String, folded: String) { #expect(fold(text, .case) == folded) }

  /// The quick ways say what the one for all characters says: any character, before and behind others, at every length.
  @Test func quickWaysSayTheSame() {
    for value in 0..<UInt32(0x3000) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      for length in [0, 3, 8] {
        let text = String(repeating: "k", count: length) + String(Character(scalar)) + "Zé"
        // A letter that has no quick way sends the whole of it the other way.
        #expect(folded(text) + Array("山".utf8) == folded(text + "山"), "U+\(String(value, radix: 16))")
      }
      let text = String(repeating: "Q", count: Int(value % 17)) + String(Character(scalar))
      #expect(fold(text, .case) == text.lowercased(), "U+\(String(value, radix: 16))")
    }
  }

  /// The bytes of a name: texts of other bytes may be equal.
  private func folded(_ name: String) -> [UInt8] { Array(fold(name, .name).utf8) }

  /// The same of letters and marks of any script in any order.
  @Test func quickWaysSayTheSameOfTexts() {
    var state: UInt64 = 1
    func next(below limit: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % limit
    }
    for _ in 0..<20_000 {
      // One block of letters at a time, as a name is written.
      let (first, size) = [(0x41, 0x20F), (0x300, 0x500), (0x590, 0x60), (0x610, 0x60), (0x400, 0x100), (0x80, 0x780)][
        Int(next(below: 6))]
      let scalars = (0...next(below: 9)).compactMap { _ in
        Unicode.Scalar(UInt32(first) + UInt32(next(below: UInt64(size))))
      }
      let text = String(String.UnicodeScalarView(scalars))
      #expect(folded(text) + Array("山".utf8) == folded(text + "山"), "\(scalars)")
    }
  }

  /// As Macs write names, taken apart, and as others do: for each character that can be, between others.
  @Test func namesAreTheSameHoweverTheirCharactersAreMade() {
    var count = 0
    for value in UInt32(0x80)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let whole = String(Character(scalar))
      let apart = whole.decomposedStringWithCanonicalMapping
      if apart.unicodeScalars.elementsEqual(whole.unicodeScalars) { continue }
      count += 1
      #expect(folded("Za\(whole)k") == folded("Za\(apart)k"), "U+\(String(value, radix: 16))")
    }
    #expect(count > 13_000)
  }

  @Test(arguments: [
    ("\u{C11C}\u{C5F0}", "\u{1109}\u{1165}\u{110B}\u{1167}\u{11AB}"),
    ("\u{5E9}\u{5BC}\u{5B7}", "\u{5E9}\u{5B7}\u{5BC}"),
    ("\u{623}\u{62D}\u{645}\u{62F}", "\u{627}\u{654}\u{62D}\u{645}\u{62F}"), ("\u{30AC}", "\u{30AB}\u{3099}"),
    ("\u{1FD}", "\u{E6}\u{301}"), ("\u{1FF}", "o"), ("\u{3F9}", "\u{3A3}"), ("\u{4D1}", "\u{430}"),
  ])
  func twoWaysToWriteALetterAreTheSame(one: String, other: String) { #expect(folded(one) == folded(other)) }

  @Test(arguments: [
    ("\u{30AC}", "\u{30AB}"), ("\u{5E9}\u{5B7}", "\u{5E9}"), ("\u{623}", "\u{627}"), ("\u{C11C}", "\u{C11D}"),
  ])
  func marksThatMakeAnotherLetterAreKept(one: String, other: String) { #expect(folded(one) != folded(other)) }
}
