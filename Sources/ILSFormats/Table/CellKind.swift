/// What a cell's text looks like, as far as that tells names from values.
enum CellKind: UInt8 {
  case empty
  /// Digits with a sign, separators, a currency or a percent sign.
  case number
  /// Digits between `-`, `/`, `.` or `:`.
  case date
  case address
  /// Letters and digits.
  case code
  case word

  /// What a value is and a name hardly ever.
  var isValue: Bool { self == .number || self == .date || self == .address }

  init(_ cell: some Collection<UInt8>) {
    var digits = 0, letters = 0, separators = 0, spaces = 0, others = 0, colons = 0, points = 0
    var hasAt = false
    for byte in cell.prefix(64) {
      switch byte {
      case 0x30...0x39: digits += 1
      case 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: letters += 1
      case 0x20, 0x09: spaces += 1
      case 0x3A: colons += 1
      case 0x2D, 0x2F: separators += 1
      case 0x2C, 0x2E: points += 1
      case 0x40: hasAt = true
      case 0x24, 0x25, 0x2B, 0x28, 0x29, 0x27: break
      default: others += 1
      }
    }
    if digits + letters + separators + others + colons + points == 0 {
      self = hasAt ? .word : .empty
    } else if hasAt, letters > 0, points > 0, spaces == 0 {
      self = .address
    } else if digits > 0, letters == 0, others == 0 {
      self = separators + colons >= 2 || points >= 2 && digits <= 8 || colons == 1 ? .date : .number
    } else if digits > 0 {
      self = CellKind.isStamp(cell, letters) ? .date : .code
    } else {
      self = .word
    }
  }

  /// `2024-03-01T08:30:00Z`, `01-Mar-2024`: starts as a date and has no more than a month's letters in it.
  private static func isStamp(_ cell: some Collection<UInt8>, _ letters: Int) -> Bool {
    guard letters <= 5, let first = cell.first, (0x30...0x39).contains(first) else { return false }
    let digits = cell.count { (0x30...0x39).contains($0) }
    let marks = cell.count { $0 == 0x2D || $0 == 0x2F || $0 == 0x3A }
    return digits >= 4 && marks >= 2
  }
}
