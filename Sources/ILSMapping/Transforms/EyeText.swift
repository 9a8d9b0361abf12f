/// Both eyes in one text, each behind its name: `R -2.50/-1.00x90 L plano`.
struct EyeText: Equatable {
  enum Eye: String, CaseIterable, Sendable { case right, left }

  private(set) var right: String?
  private(set) var left: String?
  /// Of both, the one that stands last.
  private(set) var last = Eye.right

  private static let names: [String: Eye] = [
    "r": .right, "re": .right, "od": .right, "right": .right, "l": .left, "le": .left, "os": .left, "left": .left,
  ]

  subscript(eye: Eye) -> String? { eye == .right ? right : left }

  /// Nil where something stands before the first name, a name stands twice, or one has nothing behind it.
  init?(_ text: String) {
    var eye: Eye?
    for word in Self.words(text) {
      if let named = Self.names[word.lowercased()] {
        if self[named] != nil { return nil }
        if let eye, self[eye]?.isEmpty != false { return nil }
        put("", named)
        (eye, last) = (named, named)
      } else {
        guard let eye else { return nil }
        put((self[eye] ?? "") + word, eye)
      }
    }
    guard let eye else { return nil }
    for known in Eye.allCases { put(self[known].map(Self.trimmed), known) }
    if self[eye]?.isEmpty != false || right?.isEmpty == true || left?.isEmpty == true { return nil }
  }

  private mutating func put(_ text: String?, _ eye: Eye) {
    if eye == .right { right = text } else { left = text }
  }

  /// Runs of letters, and what stands between them; white space, colons and separators before the first do not count.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    for character in text {
      if let last = words.last?.last, last.isLetter == character.isLetter {
        words[words.count - 1].append(character)
      } else {
        words.append(String(character))
      }
    }
    if let first = words.first, trimmed(first).isEmpty { words.removeFirst() }
    return words
  }

  /// Without what parts the eyes from their names and from one another.
  private static func trimmed(_ text: String) -> String {
    func isParting(_ character: Character) -> Bool { character.isWhitespace || ":;,|/=".contains(character) }
    var rest = text[...].drop(while: isParting)
    while let last = rest.last, isParting(last) { rest.removeLast() }
    return String(rest)
  }
}
