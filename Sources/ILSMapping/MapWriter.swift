import ILSDates
import CScan
import ILSRecord

/// Writes the values of mapped fields into room that was reserved for them.
///
/// It reads and writes sixteen bytes a step: that much is readable behind every value, and writable behind the room.
struct MapWriter {
  var to: UnsafeMutableRawPointer

  @inline(__always)
  mutating func put(_ from: UnsafeRawPointer, _ count: Int) {
    if count > 64 {
      to.copyMemory(from: from, byteCount: count)
    } else {
      var at = 0
      repeat {
        let block = (from + at).loadUnaligned(as: SIMD16<UInt8>.self)
        (to + at).storeBytes(of: block, as: SIMD16<UInt8>.self)
        at += 16
      } while at < count
    }
    to += count
  }

  @inline(__always)
  mutating func put(_ byte: UInt8) {
    to.storeBytes(of: byte, as: UInt8.self)
    to += 1
  }

  @inline(__always)
  mutating func putNull() {
    to.storeBytes(of: UInt32(littleEndian: 0x6C6C_756E), as: UInt32.self)
    to += 4
  }

  /// A string, or an absent value, as `step` wants it; false where only the general way will do, and then nothing has
  /// been written.
  @inline(__always)
  mutating func putText(_ value: FieldValue, _ step: MapStep) -> Bool {
    guard value.kind == .string, !value.hasEscapes else { return false }
    var from = value.raw.baseAddress! + 1
    var count = value.raw.count - 2
    let first = from.load(as: UInt8.self)
    let last = (from + (count - 1)).load(as: UInt8.self)
    if step.trims, first &- 0x21 > 0x5D || last &- 0x21 > 0x5D, value.isASCII || mayHaveSpaceAround(from, count) {
      guard value.isASCII else { return false }
      while count > 0, from.load(as: UInt8.self) == 0x20 {
        from += 1
        count -= 1
      }
      while count > 0, (from + (count - 1)).load(as: UInt8.self) == 0x20 { count -= 1 }
      if count == 0 {
        guard step.takesAbsent else { return false }
        if step.turnsEmptyToNull {
          putName(step)
          putNull()
          return true
        }
      }
    }
    if step.caseFirst == 0 {
      putName(step)
      if count == value.raw.count - 2 {
        put(from - 1, count + 2)
        return true
      }
      put(UInt8(ascii: "\""))
      if count > 0 { put(from, count) }
    } else {
      let start = to
      putName(step)
      put(UInt8(ascii: "\""))
      var at = 0
      while at < count {
        ils_ascii_case16(to + at, from + at, step.caseFirst)
        at += 16
      }
      if !value.isASCII, !changeLatinCase(count, step.caseFirst) {
        to = start
        return false
      }
      to += count
    }
    put(UInt8(ascii: "\""))
    return true
  }

  /// Whether a text beyond ASCII may start or end with white space: by the lead bytes of its outer characters.
  @inline(never)
  private func mayHaveSpaceAround(_ from: UnsafeRawPointer, _ count: Int) -> Bool {
    func mayBeSpace(_ lead: UInt8) -> Bool {
      switch lead {
      case 0...0x20, 0xC2, 0xE1, 0xE2, 0xE3, 0xEF: true
      default: false
      }
    }
    var last = count - 1
    while last > 0, (from + last).load(as: UInt8.self) & 0xC0 == 0x80 { last -= 1 }
    return mayBeSpace(from.load(as: UInt8.self)) || mayBeSpace((from + last).load(as: UInt8.self))
  }

  /// Changes the case of the Latin letters of U+00C0 to U+00FE among the next `count` bytes; false where there are others
  /// that only Unicode's tables can tell of.
  @inline(never)
  private func changeLatinCase(_ count: Int, _ caseFirst: UInt8) -> Bool {
    let toLower = caseFirst == UInt8(ascii: "A")
    var at = 0
    while at < count {
      let lead = (to + at).load(as: UInt8.self)
      if lead < 0x80 {
        at += 1
        continue
      }
      let trail = (to + at + 1).load(as: UInt8.self)
      // U+00B5 has its capital among the Greek letters, U+00DF two of them, U+00FF in another block.
      guard lead == 0xC3 || (lead == 0xC2 && trail != 0xB5), toLower || (trail != 0x9F && trail != 0xBF) else {
        return false
      }
      if lead == 0xC3, toLower ? trail < 0x9F && trail != 0x97 : trail >= 0xA0 && trail != 0xB7 {
        (to + at + 1).storeBytes(of: trail ^ 0x20, as: UInt8.self)
      }
      at += 2
    }
    return true
  }

