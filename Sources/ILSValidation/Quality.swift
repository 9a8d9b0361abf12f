import CValidation
import CScan
import ILSRecord
import ILSSchema

/// In which way a field's values may be right and yet look wrong: an entry of `x-ils.quality` (ils-schema(5)).
enum QualityKind: String, Sendable, CaseIterable {
  case name, phone, email, birth
  /// Names whose order is looked at too.
  case given = "givenName"
  case family = "familyName"

  static func read(_ json: JSONValue, _ faults: inout [JSONSchema.Fault]) -> [(field: String, kind: QualityKind)] {
    (json["x-ils"]?["quality"]?.members ?? []).compactMap { field, value in
      if let kind = value.string.flatMap(QualityKind.init) { return (field, kind) }
      faults.append(
        JSONSchema.Fault(
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
  private var order: NameOrder
  private let placeholders: WordList
  private let mistyped: WordList

  init(isNeeded: Bool) {
    self.isNeeded = isNeeded
    (phones, emails) = (Repeats(isNeeded: isNeeded), Repeats(isNeeded: isNeeded))
    order = NameOrder(isNeeded: isNeeded)
    // The lists are made where they are needed, and looked up there no more for each value.
    placeholders = isNeeded ? Self.allPlaceholders : .empty
    mistyped = isNeeded ? Self.allMistyped : .empty
  }

  /// Looks at the values of a record that passed.
  @inline(__always)
  mutating func look(
    _ fields: UnsafeBufferPointer<ValidatePlan.QualityField>, _ record: Record, _ emit: inout Emitter
  ) {
    for number in 0..<fields.count {
      let value = record[fields[number].index]
      guard value.kind == .string, !value.isAbsent else { continue }
      let (text, padded) = (value.text, value.paddedText)
      var fault: ValidationFault?
      switch fields[number].kind {
      case .name, .given, .family:
        if placeholders.mayHold(text) { fault = judge(name: padded) }
        if fields[number].kind != .name { order.look(padded, isGiven: fields[number].kind == .given) }
      case .phone:
        if ils_repeats_one_digit(text.baseAddress, text.count) != 0 {
          fault = .qualityPlaceholder
        } else {
          phones.add(text)
        }
      case .email:
        emails.add(text)
        fault = judge(email: padded)
      case .birth: count(birth: text)
      }
      if let fault { tell(fault, record.shape.names[fields[number].index], record, &emit) }
    }
  }

  private mutating func count(birth text: UnsafeRawBufferPointer) {
    seen += 1
    guard text.count == 10, text[9] == UInt8(ascii: "1"), text[5...].elementsEqual("01-01".utf8) else { return }
    birthdays += 1
    if text[..<4].elementsEqual("1900".utf8) { firstOfCentury += 1 }
  }

  @inline(never)
  private func tell(_ fault: ValidationFault, _ field: String, _ record: Record, _ emit: inout Emitter) {
    let message =
      fault == .qualityEmailDomain ? "has a domain that looks mistyped" : "looks like a placeholder"
    emit.tell(Diagnostic(.warning, fault, message, field: field, at: record.position))
  }

  /// Tells what is strange in excess.
  func finish(_ fields: [(field: String, kind: QualityKind)], _ emit: inout Emitter) {
    for (field, kind) in fields {
      var messages: [(fault: ValidationFault, message: String)] = []
      // By chance it is one in 365.
      if kind == .birth, seen >= 100, birthdays > seen / 50 {
        messages.append(
          (.qualityBirthdays, "\(birthdays) of \(seen) are 1 January: a year may have been all that was known"))
      }
      if kind == .birth, firstOfCentury > 0 {
        messages.append((.qualityPlaceholder, "\(firstOfCentury) are 1900-01-01, which looks like a placeholder"))
      }
      if let most = kind == .phone ? phones.excess : kind == .email ? emails.excess : nil {
        messages.append((.qualityShared, "one value stands in about \(most) records"))
      }
      if kind == .family, let swapped = order.excess {
        messages.append(
          (
            .qualityNamesSwapped,
            "first and last names look swapped in \(swapped.swapped) of \(swapped.known) records"
          ))
      }
      for (fault, message) in messages { emit.tell(Diagnostic(.warning, fault, message, field: field)) }
    }
  }

  // MARK: - Values

  private static let allPlaceholders = WordList([
    "test", "tester", "testing", "n/a", "na", "none", "null", "unknown", "unk", "xxx", "xx", "asdf", "dummy", "sample",
    "tbd", "tba", "?", "-", ".", "first", "last", "firstname", "lastname", "deleted", "donotuse",
  ])

  private static let allMistyped = WordList([
    "gmial.com", "gmai.com", "gmal.com", "gamil.com", "gnail.com", "gmail.co", "gmail.con", "gmaill.com", "gmail.cm",
    "hotmial.com", "hotmai.com", "hotmal.com", "hotmail.con", "hotmail.co", "homail.com", "yaho.com", "yahooo.com",
    "yahoo.con", "yhoo.com", "yahho.com", "outlok.com", "outloo.com", "outlook.con", "iclud.com", "icloud.con",
    "aol.con",
  ])

  @inline(never)
  private func judge(name text: PaddedBytes) -> ValidationFault? {
    placeholders.holds(text) ? .qualityPlaceholder : nil
  }

  @inline(__always)
  private func judge(email text: PaddedBytes) -> ValidationFault? {
    // The longest of the domains has eleven bytes.
    let at = ils_last16(text.bytes.baseAddress, text.count, UInt8(ascii: "@"))
    guard at >= 0, at < text.count - 1 else { return nil }
    let domain = text[(at + 1)..<text.count]
    return mistyped.mayHold(domain.bytes) && mistyped.holds(domain) ? .qualityEmailDomain : nil
  }
}

/// Finds out whether one value is far more frequent than all others, in 64 KiB: values share counters by their hash. Of a
/// long input, every 32nd value is counted.
private struct Repeats {
  private var counters: [UInt32]
  private var seen = 0
  private var counted = 0

  private static var countedAll: Int { 1 << 14 }

  init(isNeeded: Bool) { counters = [UInt32](repeating: 0, count: isNeeded ? 1 << 14 : 0) }

  @inline(__always)
  mutating func add(_ text: UnsafeRawBufferPointer) {
    seen += 1
    if seen > Self.countedAll, seen & 31 != 0 { return }
    counters[Int(keyHash(text, seed: 0x5EED) >> 50)] += 1
    counted += 1
  }

  /// About how many records the most frequent value has, where chance does not explain it.
  var excess: Int? {
    let average = counted >> 14
    let most = Int(counters.max() ?? 0)
    return most > 20 + 8 * average ? (most - average) * seen / counted : nil
  }
}
