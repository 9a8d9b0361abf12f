import Testing

import ILSRecord

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
        let slow = fold(text + "ж", .name)
        #expect(fold(text, .name) + "ж" == slow, "U+\(String(value, radix: 16))")
      }
      let text = String(repeating: "Q", count: Int(value % 17)) + String(Character(scalar))
      #expect(fold(text, .case) == text.lowercased(), "U+\(String(value, radix: 16))")
    }
  }
}
