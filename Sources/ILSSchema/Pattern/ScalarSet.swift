/// A set of Unicode scalars: ranges, general categories and binary properties, or all that is not in them.
struct ScalarSet: Equatable, Sendable {
  private(set) var ranges: [ClosedRange<UInt32>] = []
  /// A bit for each general category.
  private var categories: UInt32 = 0
  private var properties: [Property] = []
  var isNegated = false

  /// Properties that are no general categories (UTS #18, 1.2; ECMA-262, table "Binary Unicode property aliases").
  enum Property: String, Equatable, Sendable {
    case alphabetic = "Alphabetic"
    case lowercase = "Lowercase"
    case uppercase = "Uppercase"
    case whiteSpace = "White_Space"
    case emoji = "Emoji"
    case ideographic = "Ideographic"
    case idStart = "ID_Start"
    case idContinue = "ID_Continue"
    case hexDigit = "Hex_Digit"
  }

  init(_ ranges: [ClosedRange<UInt32>] = []) { self.ranges = ranges }

  init(_ scalar: UInt32) { ranges = [scalar...scalar] }

  static let digits = ScalarSet([0x30...0x39])
  static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  /// White space and line ends as ECMA-262 has them.
  static let space = ScalarSet([
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
    0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ])
  /// What `.` stands for: all but line ends.
  static let notLineEnd = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]).inverted

  var inverted: ScalarSet {
    var copy = self
    copy.isNegated.toggle()
    return copy
  }

  /// The ranges of a set that has nothing else, its negation worked out.
  private var plainRanges: [ClosedRange<UInt32>]? {
    guard categories == 0, properties.isEmpty else { return nil }
    guard isNegated else { return ranges }
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
      next = max(next, range.upperBound + 1)
    }
    return next <= 0x10FFFF ? gaps + [next...0x10FFFF] : gaps
  }

  mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

  /// Adds all of another set.
  mutating func formUnion(_ other: ScalarSet) {
    if let plain = other.plainRanges {
      ranges += plain
    } else {
      categories |= other.isNegated ? ~other.categories & Self.allCategories : other.categories
      properties += other.properties
    }
  }

  func contains(_ scalar: UInt32) -> Bool {
    if ranges.contains(where: { $0.contains(scalar) }) { return !isNegated }
    guard categories != 0 || !properties.isEmpty, let unicode = Unicode.Scalar(scalar) else { return isNegated }
    if categories & (1 << Self.bit(unicode.properties.generalCategory)) != 0 { return !isNegated }
    return properties.contains { $0.holds(unicode) } != isNegated
  }

  // MARK: - Properties by name

  private static let names: [String] = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
    "Sc",
    "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]
  private static var allCategories: UInt32 { (1 << 30) - 1 }

  private static let longNames: [String: String] = [
    "Letter": "L", "Cased_Letter": "LC", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd",
    "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps", "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf", "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc", "cntrl": "Cc", "Format": "Cf", "Surrogate": "Cs",
    "Private_Use": "Co", "Unassigned": "Cn",
  ]

  private static let shortProperties: [String: Property] = [
    "Alpha": .alphabetic, "Lower": .lowercase, "Upper": .uppercase, "space": .whiteSpace, "Ideo": .ideographic,
    "IDS": .idStart, "IDC": .idContinue, "Hex": .hexDigit,
  ]

  /// The set that `\p{name}` stands for; nil for a name that is not known here.
  init?(property name: String) {
    var name = name
    for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
    if name == "Any" || name == "ASCII" {
      ranges = [0...(name == "Any" ? 0x10FFFF : 0x7F)]
    } else if name == "Assigned" {
      categories = Self.allCategories & ~(1 << 29)
    } else if let property = Property(rawValue: name) ?? Self.shortProperties[name] {
      properties = [property]
    } else {
      let short = Self.longNames[name] ?? name
      let wanted =
        short == "LC"
        ? ["Lu", "Ll", "Lt"] : Self.names.filter { $0 == short || (short.count == 1 && $0.hasPrefix(short)) }
      guard !wanted.isEmpty else { return nil }
      for name in wanted { categories |= 1 << UInt32(Self.names.firstIndex(of: name) ?? 0) }
    }
  }

  private static func bit(_ category: Unicode.GeneralCategory) -> UInt32 {
    switch category {
    case .uppercaseLetter: 0
    case .lowercaseLetter: 1
    case .titlecaseLetter: 2
    case .modifierLetter: 3
    case .otherLetter: 4
    case .nonspacingMark: 5
    case .spacingMark: 6
    case .enclosingMark: 7
    case .decimalNumber: 8
    case .letterNumber: 9
    case .otherNumber: 10
    case .connectorPunctuation: 11
    case .dashPunctuation: 12
    case .openPunctuation: 13
    case .closePunctuation: 14
    case .initialPunctuation: 15
    case .finalPunctuation: 16
    case .otherPunctuation: 17
    case .mathSymbol: 18
    case .currencySymbol: 19
    case .modifierSymbol: 20
    case .otherSymbol: 21
    case .spaceSeparator: 22
    case .lineSeparator: 23
    case .paragraphSeparator: 24
    case .control: 25
    case .format: 26
    case .surrogate: 27
    case .privateUse: 28
    default: 29
    }
  }
}

extension ScalarSet.Property {
  func holds(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .alphabetic: scalar.properties.isAlphabetic
    case .lowercase: scalar.properties.isLowercase
    case .uppercase: scalar.properties.isUppercase
    case .whiteSpace: scalar.properties.isWhitespace
    case .emoji: scalar.properties.isEmoji
    case .ideographic: scalar.properties.isIdeographic
    case .idStart: scalar.properties.isIDStart
    case .idContinue: scalar.properties.isIDContinue
    case .hexDigit: scalar.properties.isHexDigit
    }
  }
}
