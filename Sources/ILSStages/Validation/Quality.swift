import CScan
import ILSRecord

/// In which way a field's values may be right and yet look wrong: an entry of `x-ils.quality` (ils-schema(5)).
enum QualityKind: String, Sendable, CaseIterable {
  case name, phone, email, birth
  /// Names whose order is looked at too.
  case given = "givenName"
  case family = "familyName"

  static func read(_ json: JSONValue, _ faults: inout [Schema.Fault]) -> [(field: String, kind: QualityKind)] {
    (json["x-ils"]?["quality"]?.members ?? []).compactMap { field, value in
      if let kind = value.string.flatMap(QualityKind.init) { return (field, kind) }
      faults.append(
        Schema.Fault(
          place: "/x-ils/quality/\(field)",
          message: "must be one of: \(allCases.map(\.rawValue).joined(separator: ", "))"))
      return nil
    }
  }
}

/// Looks for values that are right and yet look wrong: placeholders, mistyped domains, too many of the same.
///
/// Single values are told as they come; what is only strange in excess, at the end. Memory is fixed.
struct QualityWatch {
  let isNeeded: Bool
  private var seen = 0
  private var birthdays = 0
  private var firstOfCentury = 0
  private var phones: Repeats
  private var emails: Repeats
  private var order = NameOrder()

  init(isNeeded: Bool) {
    self.isNeeded = isNeeded
    (phones, emails) = (Repeats(isNeeded: isNeeded), Repeats(isNeeded: isNeeded))
  }

  /// Looks at the values of a record that passed.
  @inline(__always)
  mutating func look(
    _ fields: UnsafeBufferPointer<ValidatePlan.QualityField>, _ record: Record, _ emit: inout Emitter
  ) {
    for number in 0..<fields.count {
      let value = record[fields[number].index]
      guard value.kind == .string, !value.isAbsent else { continue }
      let text = value.text
      var code: StaticString = ""
      switch fields[number].kind {
      case .name, .given, .family:
        if Self.placeholders.mayHold(text) { code = Self.judge(name: text) }
        if fields[number].kind != .name { order.look(text, isGiven: fields[number].kind == .given) }
      case .phone:
        if ils_repeats_one_digit(text.baseAddress, text.count) != 0 {
          code = "quality.placeholder"
        } else {
          phones.add(text)
        }
      case .email:
        emails.add(text)
        code = Self.judge(email: text)
      case .birth: count(birth: text)
      }
      if code.utf8CodeUnitCount > 0 { tell(code, record.shape.names[fields[number].index], record, &emit) }
    }
  }

  private mutating func count(birth text: UnsafeRawBufferPointer) {
    seen += 1
    guard text.count == 10, text[9] == UInt8(ascii: "1"), text[5...].elementsEqual("01-01".utf8) else { return }
    birthdays += 1
    if text[..<4].elementsEqual("1900".utf8) { firstOfCentury += 1 }
  }

  @inline(never)
  private func tell(_ code: StaticString, _ field: String, _ record: Record, _ emit: inout Emitter) {
    let message =
      "\(code)" == "quality.email_domain" ? "has a domain that looks mistyped" : "looks like a placeholder"
    emit.tell(Diagnostic(.warning, code: "\(code)", message, field: field, at: record.position))
  }

  /// Tells what is strange in excess.
  func finish(_ fields: [(field: String, kind: QualityKind)], _ emit: inout Emitter) {
    for (field, kind) in fields {
      var messages: [(code: String, message: String)] = []
      // By chance it is one in 365.
      if kind == .birth, seen >= 100, birthdays > seen / 50 {
        messages.append(
          ("quality.birthdays", "\(birthdays) of \(seen) are 1 January: a year may have been all that was known"))
      }
      if kind == .birth, firstOfCentury > 0 {
        messages.append(("quality.placeholder", "\(firstOfCentury) are 1900-01-01, which looks like a placeholder"))
      }
      if let most = kind == .phone ? phones.excess : kind == .email ? emails.excess : nil {
        messages.append(("quality.shared", "one value stands in about \(most) records"))
      }
      if kind == .family, let swapped = order.excess {
        messages.append(
          (
            "quality.names_swapped",
            "first and last names look swapped in \(swapped.swapped) of \(swapped.known) records"
          ))
      }
      for (code, message) in messages { emit.tell(Diagnostic(.warning, code: code, message, field: field)) }
    }
  }

