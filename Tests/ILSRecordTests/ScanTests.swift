import CMapping
import CScan
import CScanPlain
import CValidation
import Testing

/// What a scan says is the same with the processor's own instructions and in plain C.
@Suite struct ScanTests {
  /// Blocks of 64 bytes and 16 more: letters, digits and the marks that scans look for, and now and then any byte.
  private func eachBlock(_ body: (UnsafeRawPointer) -> Void) {
    var state: UInt64 = 7
    func pick(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    let usual = Array("aZz@AM09/:.-_+;,\"\\<& ()\n\u{1F}[`{".utf8)
    for _ in 0..<20_000 {
      let block = (0..<80).map { _ in pick(8) == 0 ? UInt8(pick(256)) : usual[pick(usual.count)] }
      block.withUnsafeBytes { body($0.baseAddress!) }
    }
  }

  @Test func masksOfSixteenBytesAreTheSame() {
    var copy = [UInt8](repeating: 0, count: 16)
    eachBlock { p in
      #expect(ils_json_mask16(p) == plain_json_mask16(p))
      #expect(ils_csv_copy16(&copy, p, 0x3B, 0x27) == plain_csv_copy16(&copy, p, 0x3B, 0x27))
      #expect(ils_xml_copy16(&copy, p) == plain_xml_copy16(&copy, p))
      #expect(ils_letters16(&copy, p) == plain_letters16(&copy, p))
      #expect(ils_equal_mask16(p, 0x40) == plain_equal_mask16(p, 0x40))
      #expect(ils_high_mask16(p) == plain_high_mask16(p))
      #expect(ils_phone_mask16(p) == plain_phone_mask16(p))
      #expect(ils_starts_with16(p, p + 16, 0x0007) == plain_starts_with16(p, p + 16, 0x0007))
    }
  }

  @Test func aPrefixIsLookedAtAsFarAsItsMaskGoes() {
    let text = Array("lastName\":\"Doe\", ".utf8)
    var other = text
    for length in 1...16 {
      let mask = UInt32(1) << UInt32(length) - 1
      other = text
      #expect(ils_starts_with16(text, other, mask) != 0 && plain_starts_with16(text, other, mask) != 0)
      other[length - 1] ^= 1
      #expect(ils_starts_with16(text, other, mask) == 0 && plain_starts_with16(text, other, mask) == 0)
      guard length < 16 else { continue }
      other = text
      other[length] ^= 1
      #expect(ils_starts_with16(text, other, mask) != 0 && plain_starts_with16(text, other, mask) != 0)
    }
  }

  @Test func whatLongerTextsAreIsTheSame() {
    var plainAddresses = 0
    eachBlock { p in
      for delimiter in [UInt8(0x2C), 0x09] {
        for quote in [UInt8(0x22), 0x27] {
          var (special, high) = (UInt64(0), UInt64(0))
          plain_csv_mask64(p, delimiter, quote, &special, &high)
          let masks = ils_csv_mask64(p, delimiter, quote)
          #expect(masks.special == special && masks.high == high)
        }
      }
      for count in [0, 1, 7, 15, 16, 17, 40, 64] {
        #expect(ils_last16(p, count, 0x40) == plain_last16(p, count, 0x40))
        #expect(ils_email_is_plain(p, count) == plain_email_is_plain(p, count))
        #expect(ils_repeats_one_digit(p, count) == plain_repeats_one_digit(p, count))
        for folding in [ILS_FOLD_NONE, ILS_FOLD_CASE, ILS_FOLD_LETTERS] where !hasSameHash(p, count, folding) {
          Issue.record("\(count) bytes folded \(folding)")
        }
      }
    }
    for text in ["ann@example.org", "a.b+c@d-e.example.co.uk", "555-555-5555", "+49 999 999 99 99"] {
      let padded = Array(text.utf8) + [UInt8](repeating: 0x61, count: 16)
      let count = text.utf8.count
      plainAddresses += Int(ils_email_is_plain(padded, count))
      #expect(ils_email_is_plain(padded, count) == plain_email_is_plain(padded, count))
      #expect(ils_repeats_one_digit(padded, count) == plain_repeats_one_digit(padded, count))
    }
    #expect(plainAddresses == 2)
  }

  private func hasSameHash(_ text: UnsafeRawPointer, _ count: Int, _ folding: Int) -> Bool {
    var (hash, plain) = (ils_hash(), [UInt64](repeating: 0, count: 2))
    let isFolded = ils_hash_text(&hash, text, count, Int32(folding), ils_hash(first: 1 << 40, second: 77))
    return isFolded == plain_hash_text(&plain, text, count, Int32(folding), [1 << 40, 77])
      && plain[0] == hash.first && plain[1] == hash.second
  }
}
