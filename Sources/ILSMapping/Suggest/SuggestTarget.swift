import ILSRecord

/// One field of an entity, as far as proposals go.
struct SuggestTarget: Sendable {
  struct Derived: Sendable {
    let synonyms: Set<String>
    let transform: String
  }

  enum Fit {
    case supports(String)
    case neutral
    case contradicts(String)
  }

  let name: String
  let joined: String
  let isRequired: Bool
  /// Other names, without spaces, the surest first.
  let synonyms: [String]
  /// `date`, `email`, `phone`, `gender`, `id`, `name`: what its values look like.
  let looksLike: String?
  private let given: JSONValue?
  let derived: [Derived]
  private let takesStrings: Bool

  init(_ name: String, _ schema: JSONValue, _ isRequired: Bool) {
    self.name = name
    self.isRequired = isRequired
    joined = FieldName(name).joined
    let notes = schema["x-ils"]
    synonyms = (notes?["synonyms"]?.array ?? []).compactMap(\.string).map { FieldName($0).joined }
    looksLike = notes?["looksLike"]?.string ?? schema["format"]?.string
    given = notes?["suggest"]
    takesStrings = schema["type"]?.string == "string"
    derived = (notes?["derived"]?.array ?? []).map { entry in
      Derived(
        synonyms: Set((entry["synonyms"]?.array ?? []).compactMap(\.string).map { FieldName($0).joined }),
        transform: entry["transform"]?.string ?? "none")
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

  /// The transform for the values of `column`, and what speaks for it.
  func transform(for column: ColumnProfile) -> (JSONValue?, [String]) {
    if looksLike == "date" { return dateTransform(column) }
    var list: [JSONValue] = (given?.array ?? given.map { [$0] }) ?? [.string("trim"), .string("empty_to_null")]
    if column.numbers > 0, takesStrings, looksLike != "phone" { list.insert(.string("to_string"), at: 0) }
    return (list.count == 1 ? list[0] : .array(list), [])
  }

  private func dateTransform(_ column: ColumnProfile) -> (JSONValue?, [String]) {
    let dates = column.dates
    var reasons: [String] = []
    var pattern: String?
    switch (dates.monthFirst, dates.dayFirst) {
    case (0, 0):
      if dates.ambiguous > 0 {
        reasons.append("\(dates.ambiguous) values could be MM/DD or DD/MM and none proves which: set \"input\"")
      } else if dates.iso > 0 {
        pattern = "YYYY-MM-DD"
      }
    case (let month, 0):
      pattern = "MM/DD/YYYY"
      reasons.append("\(month) values prove MM/DD, none contradicts")
    case (0, let day):
      pattern = "DD/MM/YYYY"
      reasons.append("\(day) values prove DD/MM, none contradicts")
    case (let month, let day):
      reasons.append("\(month) values prove MM/DD and \(day) DD/MM: mend the source, or part it")
    }
    if dates.withTime > 0 {
      reasons.append("\(dates.withTime) values have a time of day: cut it off with \"time\":\"cut\" if it may go")
    }
    guard let pattern else { return (.string("date_format"), reasons) }
    return (.object([("transform", .string("date_format")), ("input", .string(pattern))]), reasons)
  }
}
