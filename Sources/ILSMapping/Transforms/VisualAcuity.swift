import Glibc
import ILSRecord

/// What an eye sees: `6/6`, `20/40-2`, `0.3 logMAR`, `CF`; in one notation where that is asked for.
///
/// A decimal number alone may be decimal acuity or logMAR, which are each other's opposites: the mapping says which.
struct VisualAcuity: Transform {
  enum Notation: String, CaseIterable, Sendable {
    case metres, feet, decimal, logmar
  }

  /// What a number alone is; nil: nobody said.
  let input: Notation?
  /// What it becomes; nil: as it was written, in one spelling.
  let output: Notation?

  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let words = try run.loadTrimmed(value)?.lowercased() else { return }
    if let category = Self.category(words) {
      guard output != .decimal, output != .logmar else {
        throw RecordError(
          .acuityUnreadable, "\(category) is no number: keep it as it is, or map it with a values table")
      }
      return run.become(category)
    }
    guard let acuity = try read(words) else {
      throw RecordError(
        .acuityUnreadable, "not a visual acuity, such as 6/6, 20/40-2, 0.3 logMAR, CF, HM, PL or NPL")
    }
    run.become(acuity.text(output))
  }

  /// Counts fingers, sees a hand move, perceives light, or does not: where letters are not seen any more.
  private static func category(_ words: String) -> String? {
    let name = words.filter { $0.isLetter }
    switch name {
    case "cf", "fc", "countfingers", "countingfingers", "fingercounting": return "CF"
    case "hm", "handmovement", "handmovements", "handmotion": return "HM"
    case "pl", "lp", "perceptionoflight", "lightperception": return "PL"
    case "npl", "nlp", "nolightperception", "noperceptionoflight": return "NPL"
    default: return nil
    }
  }

  private func read(_ words: String) throws(RecordError) -> Acuity? {
    var text = words
    var named: Notation?
    for name in ["logmar", "log mar"] where text.contains(name) {
      text = text.replacing(name, with: "")
      named = .logmar
    }
    text = String(text.filter { !$0.isWhitespace && $0 != ":" })
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2, named == nil { return Acuity(fraction: String(parts[0]), String(parts[1])) }
    guard parts.count == 1, let number = Acuity.hundredths(text) else { return nil }
    guard let notation = named ?? input else {
      throw RecordError(
        .acuityUnreadable, "a number alone may be decimal acuity or logMAR: say which as input of the transform")
    }
    return Acuity(hundredths: number, notation)
  }
}

/// One acuity as it was written.
private struct Acuity {
  /// The distance of the chart; 0 for a number alone.
  private var distance = 0
  /// In hundredths: the size of the letters, or the number.
  private let size: Int
  /// Letters read beyond the line, or missed of it.
  private var letters = 0
  private let notation: VisualAcuity.Notation

  /// `6` and `7.5-2`: from 6 metres, 20 feet, or near.
  init?(fraction distance: String, _ line: String) {
    guard let metres = Int(distance), [1, 2, 3, 4, 5, 6, 20].contains(metres) else { return nil }
    var line = line
    if let sign = line.lastIndex(where: { "+-\u{2212}".contains($0) }) {
      let count = line[line.index(after: sign)...]
      guard let letters = count.isEmpty ? 1 : Int(count), (0...5).contains(letters) else { return nil }
      self.letters = line[sign] == "+" ? letters : -letters
      line = String(line[..<sign])
    }
    guard let size = Self.hundredths(line), size >= 100, size <= 240_000 else { return nil }
    (self.distance, self.size, notation) = (metres, size, metres == 20 ? .feet : .metres)
  }

  init?(hundredths: Int, _ notation: VisualAcuity.Notation) {
    guard notation == .logmar ? (-50...300).contains(hundredths) : (1...300).contains(hundredths) else { return nil }
    (size, self.notation) = (hundredths, notation)
  }

  /// A number with two decimals at most, with a comma or a point.
  static func hundredths(_ text: String) -> Int? {
    let isNegative = text.hasPrefix("-") || text.hasPrefix("\u{2212}")
    let digits = (isNegative ? text.dropFirst() : text.hasPrefix("+") ? text.dropFirst() : text[...])
      .split(separator: text.contains(",") ? "," : ".", omittingEmptySubsequences: false)
    guard let whole = digits.first, digits.count <= 2, digits.allSatisfy({ $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }),
      whole.utf8.count <= 4, let number = Int(whole.isEmpty ? "0" : whole)
    else { return nil }
    let fraction = digits.count == 2 ? digits[1] : ""
    guard fraction.utf8.count <= 2, !(whole.isEmpty && fraction.isEmpty) else { return nil }
    let size = number * 100 + (Int((fraction + "00").prefix(2)) ?? 0)
    return isNegative ? -size : size
  }

