import Glibc

import ILSRecord

/// A job's identifier, a UUID (RFC 9562), always in its canonical form: however it was typed, there is one text for it.
///
/// Locks and statements are made of the text, so two spellings of one id would be two jobs.
public struct JobID: Hashable, Sendable, CustomStringConvertible {
  /// 32 hexadecimal digits in lower case, with hyphens: as PostgreSQL writes a uuid.
  public let text: String

  public var description: String { text }

  /// Nil where `text` is no UUID in the form with hyphens.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let isUUID =
      parts.map(\.utf8.count) == [8, 4, 4, 4, 12] && parts.joined().allSatisfy { $0.isASCII && $0.isHexDigit }
    guard isUUID else { return nil }
    self.text = text.lowercased()
  }

  /// - Throws: `usage` where `text`, which somebody typed, is no UUID.
  public init(typed text: String) throws(StopError) {
    guard let id = JobID(text) else {
      throw StopError(.usage, UsageFault.usage, "\"\(text)\" is no job id, which is a UUID")
    }
    self = id
  }

  /// An id as a column of type uuid holds it.
  init(stored text: String?) {
    guard let id = text.flatMap({ JobID($0) }) else { preconditionFailure("the column holds no uuid") }
    self = id
  }

  /// A new one, which sorts by the time it was made: UUID version 7 (RFC 9562, 5.7).
  public static func make() -> JobID {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let milliseconds = UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    var random = SystemRandomNumberGenerator()
    let high = milliseconds << 16 | 0x7000 | random.next() & 0x0FFF
    let low = 0x8000_0000_0000_0000 | random.next() & 0x3FFF_FFFF_FFFF_FFFF
    let digits = hex(high) + hex(low)
    let cuts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
    return JobID(stored: cuts.map { String(decoding: digits[$0], as: UTF8.self) }.joined(separator: "-"))
  }

  private static func hex(_ number: UInt64) -> [UInt8] {
    (0..<16).map { index in
      let nibble = UInt8(number >> (60 - 4 * UInt64(index)) & 15)
      return nibble < 10 ? nibble + 0x30 : nibble + 0x57
    }
  }

  /// The id as sixteen bytes.
  var bytes: [UInt8] {
    let digits = Array(text.utf8.filter { $0 != UInt8(ascii: "-") })
    return stride(from: 0, to: digits.count, by: 2).compactMap { at in
      UInt8(String(decoding: digits[at..<(at + 2)], as: UTF8.self), radix: 16)
    }
  }

  /// The id as an SQL literal.
  var quotedLiteral: String { text.quotedLiteral }
}
