import CMapping
import ILSRecord

/// Telephone digits gathered from a text, and in what groups they are written.
struct PhoneDigits {
  /// Room for the eleven that a formatted number can have.
  private(set) var digits: InlineArray<16, UInt8> = .init(repeating: 0)
  private(set) var count = 0
  /// The lengths of its groups, a hexadecimal digit each: 0x334 for `555-555-0100`.
  private var groups: UInt64 = 0
  private(set) var hasPlus = false
  private(set) var hasLetters = false
  /// It holds what does not stand inside one number: an extension, a second number.
  private var hasOthers = false

  init(_ text: UnsafeRawBufferPointer) {
    let text = PhoneDigits.withoutFraction(Trim.trimmed(text))
    var wasDigit = false
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "0"..."9":
        add(UInt8(truncatingIfNeeded: scalar.value), isNext: wasDigit)
        wasDigit = true
        continue
      case "+" where count == 0 && !hasPlus: hasPlus = true
      case " ", "\u{A0}", "\u{202F}", "-", "\u{2010}"..."\u{2015}", "\u{2212}", "(", ")", ".", "/": break
      case "a"..."z", "A"..."Z": hasLetters = true
      default: hasOthers = true
      }
      wasDigit = false
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
    var last = -2
    while left != 0 {
      let at = left.trailingZeroBitCount
      add(text.load(fromByteOffset: at, as: UInt8.self), isNext: at == last + 1)
      last = at
      left &= left - 1
    }
  }

  @inline(__always)
  private mutating func add(_ digit: UInt8, isNext: Bool) {
    digits[count & 15] = digit
    count += 1
    groups = isNext ? groups &+ 1 : groups << 4 | 1
  }

  /// Without the `.0` that data frames put behind whole numbers.
  static func withoutFraction(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let whole = text.count - 2
    guard whole > 0, text[whole] == UInt8(ascii: "."), text[whole + 1] == UInt8(ascii: "0"),
      text[..<whole].allSatisfy({ $0 &- 0x30 < 10 })
    else { return text }
    return UnsafeRawBufferPointer(rebasing: text[..<whole])
  }

  /// Eleven digits with the North American 1 in front.
  @inline(__always) var hasCountryCode: Bool { count == 11 && digits[0] == UInt8(ascii: "1") }

  /// Whether the guide has a form for it; other numbers stay as they are. Seven, ten and eleven digits in other groups are
  /// another country's number, or one with an extension; so are those whose area code starts with 0 or 1.
  @inline(__always) var isFormatted: Bool {
    guard !hasLetters, !hasOthers else { return false }
    switch groups {
    case 0xB, 0x1A, 0x137, 0x164, 0x1334: return hasCountryCode && digits[1] > UInt8(ascii: "1")
    case 7, 0x34, 0xA, 0x37, 0x64, 0x334: return !hasPlus && digits[0] > UInt8(ascii: "1")
    default: return false
    }
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
  var readsMeaning: Bool { true }

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
      ("", "1234567890123456", "phone.unreadable"), ("", "555-0142 #777", "555-0142 #777"),
      ("", "555-0142 777", "555-0142 777"), ("", "555-0142,777", "555-0142,777"),
      ("", "555-0142/0143", "555-0142/0143"), ("", "02 55 01 01 71", "02 55 01 01 71"),
      ("", "0255010171", "0255010171"), ("", "2025550142.0", "(202) 555-0142"),
      ("", "1632960987.0", "1632960987.0"), ("", "1-555-555-0100", "+1 (555) 555-0100"),
      ("", "(555)\u{A0}555\u{2013}0100", "(555) 555-0100"), ("", "555-555-0100+", "555-555-0100+"),
    ]
  ) { _ in [PhoneFormat()] }
}