  func text(_ output: VisualAcuity.Notation?) -> String {
    if output == nil || output == notation && (distance == 0 || distance == 6 || distance == 20) { return written }
    switch output ?? notation {
    case .logmar: return Self.rounded(logMAR, digits: 2)
    case .decimal: return Self.rounded(pow(10, -logMAR), digits: 2)
    // Of another chart: the letters are counted in.
    case .metres: return "6/" + Self.rounded(6 * minutes, digits: 1)
    case .feet: return "20/" + Self.rounded(20 * minutes, digits: 0)
    }
  }

  private var written: String {
    let number = Self.plain(size)
    guard distance > 0 else { return notation == .logmar ? "\(number) logMAR" : number }
    return "\(distance)/\(number)" + (letters == 0 ? "" : letters > 0 ? "+\(letters)" : "\(letters)")
  }

  /// The smallest angle that is resolved, in minutes of arc: the size that is seen, over what is normal.
  private var minutes: Double { pow(10, logMAR) }

  /// A letter is a fiftieth, as on charts of five letters a line (Bailey and Lovie, 1976).
  private var logMAR: Double {
    switch notation {
    case .logmar: Double(size) / 100
    case .decimal: -log10(Double(size) / 100)
    case .metres, .feet: log10(Double(size) / 100 / Double(distance)) - Double(letters) * 0.02
    }
  }

  private static func plain(_ hundredths: Int) -> String { rounded(Double(hundredths) / 100, digits: 2) }

  /// Without zeros behind the last decimal that counts.
  private static func rounded(_ number: Double, digits: Int) -> String {
    let scale = [1.0, 10, 100][digits]
    let scaled = Int((number * scale).rounded())
    var text = String(scaled.magnitude)
    text = String(repeating: "0", count: max(digits + 1 - text.count, 0)) + text
    var whole = String(text.dropLast(digits))
    var fraction = String(text.suffix(digits))
    while fraction.last == "0" { fraction.removeLast() }
    if scaled < 0 { whole = "-" + whole }
    return fraction.isEmpty ? whole : whole + "." + fraction
  }
}

extension NamedTransform {
  static let visualAcuity = NamedTransform(
    "visual_acuity",
    [
      .init("input", .choice(["decimal", "logmar"])),
      .init("output", .choice(VisualAcuity.Notation.allCases.map(\.rawValue))),
    ],
    isIdempotent: false,
    examples: [
      ("", "6/6", "6/6"), ("", "6 / 7.5", "6/7.5"), ("", "6/9-2", "6/9-2"), ("", "20/20", "20/20"),
      ("", "20/40+", "20/40+1"),
      ("", "0.3 LogMAR", "0.3 logMAR"), ("", "cf", "CF"), ("", "Count Fingers", "CF"), ("", "HM", "HM"),
      ("", "LP", "PL"),
      ("", "NLP", "NPL"), ("", "0.3", "acuity.unreadable"), ("", "N5", "acuity.unreadable"),
      ("", "7/6", "acuity.unreadable"),
      ("", "6/0", "acuity.unreadable"), ("", "6/6/6", "acuity.unreadable"), ("", " ", "null"),
      ("", "6/6-9", "acuity.unreadable"),
      (#""input":"decimal""#, "0,5", "0.5"), (#""input":"logmar""#, "-0.1", "-0.1 logMAR"),
      (#""input":"decimal""#, "-0.1", "acuity.unreadable"), (#""output":"logmar""#, "6/6", "0"),
      (#""output":"logmar""#, "6/60", "1"), (#""output":"logmar""#, "6/9-2", "0.22"),
      (#""output":"logmar""#, "20/10", "-0.3"),
      (#""output":"logmar""#, "CF", "acuity.unreadable"), (#""output":"feet""#, "6/6", "20/20"),
      (#""output":"feet""#, "6/12", "20/40"), (#""output":"feet""#, "6/60", "20/200"),
      (#""output":"metres""#, "20/25", "6/7.5"),
      (#""output":"metres""#, "20/20", "6/6"), (#""output":"metres""#, "3/60", "6/120"),
      (#""output":"metres""#, "6/9-2", "6/9-2"),
      (#""output":"metres""#, "HM", "HM"), (#""output":"decimal""#, "6/12", "0.5"),
      (#""output":"decimal""#, "6/9", "0.67"),
      (#""input":"logmar","output":"metres""#, "0.1", "6/7.6"), (#""input":"decimal","output":"feet""#, "0.5", "20/40"),
      (#""input":"decimal","output":"logmar""#, "0.5", "0.3"),
    ]
  ) { options in
    [
      VisualAcuity(
        input: options.text("input").flatMap { VisualAcuity.Notation(rawValue: $0) },
        output: options.text("output").flatMap { VisualAcuity.Notation(rawValue: $0) })
    ]
  }
}
