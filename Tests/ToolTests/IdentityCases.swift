import Testing

/// The table of verdicts (ils-schema(5), WHO IS WHO) as records: who the later one is, beside the earlier ones.
struct IdentityCase: Sendable, CustomTestStringConvertible {
  enum Verdict: String, Sendable { case same, conflict, doubtful, another }

  /// A person's fields, by name.
  typealias Person = [String: String]

  /// The row of the table that the case is of.
  let row: String
  let earlier: [Person]
  let later: Person
  let verdict: Verdict
  /// Fields that both have and that differ.
  var differed: Set<String> = []

  var testDescription: String { row }

  /// Elsa with other fields beside, or instead of, her own; nil takes one away.
  static func elsa(_ changes: [String: String?] = [:]) -> Person {
    ["firstName": "Elsa", "lastName": "Brandt", "dateOfBirth": "1975-04-05"]
      .merging(changes.compactMapValues { $0 }) { $1 }.filter { name, _ in changes[name] != .some(nil) }
  }

  /// Somebody of another name and birth date.
  static func viktor(_ fields: [String: String] = [:]) -> Person {
    elsa(["firstName": "Viktor", "lastName": "Holm", "dateOfBirth": "1949-11-30"]).merging(fields) { $1 }
  }

  private static let nobody: [String: String?] = ["firstName": nil, "lastName": nil, "dateOfBirth": nil]
  private static let mail = ["email": "home@example.com"]
  private static let names: Set = ["firstName", "lastName"]

  static let table: [IdentityCase] = [
    .init(
      row: "one equal, both agree: same", earlier: [elsa(["mrn": "1"])],
      later: elsa(["mrn": "1", "lastName": "BRÄNDT "]), verdict: .same),
    .init(
      row: "one equal, the name alone agrees: same, and the birth date named", earlier: [elsa(["mrn": "1"])],
      later: elsa(["mrn": "1", "dateOfBirth": "1975-05-04"]), verdict: .same, differed: ["dateOfBirth"]),
    .init(
      row: "one equal, the birth date alone agrees: same, and the surname named", earlier: [elsa(["mrn": "1"])],
      later: elsa(["mrn": "1", "lastName": "Holm"]), verdict: .same, differed: ["lastName"]),
    .init(
      row: "one equal, nothing to compare: same", earlier: [elsa(["mrn": "1"])],
      later: elsa(nobody.merging(["mrn": "1"]) { $1 }), verdict: .same),
    .init(
      row: "one equal of a source's ids: same", earlier: [elsa(["externalId": "7", "importSource": "north"])],
      later: elsa(["externalId": "7", "importSource": "north"]), verdict: .same),
    .init(
      row: "one equal, both contradict: conflict", earlier: [elsa(["mrn": "1"])], later: viktor(["mrn": "1"]),
      verdict: .conflict, differed: names.union(["dateOfBirth"])),
    .init(
      row: "one equal, both contradict, contact equal: conflict", earlier: [elsa(["mrn": "1"].merging(mail) { $1 })],
      later: viktor(["mrn": "1"].merging(mail) { $1 }), verdict: .conflict, differed: names.union(["dateOfBirth"])),
    .init(
      row: "one equal, another different, both agree: conflict",
      earlier: [elsa(["mrn": "1", "externalId": "7", "importSource": "north"])],
      later: elsa(["mrn": "1", "externalId": "8", "importSource": "north"]), verdict: .conflict,
      differed: ["externalId"]),
    .init(
      row: "one equal, another different, both contradict: conflict",
      earlier: [elsa(["mrn": "1", "externalId": "7", "importSource": "north"])],
      later: viktor(["mrn": "2", "externalId": "7", "importSource": "north"]), verdict: .conflict,
      differed: names.union(["dateOfBirth", "mrn"])),
    .init(
      row: "two rows found: conflict",
      earlier: [elsa(["mrn": "1"]), viktor(["externalId": "7", "importSource": "north"])],
      later: elsa(nobody.merging(["mrn": "1", "externalId": "7", "importSource": "north"]) { $1 }),
      verdict: .conflict),
    .init(
      row: "none to compare, both agree: same", earlier: [elsa(["mrn": "1"])],
      later: elsa(["firstName": "ELSA", "lastName": "Brándt"]), verdict: .same),
    .init(
      row: "none to compare, since of two sources, both agree: same",
      earlier: [elsa(["externalId": "7", "importSource": "north"])],
      later: elsa(["externalId": "7", "importSource": "south"]), verdict: .same),
    .init(
      row: "different, both agree: doubtful", earlier: [elsa(["mrn": "1"])], later: elsa(["mrn": "2"]),
      verdict: .doubtful, differed: ["mrn"]),
    .init(
      row: "different, both agree, contact equal: doubtful", earlier: [elsa(["mrn": "1"].merging(mail) { $1 })],
      later: elsa(["mrn": "2"].merging(mail) { $1 }), verdict: .doubtful, differed: ["mrn"]),
    .init(
      row: "none to compare, the birth date alone agrees, contact equal: doubtful", earlier: [elsa(mail)],
      later: elsa(["firstName": "Edda"].merging(mail) { $1 }), verdict: .doubtful, differed: ["firstName"]),
    .init(
      row: "none to compare, the name alone agrees, contact equal: doubtful",
      earlier: [elsa(["mrn": "1", "email": "Home@Example.com"])],
      later: elsa(["dateOfBirth": "2001-04-05"].merging(mail) { $1 }), verdict: .doubtful, differed: ["dateOfBirth"]),
    .init(
      row: "none to compare, since of two sources, one agrees, contact equal: doubtful",
      earlier: [elsa(["externalId": "7", "importSource": "north"].merging(mail) { $1 })],
      later: elsa(["firstName": "Edda", "externalId": "8", "importSource": "south"].merging(mail) { $1 }),
      verdict: .doubtful, differed: ["firstName"]),
    .init(
      row: "none to compare, one agrees, no contact: another", earlier: [elsa(["mrn": "1"])],
      later: elsa(["firstName": "Edda"]), verdict: .another),
    .init(
      row: "none to compare, both contradict, contact equal: another", earlier: [elsa(mail)], later: viktor(mail),
      verdict: .another),
    .init(
      row: "different, one agrees, contact equal: another", earlier: [elsa(["mrn": "1"].merging(mail) { $1 })],
      later: elsa(["firstName": "Edda", "mrn": "2"].merging(mail) { $1 }), verdict: .another),
    .init(
      row: "different ids of a second source, one agrees, contact equal: another",
      earlier: [
        viktor(["externalId": "1", "importSource": "north"]),
        elsa(["externalId": "7", "importSource": "south"].merging(mail) { $1 }),
      ],
      later: elsa(["firstName": "Edda", "externalId": "8", "importSource": "south"].merging(mail) { $1 }),
      verdict: .another),
    .init(
      row: "different, both contradict, contact equal: another", earlier: [elsa(["mrn": "1"].merging(mail) { $1 })],
      later: viktor(["mrn": "2"].merging(mail) { $1 }), verdict: .another),
    .init(
      row: "ids of two sources, both contradict: another",
      earlier: [elsa(["externalId": "7", "importSource": "north"])],
      later: viktor(["externalId": "7", "importSource": "south"]), verdict: .another),
  ]
}

