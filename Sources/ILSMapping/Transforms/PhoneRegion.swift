/// A country's calling code, what stands in front of its numbers at home, and how long they are (ITU-T E.164, E.164.1).
public struct PhoneRegion: Equatable, Sendable {
  /// ISO 3166-1.
  public let name: String
  let callingCode: String
  /// Dialled inside the country alone.
  let trunk: String
  /// Digits of a national number, without `trunk`.
  let lengths: ClosedRange<Int>
  /// What reaches other countries from here.
  let exit: String

  private init(_ name: String, _ callingCode: String, _ trunk: String, _ lengths: ClosedRange<Int>, exit: String = "00")
  {
    self.name = name
    self.callingCode = callingCode
    self.trunk = trunk
    self.lengths = lengths
    self.exit = exit
  }

  public init?(_ name: String) {
    guard let known = PhoneRegion.all.first(where: { $0.name == name.uppercased() }) else { return nil }
    self = known
  }

  public static var names: [String] { all.map(\.name).sorted() }

  static let unitedStates = PhoneRegion("US", "1", "1", 10...10, exit: "011")

  private static let all: [PhoneRegion] = [
    unitedStates, .init("CA", "1", "1", 10...10, exit: "011"), .init("PR", "1", "1", 10...10, exit: "011"),
    .init("JM", "1", "1", 10...10, exit: "011"), .init("GB", "44", "0", 7...10), .init("IE", "353", "0", 7...10),
    .init("FR", "33", "0", 9...9), .init("DE", "49", "0", 5...13), .init("ES", "34", "", 9...9),
    .init("IT", "39", "", 6...12), .init("PT", "351", "", 9...9), .init("NL", "31", "0", 7...11),
    .init("BE", "32", "0", 8...9), .init("LU", "352", "", 4...11), .init("CH", "41", "0", 9...12),
    .init("AT", "43", "0", 4...13), .init("DK", "45", "", 8...8), .init("SE", "46", "0", 6...10),
    .init("NO", "47", "", 5...8), .init("FI", "358", "0", 5...12), .init("IS", "354", "", 7...9),
    .init("PL", "48", "", 9...9), .init("CZ", "420", "", 9...12), .init("SK", "421", "0", 6...9),
    .init("HU", "36", "06", 8...9), .init("RO", "40", "0", 9...9), .init("BG", "359", "0", 6...9),
    .init("GR", "30", "", 10...10), .init("HR", "385", "0", 6...9), .init("SI", "386", "0", 5...8),
    .init("RS", "381", "0", 6...12), .init("UA", "380", "0", 9...10), .init("TR", "90", "0", 10...10),
    .init("IL", "972", "0", 8...10), .init("ZA", "27", "0", 9...9), .init("NG", "234", "0", 8...11),
    .init("KE", "254", "0", 7...10), .init("EG", "20", "0", 8...10), .init("IN", "91", "0", 10...11),
    .init("PK", "92", "0", 9...10), .init("BD", "880", "0", 8...10), .init("CN", "86", "0", 7...12, exit: "00"),
    .init("HK", "852", "", 8...11, exit: "001"), .init("SG", "65", "", 8...11, exit: "001"),
    .init("MY", "60", "0", 8...10), .init("PH", "63", "0", 8...11), .init("ID", "62", "0", 8...12, exit: "001"),
    .init("TH", "66", "0", 8...10, exit: "001"), .init("VN", "84", "0", 7...10),
    .init("JP", "81", "0", 9...10, exit: "010"),
    .init("KR", "82", "0", 8...10), .init("TW", "886", "0", 8...9), .init("AU", "61", "0", 9...10, exit: "0011"),
    .init("NZ", "64", "0", 8...10), .init("MX", "52", "01", 10...11), .init("BR", "55", "0", 10...11),
    .init("AR", "54", "0", 10...11), .init("CL", "56", "", 9...11), .init("CO", "57", "", 8...11),
    .init("PE", "51", "0", 8...9), .init("AE", "971", "0", 8...9), .init("SA", "966", "0", 9...10),
  ]

  /// The number as `+` and digits; nil where it cannot be one of this region, or of the world.
  /// - Parameter text: a number without an extension; punctuation is passed over.
  func e164(_ text: String) -> (number: String, isNational: Bool)? {
    var digits = ""
    var isInternational = false
    for (index, character) in text.replacingTrunk.enumerated() {
      switch character {
      case "0"..."9": digits.append(character)
      case "+":
        guard digits.isEmpty, !isInternational else { return nil }
        isInternational = true
      case " ", "\u{A0}", "-", ".", "/", "(", ")", "\u{2010}"..."\u{2013}": continue
      default: return nil
      }
      if index > 40 { return nil }
    }
    if !isInternational, digits.hasPrefix(exit) {
      digits.removeFirst(exit.count)
      isInternational = true
    }
    if isInternational {
      guard (6...15).contains(digits.count), !digits.hasPrefix("0") else { return nil }
      if digits.hasPrefix("1") { guard PhoneRegion.isNANP(digits.dropFirst()) else { return nil } }
      return ("+" + digits, false)
    }
    var national = Substring(digits)
    if !trunk.isEmpty, national.hasPrefix(trunk), lengths.contains(national.count - trunk.count) {
      national = national.dropFirst(trunk.count)
    }
    guard lengths.contains(national.count), callingCode.count + national.count <= 15,
      callingCode != "1" || PhoneRegion.isNANP(national)
    else { return nil }
    return ("+" + callingCode + national, true)
  }

  /// Ten digits whose area and exchange codes do not start with 0 or 1 (North American Numbering Plan).
  private static func isNANP(_ digits: Substring) -> Bool {
    let digits = Array(digits.utf8)
    return digits.count == 10 && digits[0] >= UInt8(ascii: "2") && digits[3] >= UInt8(ascii: "2")
  }
}

extension String {
  /// Without the `(0)` of `+44 (0)20 7946 0018`.
  fileprivate var replacingTrunk: String {
    guard hasPrefix("+"), let open = firstIndex(of: "("), self[open...].hasPrefix("(0)") else { return self }
    return String(self[..<open]) + self[index(open, offsetBy: 3)...]
  }
}
