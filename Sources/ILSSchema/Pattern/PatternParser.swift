/// A regular expression as a tree.
indirect enum PatternNode: Equatable, Sendable {
  case empty
  case set(ScalarSet)
  case sequence([PatternNode])
  case choice([PatternNode])
  case many(PatternNode, least: Int, most: Int?)
  case start
  case end
  /// `\b`, or `\B` if negated.
  case boundary(isNegated: Bool)
  /// What no machine of bounded time matches: look-around, back-references.
  case unbounded(String)
}

/// Why a text is no pattern, or none that can be matched in linear time.
struct PatternFault: Error, Equatable, Sendable { let message: String }

/// Reads regular expressions as ECMA-262 (2024, 22.2.1) writes them, with its Unicode flag, as JSON Schema asks (6.4).
struct PatternParser {
  private let text: [UInt32]
  private var at = 0
  private var depth = 0
  /// Groups that references can point at, and what points at them.
  private var groups = 0
  private var groupNames: Set<[UInt32]> = []
  private var greatestReference = 0
  private var namesReferredTo: Set<[UInt32]> = []

  private init(_ text: String) { self.text = text.unicodeScalars.map(\.value) }

  static func parse(_ text: String) throws(PatternFault) -> PatternNode {
    var parser = PatternParser(text)
    let node = try parser.choice()
    guard parser.at == parser.text.count else { throw PatternFault(message: "a \")\" closes no group") }
    guard parser.greatestReference <= parser.groups, parser.namesReferredTo.isSubset(of: parser.groupNames) else {
      throw PatternFault(message: "a reference points at no group")
    }
    return node
  }

  private var next: UInt32? { at < text.count ? text[at] : nil }

  private func peek(_ literal: String) -> Bool {
    text[at...].starts(with: literal.unicodeScalars.map(\.value))
  }

  private mutating func take(_ literal: String) -> Bool {
    guard peek(literal) else { return false }
    at += literal.unicodeScalars.count
    return true
  }

  private mutating func choice() throws(PatternFault) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else { throw PatternFault(message: "groups are nested too deep") }
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(PatternFault) -> PatternNode {
    var terms: [PatternNode] = []
    while let next, next != "|", next != ")" { terms.append(try term()) }
    return terms.count == 1 ? terms[0] : terms.isEmpty ? .empty : .sequence(terms)
  }

  private mutating func term() throws(PatternFault) -> PatternNode {
    if take("^") { return .start }
    if take("$") { return .end }
    if take("\\b") { return .boundary(isNegated: false) }
    if take("\\B") { return .boundary(isNegated: true) }
    for look in ["(?=", "(?!", "(?<=", "(?<!"] where take(look) {
      _ = try choice()
      guard take(")") else { throw PatternFault(message: "a group is not closed") }
      return .unbounded("look-around")
    }
    return try quantified(try atom())
  }

  private mutating func quantified(_ node: PatternNode) throws(PatternFault) -> PatternNode {
    var least = 0
    var most: Int?
    if take("*") {
    } else if take("+") {
      least = 1
    } else if take("?") {
      most = 1
    } else if take("{") {
      (least, most) = try counts()
    } else {
      return node
    }
    // Lazy or not makes no difference to whether it matches.
    _ = take("?")
    return .many(node, least: least, most: most)
  }

  private mutating func counts() throws(PatternFault) -> (Int, Int?) {
    guard let least = number() else { throw PatternFault(message: "\"{\" starts a count, and no number follows") }
    var most: Int? = least
    if take(",") { most = number() }
    guard take("}") else { throw PatternFault(message: "a count is not closed by \"}\"") }
    guard most.map({ $0 >= least }) ?? true else {
      throw PatternFault(message: "a count's numbers are in the wrong order")
    }
    return (least, most)
  }

  private mutating func number() -> Int? {
    let start = at
    var value = 0
    while let next, (0x30...0x39).contains(next) {
      value = min(value * 10 + Int(next - 0x30), 1 << 30)
      at += 1
    }
    return at > start ? value : nil
  }

  private mutating func atom() throws(PatternFault) -> PatternNode {
    guard let scalar = next else { throw PatternFault(message: "the pattern ends too early") }
    at += 1
    switch scalar {
    case ".": return .set(.notLineEnd)
    case "[": return .set(try characterClass())
    case "\\": return try escape()
    case "(":
      if take("?<") {
        guard let end = text[at...].firstIndex(of: ">"), end > at else {
          throw PatternFault(message: "a group's name is not closed")
        }
        guard isName(text[at..<end]) else { throw PatternFault(message: "a group's name is no identifier") }
        guard groupNames.insert(Array(text[at..<end])).inserted else {
          throw PatternFault(message: "two groups have one name")
        }
        at = end + 1
        groups += 1
      } else if take("?") {
        guard take(":") else { throw PatternFault(message: "\"(?\" starts no group that ECMA-262 knows") }
      } else {
        groups += 1
      }
      let node = try choice()
      guard take(")") else { throw PatternFault(message: "a group is not closed") }
      return node
    case "*", "+", "?": throw PatternFault(message: "a quantifier has nothing before it")
    case "{", "}", "]": throw PatternFault(message: "a bare bracket must be escaped")
    default: return .set(ScalarSet(scalar))
    }
  }

  // MARK: - Escapes and classes

  private mutating func escape() throws(PatternFault) -> PatternNode {
    if let next, (0x31...0x39).contains(next) {
      greatestReference = max(greatestReference, number() ?? 0)
      return .unbounded("a back-reference")
    }
    if peek("k<") { return try namedReference() }
    return .set(try classEscape(isInClass: false))
  }

