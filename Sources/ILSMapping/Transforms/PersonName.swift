/// A person's name taken apart: `Dr. Ludwig van Beethoven Jr.`, or `Beethoven, Ludwig van`.
public struct PersonName: Equatable, Sendable {
  public enum Part: String, Sendable, CaseIterable {
    case title, first, middle, last, suffix
  }

  public private(set) var title = ""
  public private(set) var first = ""
  public private(set) var middle = ""
  public private(set) var last = ""
  public private(set) var suffix = ""

  private static let titles: Set<String> = [
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "fr", "sr", "sir", "dame", "lady", "lord",
    "master", "capt", "maj", "col", "sgt", "lt",
  ]
  /// Titles that are given names too: a title only with its dot.
  private static let dottedTitles: Set<String> = ["hon."]
  private static let suffixes: Set<String> = [
    "jr", "sr", "ii", "iii", "iv", "v", "md", "phd", "od", "dds", "rn", "esq", "mbe", "obe", "cbe", "frcs", "bsc",
    "msc",
  ]
  /// Degrees that are surnames too: Do is one of the commonest of Viet Nam.
  private static let surnameSuffixes: Set<String> = ["do", "ma"]
  private static let particles: Set<String> = [
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "bin", "ibn", "ter", "ten",
    "st", "san", "santa", "zu",
  ]

  /// Whether `word` stands behind names only, whatever its case.
  static func isSuffix(_ word: Substring) -> Bool { suffixes.contains(folded(String(word))) }

  /// Takes `text` apart. With a comma that parts more than a suffix, the last name stands in front.
  public init(_ text: String) {
    let parts = text.split(separator: ",").map { Self.words($0) }.filter { !$0.isEmpty }
    guard let head = parts.first else { return }
    // In a name that is all in capitals, DO says nothing of what it is.
    hasLowerCase = parts.joined().contains { $0.contains(where: \.isLowercase) }
    let tail = Array(parts.dropFirst())
    let suffixParts = tail.filter { $0.allSatisfy { isSuffix($0, behindComma: head.count > 1) } }
    let givenParts = tail.filter { !$0.allSatisfy { isSuffix($0, behindComma: head.count > 1) } }
    if givenParts.isEmpty {
      takeInOrder(head)
    } else {
      var front = head
      takeSuffixes(&front, keeping: 1)
      last = front.joined(separator: " ")
      var given = givenParts.flatMap { $0 }
      takeTitle(&given)
      takeSuffixes(&given, keeping: 1)
      first = given.first ?? ""
      middle = given.dropFirst().joined(separator: " ")
    }
    suffix = ([suffix].filter { !$0.isEmpty } + suffixParts.flatMap { $0 }).joined(separator: " ")
  }

  private var hasLowerCase = false

  /// Whether `word` is no name. One that is a surname too is a degree only in capitals among other letters, or with dots.
  private func isSuffix(_ word: String, behindComma: Bool = false) -> Bool {
    let plain = Self.folded(word)
    if Self.suffixes.contains(plain) { return true }
    guard Self.surnameSuffixes.contains(plain) else { return false }
    if word.contains(".") { return true }
    return word == word.uppercased() && (hasLowerCase || behindComma)
  }

  public subscript(part: Part) -> String {
    switch part {
    case .title: title
    case .first: first
    case .middle: middle
    case .last: last
    case .suffix: suffix
    }
  }

  private mutating func takeInOrder(_ words: [String]) {
    var words = words
    takeTitle(&words)
    takeSuffixes(&words, keeping: 2)
    guard words.count > 1 else {
      // One word alone is the family's name behind a title, and a given name otherwise.
      if title.isEmpty { first = words.first ?? "" } else { last = words.first ?? "" }
      return
    }
    first = words[0]
    var start = words.count - 1
    while start > 1, Self.particles.contains(Self.folded(words[start - 1])) { start -= 1 }
    middle = words[1..<start].joined(separator: " ")
    last = words[start...].joined(separator: " ")
  }

  private mutating func takeTitle(_ words: inout [String]) {
    guard words.count > 1,
      Self.titles.contains(Self.folded(words[0])) || Self.dottedTitles.contains(words[0].lowercased())
    else { return }
    title = words.removeFirst()
  }

  private mutating func takeSuffixes(_ words: inout [String], keeping least: Int) {
    var taken: [String] = []
    while words.count > least, let end = words.last, isSuffix(end) {
      taken.insert(words.removeLast(), at: 0)
    }
    suffix = taken.joined(separator: " ")
  }

  private static func words(_ text: Substring) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  private static func folded(_ word: String) -> String { word.lowercased().filter { $0 != "." } }
}
