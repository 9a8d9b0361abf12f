import Testing

@testable import ILSSchema

/// Published examples of what is one and what is none.
@Suite struct BritishNumberTests {
  private func isMet(_ format: Format, _ text: String) -> Bool {
    var text = text
    return text.withUTF8 { format.isMet(by: UnsafeRawBufferPointer($0)) }
  }

  @Test(arguments: ["943 476 5919", "9434765919", "4010232137", "401 023 2137", "4505577104", "9999999468"])
  func areNHSNumbers(number: String) { #expect(isMet(.nhsNumber, number)) }

  @Test(arguments: [
    "9434765918", "4010232138", "943-476-5919", "94347659190", "943476591", "943 4765919", " 943 476 5919",
    "1111111111",
    "0000000000", "943 476 591O", "", "1234567890",
  ])
  func areNoNHSNumbers(number: String) { #expect(!isMet(.nhsNumber, number)) }

  /// One wrong digit, or two neighbours in the wrong order, are always found.
  @Test func aMistypedNHSNumberIsNone() {
    let digits = Array("9434765919")
    for at in digits.indices {
      for digit in "0123456789" where digit != digits[at] {
        var wrong = digits
        wrong[at] = digit
        #expect(!isMet(.nhsNumber, String(wrong)))
      }
      guard at + 1 < digits.count, digits[at] != digits[at + 1] else { continue }
      var swapped = digits
      swapped.swapAt(at, at + 1)
      #expect(!isMet(.nhsNumber, String(swapped)))
    }
  }

  @Test(arguments: [
    "SW1A 1AA", "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 0AX", "EC1A 1BB", "SW1A1AA", "GIR 0AA", "JE2 4UE",
    "GY1 1WH",
    "IM1 1AA", "BT1 5GS", "FIQQ 1ZZ", "ASCN 1ZZ", "BF1 3AA", "GX11 1AA", "N1P 1AA", "WC2H 7LT",
  ])
  func arePostcodes(code: String) { #expect(isMet(.ukPostcode, code)) }

  @Test(arguments: [
    "SW1A 1A", "QA1 1AA", "VA1 1AA", "XA1 1AA", "AI1 1AA", "AJ1 1AA", "AZ1 1AA", "SW1A 1CA", "SW1A 1AK", "SW1A  1AA",
    "sw1a 1aa",
    "1SW 1AA", "SW1 AAA", "FIQQ 1AA", "GIR 1AA", "A1Z 1AA", "AA1Z 1AA", "", "SW1A 1AA ", "AAA1 1AA", "A111 1AA",
    "90210",
  ])
  func areNoPostcodes(code: String) { #expect(!isMet(.ukPostcode, code)) }

  @Test(arguments: ["AA123456A", "AB 12 34 56 C", "JG103759A", "CE123456D", "PW123456B"])
  func areNationalInsuranceNumbers(number: String) { #expect(isMet(.nino, number)) }

  @Test(arguments: [
    "QQ123456C", "BG123456A", "GB123456A", "NK123456A", "KN123456A", "NT123456A", "TN123456A", "ZZ123456A", "AO123456A",
    "DA123456A",
    "AA123456E", "AA12345A", "aa123456a", "AA 123456 A", "AA123456", "",
  ])
  func areNoNationalInsuranceNumbers(number: String) { #expect(!isMet(.nino, number)) }

  @Test(arguments: ["01-12345", "D-1234", "SO-12345", "SD-12345", "01-10001", "B-1234", "D-16543"])
  func areNumbersOfTheRegister(number: String) { #expect(isMet(.gocNumber, number)) }

  @Test(arguments: ["12345", "01 12345", "01-", "01-12", "01-1234567", "X-1234", "d-1234", "01-12a45", ""])
  func areNoNumbersOfTheRegister(number: String) { #expect(!isMet(.gocNumber, number)) }
}
