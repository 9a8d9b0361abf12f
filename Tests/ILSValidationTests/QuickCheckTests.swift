import CDates
import CValidation
import ILSDates
import ILSRecord
import Testing

@testable import ILSSchema
@testable import ILSValidation

/// What is quick must never pass what the full check refuses, and should know what is common.
@Suite struct QuickCheckTests {
  /// The text with sixteen readable bytes behind it, which must make no difference.
  private func padded<Result>(_ text: String, with byte: UInt8, _ body: (PaddedBytes) -> Result) -> Result {
    let bytes = Array(text.utf8)
    return (bytes + [UInt8](repeating: byte, count: 16)).withUnsafeBytes {
      body(PaddedBytes(0..<bytes.count, of: $0))
    }
  }

  private func isPlain(_ text: String, with byte: UInt8) -> Bool {
    padded(text, with: byte) { ils_email_is_plain($0.bytes.baseAddress, $0.count) != 0 }
  }

  @Test func aPlainAddressIsAnAddress() {
    var state: UInt64 = 11
    func pick(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    let alphabet = Array("aZ09.-_+@@..x\"( é")
    var plain = 0
    for _ in 0..<200_000 {
      let text = String((0..<pick(13)).map { _ in alphabet[pick(alphabet.count)] })
      guard isPlain(text, with: UInt8(ascii: "a")) else { continue }
      plain += 1
      #expect(padded(text, with: 0) { EmailAddress.isValid($0.bytes) }, "\(text)")
    }
    #expect(plain > 100)
  }

  @Test func commonAddressesArePlain() {
    for text in [
      "a@b", "ann.lee@example.org", "x_y+z-1@mail.example.co.uk", String(repeating: "a", count: 48) + "@example.org",
    ] {
      for byte: UInt8 in [0, 0x22, 0x40, 0x2E] { #expect(isPlain(text, with: byte), "\(text)") }
    }
    for text in [
      "", "a@", "@b", "a@b@c", ".a@b", "a.@b", "a..b@c", "a@.b", "a@b.", "a@b..c", "a@-b", "a@b-", "a@b-.c", "a@b_c",
      "a@xn--b",
    ] {
      for byte: UInt8 in [0, 0x22, 0x40, 0x61] { #expect(!isPlain(text, with: byte), "\(text)") }
    }
  }

  @Test func aQuickDayIsTheDay() {
    for year in [0, 1, 4, 100, 1900, 2000, 2023, 2024, 9999] {
      for month in 0...13 {
        for day in 0...32 {
          let text =
            String("000\(year)".suffix(4)) + "-" + String("0\(month)".suffix(2)) + "-" + String("0\(day)".suffix(2))
          let quick = padded(text, with: 0x30) { ils_iso_day($0.bytes.baseAddress) }
          #expect(quick == CivilDate(year: year, month: month, day: day)?.order ?? 0, "\(text)")
        }
      }
    }
    for text in ["2024/01/02", "2024-1-002", "20240-1-02", "2024-01-0a", "2024-01-0\u{7F}", "202\u{FF}-01-0"] {
      #expect(padded(text, with: 0x30) { ils_iso_day($0.bytes.baseAddress) } == 0, "\(text)")
    }
  }

  @Test func aWordListKnowsItsWordsInWhateverCase() {
    let list = WordList(["n/a", "unknown", "exactly16letters", "?"])
    for text in ["n/a", "N/A", "Unknown", "EXACTLY16LETTERS", "?"] {
      #expect(padded(text, with: UInt8(ascii: "z")) { list.mayHold($0.bytes) && list.holds($0) }, "\(text)")
    }
    for text in ["n/b", "unknow", "unknownn", "exactly16letters1", "!", "n/\u{C1}"] {
      #expect(!padded(text, with: 0) { list.holds($0) }, "\(text)")
    }
  }

  @Test func oneDigitRepeatedIsNobodysNumber() {
    func repeats(_ text: String) -> Bool {
      padded(text, with: UInt8(ascii: "7")) { ils_repeats_one_digit($0.bytes.baseAddress, $0.count) != 0 }
    }
    for text in ["555-555-5555", "5555555", "(000) 000-0000", "+1111111 ext. 1"] { #expect(repeats(text), "\(text)") }
    for text in ["555-555-5556", "555555", "", "(412) 555-0199", "+15555555555"] { #expect(!repeats(text), "\(text)") }
  }
}
