import ILSRecord

/// The fonts and fills of a workbook (ECMA-376 part 1, 18.8.22 and 18.8.20), as far as they mark what a cell holds.
struct XLSXLooks {
  private var isInFonts = false
  private var isInFills = false
  private(set) var struck: Set<Int> = []
  /// The colour of each font, and of each fill that is of one colour; nil where nothing is said.
  private var fonts: [String?] = []
  private var fills: [String?] = []
  /// The pattern of the present fill lets one colour alone be seen.
  private var isPlain = false

  private static let (font, fontsKey) = (XMLName.key("font"), XMLName.key("fonts"))
  private static let (fill, fillsKey) = (XMLName.key("fill"), XMLName.key("fills"))
  private static let (color, front) = (XMLName.key("color"), XMLName.key("fgColor"))
  private static let pattern = XMLName.key("patternFill")
  private static let gradient = XMLName.key("gradientFill")
  /// A fill whose colour is not known.
  private static let unknown = "?"
  private static var limit: Int { 65_536 }

  /// Takes note of the element at hand.
  mutating func take(_ kind: XMLTokens.Kind, _ tokens: borrowing XMLTokens) {
    if tokens.name == Self.fontsKey, kind == .open || kind == .close { isInFonts = kind == .open }
    if tokens.name == Self.fillsKey, kind == .open || kind == .close { isInFills = kind == .open }
    guard kind == .open || kind == .empty else { return }
    if isInFonts { takeFont(tokens) } else if isInFills { takeFill(tokens) }
  }

  private mutating func takeFont(_ tokens: borrowing XMLTokens) {
    if tokens.name == Self.font, fonts.count < Self.limit { fonts.append(nil) }
    guard !fonts.isEmpty else { return }
    if SharedStrings.isStrike(tokens) { struck.insert(fonts.count - 1) }
    if tokens.name == Self.color { fonts[fonts.count - 1] = XLSXLooks.colour(tokens) }
  }

  private mutating func takeFill(_ tokens: borrowing XMLTokens) {
    if tokens.name == Self.fill, fills.count < Self.limit { fills.append(nil) }
    guard !fills.isEmpty else { return }
    if tokens.name == Self.pattern {
      let pattern = tokens.attribute("patternType") ?? "none"
      isPlain = pattern == "solid"
      fills[fills.count - 1] = pattern == "none" ? nil : Self.unknown
    } else if tokens.name == Self.gradient {
      (isPlain, fills[fills.count - 1]) = (false, Self.unknown)
    } else if tokens.name == Self.front, isPlain {
      fills[fills.count - 1] = XLSXLooks.colour(tokens)
    }
  }

  /// Adds the next font, of a binary workbook.
  mutating func addFont(isStruck: Bool, colour: String?) {
    guard fonts.count < Self.limit else { return }
    if isStruck { struck.insert(fonts.count) }
    fonts.append(colour)
  }

  /// Adds the next fill, of a binary workbook: pattern 0 is none, 1 is of one colour.
  mutating func addFill(pattern: Int, colour: String?) {
    if fills.count < Self.limit { fills.append(pattern == 0 ? nil : pattern == 1 ? colour : Self.unknown) }
  }

  /// What a cell of these says of what it holds. Text is black and a sheet white where nothing is said.
  func mark(font: Int, fill: Int) -> StyleTable.Mark {
    var mark: StyleTable.Mark = struck.contains(font) ? .struck : []
    let text = fonts.indices.contains(font) ? fonts[font] ?? "000000" : "000000"
    let ground = fills.indices.contains(fill) ? fills[fill] ?? "FFFFFF" : "FFFFFF"
    if text == ground, text != Self.unknown { mark.insert(.unseen) }
    return mark
  }

  /// A colour (18.8.3), in one spelling where it is white or black.
  private static func colour(_ tokens: borrowing XMLTokens) -> String? {
    if let rgb = tokens.attribute("rgb") { return String(rgb.suffix(6)).uppercased() }
    if let index = tokens.attribute("indexed") { return colour(indexed: index) }
    guard let theme = tokens.attribute("theme") else { return nil }
    return colour(theme: theme, tint: tokens.attribute("tint").flatMap { Double($0) } ?? 0)
  }

  static func colour(indexed index: String) -> String {
    switch index {
    case "0", "8", "64": "000000"
    case "1", "9", "65": "FFFFFF"
    default: "indexed \(index)"
    }
  }

  static func colour(theme: String, tint: Double) -> String {
    if tint == 0, theme == "0" || theme == "1" { return theme == "0" ? "FFFFFF" : "000000" }
    return "theme \(theme) \(tint)"
  }
}
