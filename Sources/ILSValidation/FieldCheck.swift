import ILSDates
import ILSRecord
import ILSSchema

/// What two fields of a record ask of each other: an entry of `x-ils.checks` (ils-schema(5)).
struct FieldCheck: Sendable {
  enum Rule: Sendable {
    /// The field's date does not lie before the other's.
    case notBefore(String)
    /// Where the field is there, and `when` has the value `equals`, one of `any` is there as well.
    case needs(any: [String], when: String, equals: String)
  }

  let code: String
  let field: String
  let rule: Rule
  /// Only told; the record passes.
  let isWarning: Bool

  /// The other fields, in the order in which `Plan` numbers them.
  var others: [String] {
    switch rule {
    case .notBefore(let other): [other]
    case .needs(let any, let when, _): [when] + any
    }
  }

  var message: String {
    switch rule {
    case .notBefore(let other): "lies before \(other)"
    case .needs(let any, let when, let equals):
      "is there and \(when) is \(equals), which asks for \(any.joined(separator: " or "))"
    }
  }

  static func read(_ json: JSONValue, _ faults: inout [JSONSchema.Fault]) -> [FieldCheck] {
    (json["x-ils"]?["checks"]?.array ?? []).enumerated().compactMap { index, check in
      guard let code = check["code"]?.string, let field = check["field"]?.string, let rule = rule(check) else {
        faults.append(
          JSONSchema.Fault(
            place: "/x-ils/checks/\(index)",
            message: "needs code, field, and either notBefore or needs with when and equals"))
        return nil
      }
      return FieldCheck(code: code, field: field, rule: rule, isWarning: check["severity"]?.string == "warning")
    }
  }

  private static func rule(_ json: JSONValue) -> Rule? {
    if let other = json["notBefore"]?.string { return .notBefore(other) }
    guard let any = json["needs"]?.array?.compactMap(\.string), let when = json["when"]?.string,
      let equals = json["equals"]?.string
    else { return nil }
    return .needs(any: any, when: when, equals: equals)
  }

  /// Whether a record fails it. A date that is none is another check's matter.
  func fails(_ record: Record, _ index: Int, _ others: [Int]) -> Bool {
    func isThere(_ place: Int) -> Bool { place >= 0 && !record[place].isBlank }
    guard isThere(index) else { return false }
    switch rule {
    case .notBefore:
      guard isThere(others[0]), let date = CivilDate(iso: record[index].text),
        let other = CivilDate(iso: record[others[0]].text)
      else { return false }
      return date < other
    case .needs(_, _, let equals):
      guard isThere(others[0]), record[others[0]].text.elementsEqual(equals.utf8) else { return false }
      return !others.dropFirst().contains(where: isThere)
    }
  }
}
