import ILSRecord

/// One field of an entity, as far as proposals go.
struct SuggestTarget: Sendable {
  struct Derived: Sendable {
    let synonyms: Set<String>
    let transform: String
    /// Where this target has a field of its own, the one at hand holds nothing more: it is taken as it is.
    let beside: String?
  }

  /// How the values of a column become those of the field.
  struct Reading {
    var transform: JSONValue?
    /// A table, for short lists of words.
    var values: [(name: String, value: JSONValue)] = []
    /// How sure it can be that values are read, and rightly: the share that is, at most.
    var certainty = 1.0
    /// What speaks for it and against it.
    var reasons: [String] = []
  }

  enum Fit {
    case supports(String)
    case neutral
    case contradicts(String)
  }

  let name: String
  let joined: String
  let isRequired: Bool
  /// Other names, the surest first.
  let synonyms: [FieldName]
  /// Of several columns it takes the first that holds a value.
  let takesSeveral: Bool
  /// The values that it may have, and words that mean one of them.
  private let allowed: [String]
  private let words: [String: String]
  /// `date`, `email`, `phone`, `gender`, `id`, `name`: what its values look like.
  let looksLike: String?
  private let given: JSONValue?
  let derived: [Derived]
  /// Names of the columns that make it up together; empty for none.
  let parts: [Set<String>]
  /// It holds numbers by which a state knows its people.
  let isNational: Bool
  private let takesStrings: Bool

  init(_ name: String, _ schema: JSONValue, _ isRequired: Bool) {
    self.name = name
    self.isRequired = isRequired
    joined = FieldName(name).joined
    let notes = schema["x-ils"]
    synonyms = (notes?["synonyms"]?.array ?? []).compactMap(\.string).map { FieldName($0) }
    takesSeveral = notes?["several"]?.boolean ?? false
    allowed = (schema["enum"]?.array ?? []).compactMap(\.string)
    words = Dictionary(
      (notes?["words"]?.members ?? []).flatMap { entry in
        (entry.value.array ?? []).compactMap(\.string).map { (FieldName($0).joined, entry.name) }
      }, uniquingKeysWith: { first, _ in first })
    looksLike = notes?["looksLike"]?.string ?? schema["format"]?.string
    given = notes?["suggest"]
    takesStrings = schema["type"]?.string == "string"
    parts = (notes?["joined"]?.array ?? []).map { part in
      Set((part.array ?? []).compactMap(\.string).map { FieldName($0).joined })
    }
    isNational = ["nhs-number", "nino"].contains(schema["format"]?.string)
    derived = (notes?["derived"]?.array ?? []).map { entry in
      Derived(
        synonyms: Set((entry["synonyms"]?.array ?? []).compactMap(\.string).map { FieldName($0).joined }),
        transform: entry["transform"]?.string ?? "none", beside: entry["beside"]?.string)
    }
  }

  /// Whether the values of `column` look like this field's.
  func fit(of column: ColumnProfile) -> Fit {
    let all = column.present
    switch looksLike {
    case "date":
      let dates = column.dates.total
      if column.share(dates) >= 0.9 { return .supports("\(dates) of \(all) values are dates") }
      if column.share(column.numbers) >= 0.9 { return .neutral }
      return column.share(dates) < 0.5 ? .contradicts("only \(dates) of \(all) values are dates") : .neutral
    case "email":
      if column.share(column.emails) >= 0.8 {
        return .supports("\(column.emails) of \(all) values look like addresses")
      }
      return column.share(column.emails) < 0.3
        ? .contradicts("only \(column.emails) of \(all) values look like addresses") : .neutral
    case "phone":
      if column.share(column.phones) >= 0.8 { return .supports("\(column.phones) of \(all) values look like numbers") }
      return column.share(column.phones) < 0.3
        ? .contradicts("only \(column.phones) of \(all) values look like numbers") : .neutral
    case "gender":
      if column.share(column.genders) >= 0.8 {
        return .supports("\(column.genders) of \(all) values are known genders")
      }
      return .neutral
    case "id":
      return column.isUnique ? .supports("no value comes twice") : .neutral
    case "name":
      if column.share(column.wordy) >= 0.8 { return .supports("\(column.wordy) of \(all) values look like names") }
      return column.share(column.wordy) < 0.3 && column.share(column.idLike) > 0.5
        ? .contradicts("most values look like numbers or codes") : .neutral
    default: return .neutral
    }
  }

  /// What the values of `column` need to become those of this field.
  func reading(of column: ColumnProfile) -> Reading {
    var reading = Reading()
    if looksLike == "date" {
      read(dates: column, &reading)
    } else {
      var list: [JSONValue] = (given?.array ?? given.map { [$0] }) ?? [.string("trim"), .string("empty_to_null")]
      if column.numbers > 0, takesStrings, looksLike != "phone" { list.insert(.string("to_string"), at: 0) }
      reading.transform = list.count == 1 ? list[0] : .array(list)
    }
    guard column.present > 0 else { return reading }
    if looksLike == "phone" { tell(column.present - column.phones, "are no phone numbers", column, &reading) }
    if looksLike == "email" { tell(column.present - column.emails, "are no addresses", column, &reading) }
    if !allowed.isEmpty { read(words: column, &reading) }
    return reading
  }