  /// An identifier (ECMA-262, 12.7), as far as letters and digits make one.
  private func isName(_ scalars: ArraySlice<UInt32>) -> Bool {
    scalars.enumerated().allSatisfy { index, scalar in
      let properties = Unicode.Scalar(scalar)?.properties
      return scalar == 0x24 || scalar == 0x5F
        || (index == 0 ? properties?.isIDStart : properties?.isIDContinue) ?? false
    }
  }

  private mutating func namedReference() throws(PatternFault) -> PatternNode {
    guard let end = text[at...].firstIndex(of: ">") else { throw PatternFault(message: "a reference is not closed") }
    namesReferredTo.insert(Array(text[(at + 2)..<end]))
    at = end + 1
    return .unbounded("a back-reference")
  }

  /// What stands behind a backslash, as a set.
  private mutating func classEscape(isInClass: Bool) throws(PatternFault) -> ScalarSet {
    guard let scalar = next else { throw PatternFault(message: "a backslash stands at the end") }
    at += 1
    switch scalar {
    case "d": return .digits
    case "D": return .digits.inverted
    case "w": return .word
    case "W": return .word.inverted
    case "s": return .space
    case "S": return .space.inverted
    case "p", "P": return try property(isNegated: scalar == "P")
    case "b" where isInClass: return ScalarSet(8)
    case "-" where isInClass: return ScalarSet(scalar)
    default: return ScalarSet(try characterEscape(scalar))
    }
  }

  private mutating func property(isNegated: Bool) throws(PatternFault) -> ScalarSet {
    guard take("{"), let end = text[at...].firstIndex(of: "}") else {
      throw PatternFault(message: "\\p must be followed by {a property}")
    }
    let name = String(String.UnicodeScalarView(text[at..<end].compactMap(Unicode.Scalar.init)))
    at = end + 1
    guard let set = ScalarSet(property: name) else {
      throw PatternFault(
        message: "\\p{\(name)} is not supported: general categories are, and the common binary properties")
    }
    return isNegated ? set.inverted : set
  }

  private mutating func characterEscape(_ scalar: UInt32) throws(PatternFault) -> UInt32 {
    switch scalar {
    case "t": return 9
    case "n": return 10
    case "v": return 11
    case "f": return 12
    case "r": return 13
    case "0":
      if let next, (0x30...0x39).contains(next) { throw PatternFault(message: "an octal escape is not allowed") }
      return 0
    case "c":
      guard let letter = next, (0x61...0x7A).contains(letter | 0x20) else {
        throw PatternFault(message: "\\c must be followed by a letter")
      }
      at += 1
      return letter & 0x1F
    case "x":
      guard let value = hexadecimal(2) else {
        throw PatternFault(message: "\\x must be followed by two hexadecimal digits")
      }
      return value
    case "u": return try unicodeEscape()
    case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/": return scalar
    default: throw PatternFault(message: "a backslash stands before a character that it gives no meaning")
    }
  }

  private mutating func hexadecimal(_ count: Int) -> UInt32? {
    guard at + count <= text.count else { return nil }
    var value: UInt32 = 0
    for scalar in text[at..<(at + count)] {
      guard let digit = Unicode.Scalar(scalar).flatMap({ Character($0).hexDigitValue }) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    at += count
    return value
  }

  private mutating func unicodeEscape() throws(PatternFault) -> UInt32 {
    if take("{") {
      var value: UInt32 = 0
      var count = 0
      while let digit = hexadecimal(1), value <= 0x10FFFF {
        value = value << 4 | digit
        count += 1
      }
      guard count > 0, value <= 0x10FFFF, take("}") else { throw PatternFault(message: "\\u{ } holds no code point") }
      return value
    }
    guard let high = hexadecimal(4) else {
      throw PatternFault(message: "\\u must be followed by four hexadecimal digits")
    }
    let mark = at
    if (0xD800..<0xDC00).contains(high), take("\\u"), let low = hexadecimal(4), (0xDC00..<0xE000).contains(low) {
      return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }
    at = mark
    return high
  }

  private mutating func characterClass() throws(PatternFault) -> ScalarSet {
    var set = ScalarSet()
    let isNegated = take("^")
    while let next, next != "]" {
      let first = try classAtom()
      guard peek("-"), at + 1 < text.count, text[at + 1] != "]" else {
        set.formUnion(first)
        continue
      }
      at += 1
      let last = try classAtom()
      guard let from = first.single, let to = last.single else {
        throw PatternFault(message: "a range's ends must be characters")
      }
      guard from <= to else { throw PatternFault(message: "a range's ends are in the wrong order") }
      set.insert(from...to)
    }
    guard take("]") else { throw PatternFault(message: "a class is not closed") }
    set.isNegated = isNegated
    return set
  }

  private mutating func classAtom() throws(PatternFault) -> ScalarSet {
    guard let scalar = next else { throw PatternFault(message: "a class is not closed") }
    at += 1
    return scalar == "\\" ? try classEscape(isInClass: true) : ScalarSet(scalar)
  }
}

extension ScalarSet {
  /// The one scalar that it holds.
  fileprivate var single: UInt32? {
    guard !isNegated, ranges.count == 1, ranges[0].lowerBound == ranges[0].upperBound else { return nil }
    return ranges[0].lowerBound
  }
}

extension UInt32: @retroactive ExpressibleByUnicodeScalarLiteral {
  public init(unicodeScalarLiteral value: Unicode.Scalar) { self = value.value }
}
