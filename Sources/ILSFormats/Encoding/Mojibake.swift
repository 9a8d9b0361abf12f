import ILSRecord

/// Text that was UTF-8, was read as Windows-1252 once, and written again as UTF-8: `JosÃ©`, `patientâ€™s`.
enum Mojibake {
  /// False where no letter of a text, nor one that begins in it, stands so, or is one of those that `LostLetters` counts.
  static func isLikely(in text: UnsafeRawBufferPointer) -> Bool {
    text.indices.contains { at in
      switch text[at] {
      case 0xC3: at + 2 >= text.count || text[at + 2] == 0xC2 || text[at + 2] == 0xE2
      case 0xE2:
        at + 2 >= text.count || text[at + 2] == 0x9A || text[at + 2] == 0x9C
          || LostLetters.isUnseen(text[at + 1], text[at + 2])
      case 0xEF: at + 2 >= text.count || text[at + 2] == 0xBD || text[at + 1] == 0xBB
      default: false
      }
    }
  }

  /// A letter that starts sequences of UTF-8 in Windows-1252, and behind it a sign that goes on with one: Â to Å, Î to Ñ with a
  /// sign of Latin-1, and the start of a dash or quote.
  static func isMangled(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Bool {
    guard at + 3 < bytes.count else { return false }
    let (lead, third, fourth) = (bytes[at + 1], bytes[at + 2], bytes[at + 3])
    if third == 0xE2 {
      guard at + 4 < bytes.count else { return false }
      return (lead == 0xA2 && fourth == 0x82 && bytes[at + 4] == 0xAC)
        || ((lead == 0x84 || lead == 0x85) && fourth == 0x80)
    }
    guard (0x82...0x85).contains(lead) || (0x8E...0x91).contains(lead) else { return false }
    // A space that does not break may stand behind a capital.
    return fourth != 0xA0 || at == 0 || !(0x41...0x5A).contains(bytes[at - 1])
  }
}

/// Puts right what `Mojibake` counts, in any portions of a text.
struct MojibakeMender {
  /// The byte that Windows-1252 has for a character from 0x80.
  private let bytes: [UInt32: UInt8]
  private var pending: [UInt8] = []

  init() {
    var bytes: [UInt32: UInt8] = [:]
    for byte in UInt8(0x80)...0xFF { bytes[UInt32(byte)] = byte }
    let signs = CodePage.windows1252.scalars(of: Array(0x80...0x9F))
    for (offset, scalar) in signs.enumerated() where scalar != Signs.undefined { bytes[scalar] = UInt8(0x80 + offset) }
    self.bytes = bytes
  }

  static func mended(_ text: String) -> String {
    var mender = MojibakeMender()
    var text = text
    var output = OutputBuffer()
    text.withUTF8 { mender.mend(UnsafeRawBufferPointer($0), isLast: true, to: &output) }
    return output.string()
  }

  /// Mends what was written to `output` from `start` on: whole records, in which no letter beyond ASCII is escaped.
  mutating func mend(from start: Int, in output: inout OutputBuffer) {
    var mended = OutputBuffer(capacity: output.count - start)
    mend(UnsafeRawBufferPointer(rebasing: output.bytes[start...]), isLast: true, to: &mended)
    output.truncate(to: start)
    output.append(mended.bytes)
  }

  mutating func mend(_ text: UnsafeRawBufferPointer, isLast: Bool, to output: inout OutputBuffer) {
    let all = pending + text
    // What the end may break off: four characters of three bytes.
    var end = all.count
    if !isLast { while end > 0, all.count - end < 12, all[end - 1] >= 0x80 { end -= 1 } }
    pending = Array(all[end...])
    var at = 0
    while at < end {
      if all[at] == 0xC3, let (sequence, length) = original(all[at..<end]) {
        sequence.withUnsafeBytes { output.append($0) }
        at += length
      } else {
        output.append(all[at])
        at += 1
      }
    }
  }

  /// The sequence of UTF-8 that the characters at the start of `text` spell in Windows-1252, and the bytes that they take.
  private func original(_ text: ArraySlice<UInt8>) -> (sequence: [UInt8], length: Int)? {
    var rest = text
    guard let lead = next(&rest), lead >= 0xC2, lead <= 0xF4 else { return nil }
    var sequence = [lead]
    for _ in 0..<(lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3) {
      guard let byte = next(&rest), byte >= 0x80, byte < 0xC0 else { return nil }
      sequence.append(byte)
    }
    let isValid = sequence.withUnsafeBytes { firstInvalidUTF8($0) == nil }
    return isValid ? (sequence, text.count - rest.count) : nil
  }

  private func next(_ text: inout ArraySlice<UInt8>) -> UInt8? {
    guard let first = text.first, first >= 0xC2 else { return nil }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard text.count >= length, length < 4 else { return nil }
    var scalar = UInt32(first) & (length == 2 ? 0x1F : 0x0F)
    for byte in text.dropFirst().prefix(length - 1) { scalar = scalar << 6 | UInt32(byte & 0x3F) }
    text = text.dropFirst(length)
    return bytes[scalar]
  }
}