  // MARK: - Values

  private static let placeholders = WordList([
    "test", "tester", "testing", "n/a", "na", "none", "null", "unknown", "unk", "xxx", "xx", "asdf", "dummy", "sample",
    "tbd", "tba", "?", "-", ".", "first", "last", "firstname", "lastname", "deleted", "donotuse",
  ])

  private static let mistyped = WordList([
    "gmial.com", "gmai.com", "gmal.com", "gamil.com", "gnail.com", "gmail.co", "gmail.con", "gmaill.com", "gmail.cm",
    "hotmial.com", "hotmai.com", "hotmal.com", "hotmail.con", "hotmail.co", "homail.com", "yaho.com", "yahooo.com",
    "yahoo.con", "yhoo.com", "yahho.com", "outlok.com", "outloo.com", "outlook.con", "iclud.com", "icloud.con",
    "aol.con",
  ])

  @inline(never)
  private static func judge(name text: UnsafeRawBufferPointer) -> StaticString {
    placeholders.holds(text) ? "quality.placeholder" : ""
  }

  @inline(__always)
  private static func judge(email text: UnsafeRawBufferPointer) -> StaticString {
    // The longest of the domains has eleven bytes.
    var at = text.count - 1
    let least = max(text.count - 12, 0)
    while at > least, text[at] != UInt8(ascii: "@") { at -= 1 }
    guard text.count > 1, text[at] == UInt8(ascii: "@") else { return "" }
    let domain = UnsafeRawBufferPointer(rebasing: text[(at + 1)...])
    return mistyped.mayHold(domain) && mistyped.holds(domain) ? "quality.email_domain" : ""
  }
}

/// A few short words in lower case.
private struct WordList: Sendable {
  private let words: Set<[UInt8]>
  /// Which combinations of length, first and last byte occur, as 256 bits.
  private let known: SIMD4<UInt64>

  init(_ words: [String]) {
    let words = words.map { Array($0.utf8) }
    self.words = Set(words)
    var known = SIMD4<UInt64>.zero
    for word in words {
      let bit = Self.bit(word.count, word[0], word[word.count - 1])
      known[bit >> 6] |= 1 << UInt64(bit & 63)
    }
    self.known = known
  }

  @inline(__always)
  private static func bit(_ count: Int, _ first: UInt8, _ last: UInt8) -> Int {
    // Letters of both cases count as the same; what else that makes the same is told apart later.
    (count &* 37 &+ Int(first | 0x20) &* 11 &+ Int(last | 0x20) &* 3) & 255
  }

  /// Rules most texts out.
  @inline(__always)
  func mayHold(_ text: UnsafeRawBufferPointer) -> Bool {
    let bit = Self.bit(text.count, text[0], text[text.count - 1])
    return known[bit >> 6] >> UInt64(bit & 63) & 1 == 1
  }

  func holds(_ text: UnsafeRawBufferPointer) -> Bool { words.contains(text.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }) }
}

/// Finds out whether one value is far more frequent than all others, in 256 KiB: values share counters by their hash. Of a
/// long input, every eighth value is counted.
private struct Repeats {
  private var counters: [UInt32]
  private var seen = 0
  private var counted = 0

  private static var countedAll: Int { 1 << 16 }

  init(isNeeded: Bool) { counters = [UInt32](repeating: 0, count: isNeeded ? 1 << 16 : 0) }

  @inline(__always)
  mutating func add(_ text: UnsafeRawBufferPointer) {
    seen += 1
    if seen > Self.countedAll, seen & 7 != 0 { return }
    counters[Int(keyHash(text, seed: 0x5EED) >> 48)] += 1
    counted += 1
  }

  /// About how many records the most frequent value has, where chance does not explain it.
  var excess: Int? {
    let average = counted >> 16
    let most = Int(counters.max() ?? 0)
    return most > 20 + 8 * average ? (most - average) * seen / counted : nil
  }
}