  /// Takes what cannot be read from the certainty, and says how much that is.
  private func tell(_ unread: Int, _ what: String, _ column: ColumnProfile, _ reading: inout Reading) {
    guard unread > 0 else { return }
    reading.certainty = min(reading.certainty, 1 - column.share(unread))
    reading.reasons.append("\(unread) of \(column.present) values \(what)")
  }

  // MARK: - Dates

  private func read(dates column: ColumnProfile, _ reading: inout Reading) {
    let dates = column.dates
    var pattern: String?
    // What the pattern, or else the assumed month first, does not read.
    var unread = column.present - dates.total - dates.serials + dates.dayFirst
    switch (dates.monthFirst, dates.dayFirst) {
    case (0, 0):
      if dates.ambiguous > 0 {
        reading.certainty = 0.75
        reading.reasons.append(
          "\(dates.ambiguous) values could be MM/DD or DD/MM and none proves which: set \"input\"")
      } else if dates.iso > 0 {
        pattern = "YYYY-MM-DD"
      }
    case (let month, 0):
      pattern = "MM/DD/YYYY"
      reading.reasons.append("\(month) values prove MM/DD, none contradicts")
    case (0, let day):
      pattern = "DD/MM/YYYY"
      unread -= day
      reading.reasons.append("\(day) values prove DD/MM, none contradicts")
    case (let month, let day):
      reading.certainty = 0.5
      reading.reasons.append("\(month) values prove MM/DD and \(day) DD/MM: mend the source, or part it")
    }
    if dates.withTime > 0 {
      unread += dates.withTime
      reading.reasons.append(
        "\(dates.withTime) values have a time of day: cut it off with \"time\":\"cut\" if it may go")
    }
    if column.present > 0 {
      reading.certainty = max(0, min(reading.certainty, 1 - column.share(unread)))
      if unread > 0 { reading.reasons.append("\(unread) of \(column.present) values are not read") }
    }
    reading.transform =
      pattern.map { .object([("transform", .string("date_format")), ("input", .string($0))]) } ?? .string("date_format")
  }

  // MARK: - Words

  /// A table for a short list of words, and how many rows hold others.
  private func read(words column: ColumnProfile, _ reading: inout Reading) {
    guard let list = column.words else {
      if looksLike == "gender" { tell(column.present - column.genders, "are not read", column, &reading) }
      return
    }
    let known = list.keys.sorted().map { (word: $0, meaning: meaning(of: $0, among: list)) }
    let unread = known.filter { $0.meaning == nil }.reduce(0) { $0 + (list[$1.word] ?? 0) }
    let isPlain = known.allSatisfy { $0.meaning == $0.word || (looksLike == "gender" && isEnglish($0.word)) }
    if !isPlain {
      reading.values = known.compactMap { entry in entry.meaning.map { (entry.word, .string($0)) } }
    }
    tell(unread, "are not read: give them a place in \"values\"", column, &reading)
    if looksLike == "gender", known.contains(where: { Self.isOne($0.word, "h") }) {
      reading.certainty = min(reading.certainty, 0.75)
      reading.reasons.append("H is taken for hombre or homme: look at \"values\"")
    }
  }

  private func meaning(of word: String, among list: [String: Int]) -> String? {
    let joined = FieldName(word).joined
    if let same = allowed.first(where: { FieldName($0).joined == joined }) { return same }
    if let meaning = words[joined], allowed.contains(meaning) { return meaning }
    guard looksLike == "gender" else { return nil }
    // H and M are Spanish (hombre, mujer), H and F French (homme, femme).
    let hasH = list.keys.contains { Self.isOne($0, "h") }
    if Self.isOne(word, "h") { return "male" }
    if Self.isOne(word, "m"), hasH { return list.keys.contains { Self.isOne($0, "f") } ? nil : "female" }
    return ValueTable.genders.text(for: word)
  }

  private static func isOne(_ word: String, _ letter: String) -> Bool { word.lowercased() == letter }

  /// Whether it is one of the allowed words or the first letter of one: clear without a table.
  private func isEnglish(_ word: String) -> Bool {
    let lower = word.lowercased()
    return allowed.contains { $0 == lower || (lower.count == 1 && $0.hasPrefix(lower)) }
  }
}

extension ValueTable {
  /// The text that stands for `word`, if its value is a string.
  func text(for word: String) -> String? {
    var folded = OutputBuffer(capacity: 64)
    word.utf8.withContiguousStorageIfAvailable {
      LetterCase.append(UnsafeRawBufferPointer($0), upper: false, to: &folded)
    }
    guard let found = index(of: folded.bytes) else { return nil }
    return (try? JSONValue(parsing: values[found]))?.string
  }
}
