/// What a column of spans of time keeps: `interval(0)`, `interval year to month`.
struct IntervalKind: Equatable {
  /// Digits of a second's fraction; and the bits of the fields that are kept, all where nil (PostgreSQL, `INTERVAL_MASK`).
  private let digits: Int
  private let fields: Int?

  /// - Parameter modifier: the type's modifier (`atttypmod`); -1 for none.
  init(modifier: Int) {
    digits = modifier < 0 || modifier & 0xFFFF == 0xFFFF ? 6 : modifier & 0xFFFF
    fields = modifier < 0 || modifier >> 16 & 0x7FFF == 0x7FFF ? nil : modifier >> 16 & 0x7FFF
  }

  /// What the words of units begin with, and the bits of their fields. A month's is asked before a minute's.
  private static let units: [(start: String, field: Int)] = [
    ("y", 1 << 2), ("mon", 1 << 1), ("w", 1 << 3), ("d", 1 << 3), ("h", 1 << 10), ("m", 1 << 11), ("s", 1 << 12),
  ]

  /// Why the column would not hold `text` as it is; nil where it would, or the database refuses it.
  func fault(in text: UnsafeRawBufferPointer) -> String? {
    let words = String(decoding: text, as: UTF8.self).lowercased().split { $0 == " " }
    let isFine = digits < 6 && words.contains { word in ["mil", "mic", "ms", "us"].contains { word.hasPrefix($0) } }
    if isFine || Self.fractionDigits(text) > digits { return "its seconds would be rounded" }
    guard let fields else { return nil }
    var isNumber = true
    for word in words {
      if isNumber {
        guard Int(word) != nil else { return "write it in whole units, as 2 hours 30 minutes" }
      } else {
        guard let unit = Self.units.first(where: { word.hasPrefix($0.start) }), fields & unit.field != 0 else {
          return "it keeps no such unit"
        }
      }
      isNumber.toggle()
    }
    return isNumber ? nil : "write it in whole units, as 2 hours 30 minutes"
  }

  /// How many digits of a fraction a span of time needs: of all that it has, the longest.
  private static func fractionDigits(_ text: UnsafeRawBufferPointer) -> Int {
    var (longest, count) = (0, -1)
    for byte in text {
      if byte == UInt8(ascii: ".") {
        count = 0
      } else if (0x30...0x39).contains(byte), count >= 0 {
        count += 1
        if byte != 0x30 { longest = max(longest, count) }
      } else {
        count = -1
      }
    }
    return longest
  }
}
