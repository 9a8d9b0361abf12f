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
    let text = step.trims ? Trim.trimmed(value.text) : value.text
    let count = text.count
    if count == 0 {
      guard step.takesAbsent else { return false }
      if step.turnsEmptyToNull {
        putName(step)
        putNull()
        return true
      }
    }
    let from = text.baseAddress!
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
}
