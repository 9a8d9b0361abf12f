import Glibc
import ILSRecord

/// JSON in which letters beyond ASCII stand as escapes, as many programs write it: puts the letters in their place.
///
/// Escapes of what JSON has to escape stay, and so do halves of surrogate pairs that stand alone.
struct JSONEscapes {
  /// The start of an escape, or of a pair of them, that the last portion broke off.
  private var pending: [UInt8] = []

  private static var backslash: UInt8 { UInt8(ascii: "\\") }

  /// The next portion of a text; false where it is the same as it came, and nothing was put out.
  mutating func read(_ text: UnsafeRawBufferPointer, isLast: Bool, to output: inout OutputBuffer) -> Bool {
    if pending.isEmpty {
      guard Self.backslash(in: text, from: 0) < text.count else { return false }
      convert(text, isLast: isLast, to: &output)
      return true
    }
    let all = pending + text
    pending = []
    all.withUnsafeBytes { convert($0, isLast: isLast, to: &output) }
    return true
  }

  /// The place of the next escape; the end where there is none.
  private static func backslash(in text: UnsafeRawBufferPointer, from at: Int) -> Int {
    guard at < text.count, let start = text.baseAddress,
      let found = memchr(start + at, Int32(backslash), text.count - at)
    else { return text.count }
    return UnsafeRawPointer(found) - start
  }

  private mutating func convert(_ all: UnsafeRawBufferPointer, isLast: Bool, to output: inout OutputBuffer) {
    var at = 0
    while at < all.count {
      let escape = Self.backslash(in: all, from: at)
      output.append(UnsafeRawBufferPointer(rebasing: all[at..<escape]))
      at = escape
      guard at < all.count else { return }
      guard let length = length(all, at, isLast: isLast) else {
        pending = Array(all[at...])
        return
      }
      if let letter = letter(all, at, length) {
        output.append(String(letter))
      } else {
        output.append(UnsafeRawBufferPointer(rebasing: all[at..<(at + length)]))
      }
      at += length
    }
  }

  /// Bytes of the escape at `at`: 2, 6, or 12 of a pair; nil where more of the text must be known.
  private func length(_ all: UnsafeRawBufferPointer, _ at: Int, isLast: Bool) -> Int? {
    let left = all.count - at
    if left < 2 { return isLast ? left : nil }
    guard all[at + 1] == UInt8(ascii: "u") else { return 2 }
    if left < 6 { return isLast ? left : nil }
    guard let unit = unit(all, at), unit & 0xFC00 == 0xD800 else { return 6 }
    if left < 12 { return isLast || all[at + 6] != Self.backslash && left > 6 ? 6 : nil }
    guard all[at + 6] == Self.backslash, all[at + 7] == UInt8(ascii: "u") else { return 6 }
    return self.unit(all, at + 6).map { $0 & 0xFC00 == 0xDC00 } == true ? 12 : 6
  }

  private func letter(_ all: UnsafeRawBufferPointer, _ at: Int, _ length: Int) -> Unicode.Scalar? {
    guard length >= 6, let unit = unit(all, at), unit >= 0x80 else { return nil }
    guard length == 12, let low = self.unit(all, at + 6) else { return Unicode.Scalar(unit) }
    return Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF)
  }

  /// The four hexadecimal digits of an escape.
  private func unit(_ all: UnsafeRawBufferPointer, _ at: Int) -> UInt32? {
    UInt32(String(decoding: all[(at + 2)..<(at + 6)], as: UTF8.self), radix: 16)
  }
}