/// People in a table that no unique index guards; some wait for the patient who looks after them.
enum People {
  static let table = """
    CREATE TABLE people (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), mrn text, external_id text, import_source text,
      first_name text, last_name text, date_of_birth date, email text, guardian_id uuid REFERENCES patients,
      import_job_id uuid)
    """

  static let schema = """
    {"type": "object", "properties": {
      "mrn": {"type": "string", "x-ils": {"column": "mrn"}},
      "externalId": {"type": "string", "x-ils": {"column": "external_id"}},
      "importSource": {"type": "string", "x-ils": {"column": "import_source"}},
      "firstName": {"type": "string", "x-ils": {"column": "first_name", "fold": "name"}},
      "lastName": {"type": "string", "x-ils": {"column": "last_name", "fold": "name"}},
      "dateOfBirth": {"type": "string", "format": "date", "x-ils": {"column": "date_of_birth"}},
      "email": {"type": "string", "x-ils": {"column": "email", "fold": "case"}},
      "guardian": {"type": "string"}},
     "x-ils": {"table": "people", "id": "id", "job": "import_job_id", "source": "importSource",
      "identity": [{"kind": "identifier", "fields": ["mrn"]},
        {"kind": "identifier", "fields": ["externalId"], "scope": ["importSource"]},
        {"kind": "description", "fields": ["firstName", "lastName", "dateOfBirth"]},
        {"kind": "contact", "fields": ["email"]}],
      "agreement": [["firstName", "lastName"], ["dateOfBirth"]],
      "references": [{"field": "guardian", "column": "guardian_id", "entity": "patients", "by": [["mrn"]]}]}}
    """

  /// A record a person, with its row from 2 on.
  static func records(_ people: [IdentityCase.Person], from row: Int = 2, guardian: String? = nil) -> [String] {
    people.enumerated().map { place, person in
      let fields = person.merging(guardian.map { ["guardian": $0] } ?? [:]) { $1 }.sorted { $0.key < $1.key }
      return "{\"_row\":\(row + place)" + fields.map { ",\"\($0.key)\":\"\($0.value)\"" }.joined() + "}"
    }
  }
}
