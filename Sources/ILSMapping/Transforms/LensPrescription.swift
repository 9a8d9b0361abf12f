/// A lens as an optometrist writes it: `-2.50/-1.00x90 add +2.00 2 BU`.
struct LensPrescription: Equatable {
  /// A power in thousandths of a dioptre, with as many decimals as were written.
  struct Power: Equatable {
    var thousandths: Int
    var decimals: Int

    static let plano = Power(thousandths: 0, decimals: 0)

    static func + (a: Power, b: Power) -> Power {
      Power(thousandths: a.thousandths + b.thousandths, decimals: max(a.decimals, b.decimals))
    }

    static prefix func - (power: Power) -> Power { Power(thousandths: -power.thousandths, decimals: power.decimals) }

    /// As a JSON number.
    var json: [UInt8] {
      let size = thousandths.magnitude
      var text = (thousandths < 0 ? "-" : "") + String(size / 1000)
      if decimals > 0 {
        let fraction = String(size % 1000)
        text += "." + (String(repeating: "0", count: 3 - fraction.count) + fraction).prefix(decimals)
      }
      return Array(text.utf8)
    }
  }

  var sphere = Power.plano
  /// Absent in a spherical lens.
  var cylinder: Power?
  /// 1 to 180 degrees; there where a cylinder is.
  var axis: Int?
  var add: Power?
  var prism: Power?
  /// `up`, `down`, `in` or `out`.
  var base: String?

  /// The same lens with the other sign of its cylinder: the sphere takes the cylinder, and the axis turns by 90 degrees.
  var transposed: LensPrescription {
    guard let cylinder, let axis else { return self }
    var other = self
    other.sphere = sphere + cylinder
    other.cylinder = -cylinder
    other.axis = axis > 90 ? axis - 90 : axis + 90
    return other
  }

  /// Reads one lens; nil where the text holds anything that is no part of one, a cylinder without axis, or two of a kind.
  init?(_ text: String) {
    var words = LensWords(text)
    guard let sphere = words.takePower(orPlano: true) else { return nil }
    self.sphere = sphere
    words.take("ds", "d", "sph", "dsph", "sphere")
    let isParted = words.take("/")
    // A number behind add or in front of a base is none of the cylinder's.
    if let power = words.takeCylinder() {
      words.take("dc", "d", "cyl", "dcyl")
      words.take("/")
      guard words.take("x", "ax", "axis", "@"), let axis = words.takeAxis() else { return nil }
      (cylinder, self.axis) = (power, axis)
    } else if isParted, !words.take("ds", "sph", "-") {
      return nil
    }
    while !words.isEmpty {
      words.take("/")
      if words.take("add", "addition") {
        guard add == nil, let power = words.takePower(orPlano: false) else { return nil }
        add = power
        words.take("d", "ds")
      } else {
        guard prism == nil, let power = words.takePower(orPlano: false), power.thousandths > 0 else { return nil }
        words.take("\u{394}", "\u{2206}", "pd", "^")
        guard let base = words.takeBase() else { return nil }
        (prism, self.base) = (power, base)
      }
    }
  }
}

/// The numbers, words and signs of a prescription, one after another.
private struct LensWords {
  private var words: ArraySlice<String>

  init(_ text: String) {
    var words: [String] = []
    var word = ""
    func flush() {
      if !word.isEmpty { words.append(word) }
      word = ""
    }
    for character in text.lowercased() {
      switch character {
      case "0"..."9", ".":
        if word.last?.isLetter == true { flush() }
        word.append(character)
      // A decimal sign only inside a number.
      case "," where word.last?.isNumber == true: word.append(".")
      case "+", "-", "\u{2212}", "\u{2013}":
        flush()
        word = character == "+" ? "+" : "-"
      case "\u{D7}", "*":
        flush()
        words.append("x")
      case "/", "@", "^", "\u{394}", "\u{2206}", "\u{3B4}":
        flush()
        words.append(character == "\u{3B4}" ? "\u{394}" : String(character))
      case "\u{B0}": flush()
      case " ", "\u{A0}", "\t", ":", ";":
        // A sign may stand apart from its number.
        if word != "+" && word != "-" { flush() }
      default:
        if word.last?.isLetter == false { flush() }
        word.append(character)
      }
    }
    flush()
    self.words = words[...]
  }

  var isEmpty: Bool { words.isEmpty }

  /// Passes over the next word if it is one of `known`.
  @discardableResult
  mutating func take(_ known: String...) -> Bool {
    guard let word = words.first, known.contains(word) else { return false }
    words.removeFirst()
    return true
  }

  mutating func takePower(orPlano: Bool) -> LensPrescription.Power? {
    if orPlano, take("plano", "pl", "plan", "pln", "\u{221E}", "ds", "sph") { return .plano }
    guard let word = words.first, let power = Self.power(word) else { return nil }
    words.removeFirst()
    return power
  }

  /// The next number, where an axis follows it or its unit.
  mutating func takeCylinder() -> LensPrescription.Power? {
    guard let word = words.first, let power = Self.power(word) else { return nil }
    let rest = words.dropFirst().drop { ["dc", "d", "cyl", "dcyl", "/"].contains($0) }
    guard let next = rest.first, ["x", "ax", "axis", "@"].contains(next) else { return nil }
    // 2 @ 90 may as well be a prism and the direction of its base.
    if next == "@", !word.hasPrefix("+"), !word.hasPrefix("-") { return nil }
    words.removeFirst()
    return power
  }

  /// 0 to 180 degrees; 0 is written 180.
  mutating func takeAxis() -> Int? {
    guard let word = words.first, let axis = Axis.degrees(word) else { return nil }
    words.removeFirst()
    take("deg", "degrees")
    return axis
  }

  mutating func takeBase() -> String? {
    let names = ["up": "u", "down": "d", "in": "i", "out": "o"]
    let isNamed = take("base")
    guard let word = words.first else { return nil }
    let known = names.first { word == $0.key && isNamed || word == "b" + $0.value || (isNamed && word == $0.value) }
    guard let known else { return nil }
    words.removeFirst()
    return known.key
  }

  /// A power of up to 40 dioptres with at most three decimals; hundredths without their point are none.
  private static func power(_ word: String) -> LensPrescription.Power? {
    guard let number = try? Diopter.number(word), number.fraction.count <= 3,
      let whole = Int(String(decoding: number.whole, as: UTF8.self))
    else { return nil }
    let digits = String(decoding: number.fraction, as: UTF8.self)
    let fraction = Int(digits + String(repeating: "0", count: 3 - digits.count)) ?? 0
    let size = whole * 1000 + fraction
    return LensPrescription.Power(thousandths: number.isNegative ? -size : size, decimals: number.fraction.count)
  }
}