  /// The plan's names.
  let names: UnsafeRawPointer

  @inline(__always)
  mutating func putName(_ step: MapStep) { put(names + Int(step.nameStart), Int(step.nameLength)) }

  /// What a date of ten characters came to.
  enum DateOutcome { case written, ambiguous, notTaken }

  /// `MM/DD/YYYY` (or DD/MM, with slashes, dots or hyphens) and ISO dates that are days of the calendar.
  @inline(__always)
  mutating func putDate(_ value: FieldValue, _ step: MapStep) -> DateOutcome {
    guard value.kind == .string, value.raw.count == 12 else { return .notTaken }
    let from = value.raw.baseAddress! + 1
    /// The number that two digits write; above 255 where one is no digit.
    @inline(__always) func pair(_ at: Int) -> Int {
      let tens = Int((from + at).load(as: UInt8.self) &- 0x30)
      let ones = Int((from + at + 1).load(as: UInt8.self) &- 0x30)
      return tens * 10 + ones + (tens > 9 || ones > 9 ? 1000 : 0)
    }
    let separator = (from + 2).load(as: UInt8.self)
    guard separator &- UInt8(ascii: "-") < 3 else {
      guard (from + 4).load(as: UInt8.self) == UInt8(ascii: "-"), (from + 7).load(as: UInt8.self) == UInt8(ascii: "-"),
        CivilDate(year: pair(0) * 100 + pair(2), month: pair(5), day: pair(8)) != nil
      else { return .notTaken }
      putName(step)
      put(from - 1, 12)
      return .written
    }
    let (a, b, year) = (pair(0), pair(3), pair(6) * 100 + pair(8))
    let (month, day) = step.dayFirst ? (b, a) : (a, b)
    guard !step.isYearFirst, (from + 5).load(as: UInt8.self) == separator,
      let date = CivilDate(year: year, month: month, day: day)
    else { return .notTaken }
    putName(step)
    // The digits are there: they only change places.
    put(UInt8(ascii: "\""))
    to.storeBytes(of: (from + 6).loadUnaligned(as: UInt32.self), as: UInt32.self)
    to.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 4, as: UInt8.self)
    to.storeBytes(of: (from + (step.dayFirst ? 3 : 0)).loadUnaligned(as: UInt16.self), toByteOffset: 5, as: UInt16.self)
    to.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 7, as: UInt8.self)
    to.storeBytes(of: (from + (step.dayFirst ? 0 : 3)).loadUnaligned(as: UInt16.self), toByteOffset: 8, as: UInt16.self)
    to.storeBytes(of: UInt8(ascii: "\""), toByteOffset: 10, as: UInt8.self)
    to += 11
    return step.isOrderAssumed && date.day <= 12 && date.day != date.month ? .ambiguous : .written
  }

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

  /// A text that the step's table holds.
  @inline(__always)
  mutating func putEntry(_ value: FieldValue, _ step: MapStep, _ table: ValueTable) -> Bool {
    guard value.kind == .string, !value.hasEscapes, value.raw.count <= 66,
      value.isASCII || !(step.trims || step.caseFirst != 0)
    else { return false }
    return withUnsafeTemporaryAllocation(byteCount: 80, alignment: 16) { key in
      let text = key.baseAddress!
      var from = value.raw.baseAddress! + 1
      var count = value.raw.count - 2
      if step.trims {
        while count > 0, from.load(as: UInt8.self) == 0x20 {
          from += 1
          count -= 1
        }
        while count > 0, (from + (count - 1)).load(as: UInt8.self) == 0x20 { count -= 1 }
      }
      if count == 0 { return false }
      var at = 0
      if step.caseFirst == 0 {
        text.copyMemory(from: from, byteCount: count)
      } else {
        while at < count {
          ils_ascii_case16(text + at, from + at, step.caseFirst)
          at += 16
        }
      }
      guard let found = table.index(of: UnsafeRawBufferPointer(start: text, count: count)) else { return false }
      let entry = table.values[found]
      // Null and the empty string may need a default in their place.
      if entry.count <= 4, !step.takesAbsent { return false }
      // The room holds 32 bytes a value beside the record's own.
      guard entry.count <= 32 + value.raw.count else { return false }
      putName(step)
      entry.withUnsafeBytes { to.copyMemory(from: $0.baseAddress!, byteCount: entry.count) }
      to += entry.count
      return true
    }
  }
}
