/// A word of a date, without case and accents: English, French, German, Spanish, Italian and Dutch.
struct DateWord {
  private var letters: InlineArray<16, UInt8> = .init(repeating: 0)
  private var count = 0

  /// Nil where it holds letters that none of the languages has, or is longer than all that is known.
  init?(_ text: UnsafeRawBufferPointer) {
    var at = 0
    while at < text.count {
      let byte = text[at]
      if byte < 0x80 {
        guard append(byte | 0x20) else { return nil }
        at += 1
        continue
      }
      guard at + 1 < text.count else { return nil }
      switch (byte, text[at + 1]) {
      case (0xC3, let trail):
        guard let letter = DateWord.base(trail), append(letter) else { return nil }
      // Accents that stand behind their letter, and the small o and a of ordinals.
      case (0xCC, _), (0xC2, 0xAA), (0xC2, 0xBA): break
      default: return nil
      }
      at += 2
    }
  }

  private mutating func append(_ letter: UInt8) -> Bool {
    guard count < 16 else { return false }
    letters[count] = letter
    count += 1
    return true
  }

  /// The letter without its accent, for the second byte of U+00C0 to U+00FF.
  private static func base(_ trail: UInt8) -> UInt8? {
    switch trail | 0x20 {
    case 0xA0...0xA5: UInt8(ascii: "a")
    case 0xA7: UInt8(ascii: "c")
    case 0xA8...0xAB: UInt8(ascii: "e")
    case 0xAC...0xAF: UInt8(ascii: "i")
    case 0xB1: UInt8(ascii: "n")
    case 0xB2...0xB6: UInt8(ascii: "o")
    case 0xB9...0xBC: UInt8(ascii: "u")
    default: nil
    }
  }

  /// The month that it names in full or by its first three or four letters, 1 to 12; nil where it is none, or, as `jui`,
  /// could be two.
  var month: Int? {
    guard count >= 3 else { return nil }
    var found: Int?
    for (index, names) in DateWord.months.enumerated() where names.contains(where: { begins($0, atMost: 4) }) {
      if found != nil { return nil }
      found = index + 1
    }
    return found
  }

  /// The weekday that it names, 0 for Monday; English ones by their first three or four letters too.
  var weekday: Int? {
    guard count >= 3 else { return nil }
    return DateWord.weekdays.firstIndex { names in
      names.enumerated().contains { begins($1, atMost: $0 == 0 ? 4 : 0) }
    }
  }

  /// Whether it is a little word between the parts of a date.
  var isPassedOver: Bool { count == 0 || DateWord.littleWords.contains { begins($0, atMost: 0) } }

  /// Whether it is `name`, or not more than `most` of its first letters.
  private func begins(_ name: StaticString, atMost most: Int) -> Bool {
    guard count == name.utf8CodeUnitCount || (count <= most && count < name.utf8CodeUnitCount) else { return false }
    return (0..<count).allSatisfy { letters[$0] == name.utf8Start[$0] }
  }

  private static let months: [[StaticString]] = [
    ["january", "janvier", "januar", "janner", "enero", "gennaio", "januari"],
    ["february", "fevrier", "februar", "febrero", "febbraio", "februari"],
    ["march", "mars", "marz", "maerz", "mrz", "marzo", "maart", "mrt"],
    ["april", "avril", "abril", "aprile"],
    ["may", "mai", "mayo", "maggio", "mei"],
    ["june", "juin", "juni", "junio", "giugno"],
    ["july", "juillet", "juli", "julio", "luglio"],
    ["august", "aout", "agosto", "augustus"],
    ["september", "septembre", "septiembre", "setiembre", "settembre"],
    ["october", "octobre", "oktober", "octubre", "ottobre"],
    ["november", "novembre", "noviembre"],
    ["december", "decembre", "dezember", "diciembre", "dicembre"],
  ]
  private static let weekdays: [[StaticString]] = [
    ["monday", "lundi", "montag", "lunes", "lunedi", "maandag"],
    ["tuesday", "mardi", "dienstag", "martes", "martedi", "dinsdag"],
    ["wednesday", "mercredi", "mittwoch", "miercoles", "mercoledi", "woensdag"],
    ["thursday", "jeudi", "donnerstag", "jueves", "giovedi", "donderdag"],
    ["friday", "vendredi", "freitag", "viernes", "venerdi", "vrijdag"],
    ["saturday", "samedi", "samstag", "sonnabend", "sabado", "sabato", "zaterdag"],
    ["sunday", "dimanche", "sonntag", "domingo", "domenica", "zondag"],
  ]
  private static let littleWords: [StaticString] = [
    "of", "on", "at", "the", "ad", "de", "del", "di", "le", "el", "il", "der", "den", "am", "er", "e",
  ]
}
