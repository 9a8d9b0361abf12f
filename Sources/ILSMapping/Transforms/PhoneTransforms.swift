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

extension TransformRun {
  /// As the guide's table shows: seven digits `(555) 010-0`, ten `(555) 555-0100`, eleven with a leading 1
  /// `+1 (555) 555-0100`. Other numbers, and those with an extension, stay as they are.
  mutating func phone(_ value: FieldValue) throws(RecordError) {
    let comesAsNumber = !isString(value)
    try load(value)
    let phone = PhoneDigits(text.bytes)
    if TransformRun.trimmed(text.bytes).isEmpty {
      form = .null
      return
    }
    guard phone.isNumber, !startsWithLetter(text.bytes) else {
      throw RecordError(code: "phone.unreadable", message: "not a phone number: 7 to 15 digits are expected")
    }
    if phone.isFormatted {
      spare.removeAll()
      let to = spare.reserve(24)
      spare.commit(phone.write(to: to))
      turn()
    } else if comesAsNumber {
      form = .text
    }
  }

  private func startsWithLetter(_ text: UnsafeRawBufferPointer) -> Bool {
    let first = TransformRun.trimmed(text).first ?? 0
    return (first | 0x20) &- UInt8(ascii: "a") < 26
  }

  mutating func phoneE164(_ value: FieldValue, _ region: PhoneRegion) throws(RecordError) {
    try load(value)
    let trimmed = TransformRun.trimmed(text.bytes)
    if trimmed.isEmpty {
      form = .null
      return
    }
    guard let number = region.e164(String(decoding: trimmed, as: UTF8.self)) else {
      throw RecordError(
        code: "phone.unreadable",
        message: "no phone number of \(region.name), nor one with + and a country code; E.164 has no extensions")
    }
    become(number)
  }
}
