import CMapping
import ILSRecord

/// Telephone digits gathered from a text, for the guide's format.
struct PhoneDigits {
  /// Room for the eleven that a formatted number can have.
  private(set) var digits: InlineArray<16, UInt8> = .init(repeating: 0)
  private(set) var count = 0
  private(set) var hasPlus = false
  private(set) var hasLetters = false

  @inline(__always)
  init(_ text: UnsafeRawBufferPointer) {
    for byte in text {
      let digit = byte &- UInt8(ascii: "0")
      if digit < 10 {
        digits[count & 15] = byte
        count += 1
      } else if byte == UInt8(ascii: "+") {
        hasPlus = true
      } else if (byte | 0x20) &- UInt8(ascii: "a") < 26 {
        hasLetters = true
      }
    }
  }

  /// The quick way for up to 16 bytes, all of them digits and what stands between; nil where there are others. 16 bytes
  /// behind `text` are readable.
  @inline(__always)
  init?(short text: UnsafeRawPointer, count length: Int) {
    let mask = ils_phone_mask16(text)
    let within = UInt32(truncatingIfNeeded: (1 << length) - 1)
    guard mask >> 16 & within == 0 else { return nil }
    var left = mask & within
    while left != 0 {
      digits[count & 15] = text.load(fromByteOffset: left.trailingZeroBitCount, as: UInt8.self)
      count += 1
      left &= left - 1
    }
  }

  /// Eleven digits with the North American 1 in front.
  @inline(__always) var hasCountryCode: Bool { count == 11 && digits[0] == UInt8(ascii: "1") }

  /// Whether the guide has a form for it; other numbers stay as they are.
  @inline(__always) var isFormatted: Bool {
    !hasLetters && (hasCountryCode || (!hasPlus && (count == 7 || count == 10)))
  }

  /// Whether it can be a telephone number at all: 7 to 15 digits (E.164), or more with an extension in letters.
  @inline(__always) var isNumber: Bool { count >= 7 && (count <= 15 || (hasLetters && count <= 20)) }

  /// Writes the guide's form, `(555) 555-0100`, and returns its length: 18 bytes at the most.
  @inline(__always)
  func write(to: UnsafeMutableRawPointer) -> Int {
    var at = 0
    @inline(__always) func put(_ byte: UInt8) {
      to.storeBytes(of: byte, toByteOffset: at, as: UInt8.self)
      at += 1
    }
    var from = 0
    if hasCountryCode {
      put(UInt8(ascii: "+"))
      put(UInt8(ascii: "1"))
      put(UInt8(ascii: " "))
      from = 1
    }
    put(UInt8(ascii: "("))
    put(digits[from])
    put(digits[from + 1])
    put(digits[from + 2])
    put(UInt8(ascii: ")"))
    put(UInt8(ascii: " "))
    put(digits[from + 3])
    put(digits[from + 4])
    put(digits[from + 5])
    put(UInt8(ascii: "-"))
    for digit in (from + 6)..<count { put(digits[digit]) }
    return at
  }
}

/// As the guide's table shows: seven digits `(555) 010-0`, ten `(555) 555-0100`, eleven with a leading 1
/// `+1 (555) 555-0100`. Other numbers, and those with an extension, stay as they are.
struct PhoneFormat: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    let comesAsNumber = !run.isString(value)
    try run.load(value)
    let phone = PhoneDigits(run.text.bytes)
    let trimmed = Trim.trimmed(run.text.bytes)
    if trimmed.isEmpty {
      run.form = .null
      return
    }
    guard phone.isNumber, (trimmed[0] | 0x20) &- UInt8(ascii: "a") >= 26 else {
      throw RecordError(.phoneUnreadable, "not a phone number: 7 to 15 digits are expected")
    }
    if phone.isFormatted {
      run.spare.removeAll()
      let to = run.spare.reserve(24)
      run.spare.commit(phone.write(to: to))
      run.turn()
    } else if comesAsNumber {
      run.form = .text
    }
  }

  func join(_ quick: inout FastTransform) { quick.kind = quick.isText ? .phone : .none }
}

extension MapWriter {
  /// A number for which the guide has a form.
  @inline(__always)
  mutating func putPhone(_ value: FieldValue, _ step: MapStep) -> Bool {
    guard value.kind == .string, value.isASCII, !value.hasEscapes, value.raw.count <= 18 else { return false }
    guard let digits = PhoneDigits(short: value.raw.baseAddress! + 1, count: value.raw.count - 2), digits.isFormatted
    else { return false }
    putName(step)
    put(UInt8(ascii: "\""))
    to += digits.write(to: to)
    put(UInt8(ascii: "\""))
    return true
  }
}

extension NamedTransform {
  static let phoneFormat = NamedTransform(
    "phone_format",
    examples: [
      ("", "5550100", "(555) 010-0"), ("", "(555) 555-0100", "(555) 555-0100"),
      ("", "555.555.0100", "(555) 555-0100"), ("", "15555550100", "+1 (555) 555-0100"),
      ("", "+1 555 555 0100", "+1 (555) 555-0100"), ("", "+44 20 7946 0018", "+44 20 7946 0018"),
      ("", "555-0100 x12", "555-0100 x12"), ("", "12345", "phone.unreadable"), ("", "unknown", "phone.unreadable"),
      ("", "1234567890123456", "phone.unreadable"),
    ]
  ) { _ in [PhoneFormat()] }
}
