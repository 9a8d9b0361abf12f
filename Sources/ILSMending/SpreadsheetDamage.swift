/// What spreadsheets do by themselves to the cells of a CSV.
enum SpreadsheetDamage {
  /// Whether a cell that came back as `new` is rather `old` after a program took it for a number or a date, or lost its letters.
  static func isLikely(_ old: String, _ new: String) -> Bool {
    isSameNumber(old, new) || isSameDay(old, new) || isQuestioned(old, new)
  }

  /// 00123 as 123, 1234567890123456 as 1.23457E+15.
  private static func isSameNumber(_ old: String, _ new: String) -> Bool {
    guard let a = Double(old), let b = Double(new.replacing(",", with: ".")), a.isFinite, b.isFinite else {
      return false
    }
    return a == b || new.contains { "eE".contains($0) } && abs(a - b) <= abs(a) * 1e-4
  }

  /// 1980-01-02 as 1/2/1980 or 02.01.80: the same numbers, in any order.
  private static func isSameDay(_ old: String, _ new: String) -> Bool {
    guard let a = numbers(old), let b = numbers(new), a.contains(where: { $0 > 31 }) else { return false }
    let readings =
      [b]
      + [0, 2].flatMap { place in
        [1900, 2000].map { century in b.enumerated().map { $0.offset == place ? $0.element + century : $0.element } }
      }
    return readings.contains { $0.sorted() == a.sorted() }
  }

  private static func numbers(_ text: String) -> [Int]? {
    let words = text.split { "-/. ".contains($0) }
    let numbers = words.compactMap { Int($0) }
    return words.count == 3 && numbers.count == 3 ? numbers : nil
  }

  /// Letters that an encoding lacks, as question marks.
  private static func isQuestioned(_ old: String, _ new: String) -> Bool {
    guard new.contains("?") else { return false }
    let (a, b) = (Array(old.unicodeScalars), Array(new.unicodeScalars))
    return a.count == b.count && a != b && zip(a, b).allSatisfy { $0 == $1 || !$0.isASCII && $1 == "?" }
  }
}
