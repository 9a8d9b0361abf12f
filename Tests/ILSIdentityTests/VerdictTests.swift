import ILSRecord
import Testing

@testable import ILSIdentity

/// The table of verdicts, row by row.
@Suite struct VerdictTests {
  static let rows: [(identifiers: String, agreement: String, contact: Bool, verdict: Verdict)] = [
    ("one equal", "both agree", false, .same), ("one equal", "one agrees", false, .same),
    ("one equal", "nothing to compare", false, .same), ("one equal", "both contradict", true, .conflict),
    ("one equal, one different", "both agree", true, .conflict),
    ("one equal, one different", "both contradict", false, .conflict),
    ("none to compare", "both agree", false, .same), ("different", "both agree", true, .doubtful),
    ("none to compare", "one agrees", true, .doubtful), ("none to compare", "one agrees", false, .another),
    ("none to compare", "both contradict", true, .another), ("none to compare", "nothing to compare", true, .another),
    ("different", "one agrees", true, .another), ("different", "both contradict", true, .another),
  ]

  @Test(arguments: rows.indices) func aRowOfTheTableHolds(number: Int) throws {
    let row = Self.rows[number]
    let identifiers =
      [
        "one equal": ("1", "1", nil, nil), "one equal, one different": ("1", "1", "a", "b"),
        "different": ("1", "2", nil, nil), "none to compare": ("1", nil, nil, "b"),
      ][row.identifiers] as (String?, String?, String?, String?)?
    let names =
      [
        "both agree": ("elsa", "1975", "elsa", "1975"), "one agrees": ("elsa", "1975", "nils", "1975"),
        "both contradict": ("elsa", "1975", "nils", "2012"), "nothing to compare": (nil, nil, "nils", "2012"),
      ][row.agreement] as (String?, String?, String?, String?)?
    let (ids, name) = (try #require(identifiers), try #require(names))
    let email = row.contact ? "x@example.com" : nil
    let rules = try Self.rules()
    let record = try Self.profile(rules, [ids.0, ids.2, "s", name.0, name.1, email])
    let other = try Self.profile(rules, [ids.1, ids.3, "s", name.2, name.3, "x@example.com"])
    #expect(rules.compare(record, other).verdict == row.verdict)
    #expect(rules.compare(other, record).verdict == row.verdict)
    if row.verdict != .another {
      #expect(!Self.keys(rules, record).isDisjoint(with: Self.keys(rules, other)), "they must find each other")
    }
  }

  @Test func idsOfTwoSourcesAreNotCompared() throws {
    let rules = try Self.rules()
    let north = try Self.profile(rules, [nil, "12", "north", "elsa", "1975", nil])
    let south = try Self.profile(rules, [nil, "12", "south", "viktor", "1949", nil])
    #expect(rules.compare(north, south).verdict == .another)
    #expect(Self.keys(rules, north).isDisjoint(with: Self.keys(rules, south)))
  }

  /// What a database and a hash take for two ids are two: to Swift they are one text.
  @Test func idsAreComparedByTheirBytes() throws {
    let rules = try Self.rules()
    let (whole, apart) = ("\u{C9}1", "E\u{301}1")
    #expect(whole == apart)
    let one = try Self.profile(rules, [whole, nil, "s", "elsa", "1975", nil])
    let other = try Self.profile(rules, [apart, nil, "s", "elsa", "1975", nil])
    #expect(rules.compare(one, other).verdict == .doubtful)
    let (north, south) = (
      try Self.profile(rules, [nil, "7", whole, "elsa", nil, nil]),
      try Self.profile(rules, [nil, "7", apart, "elsa", nil, nil])
    )
    #expect(!rules.signature(north).isComparable(to: rules.signature(south)))
    #expect(rules.compare(north, south).verdict == .another)
  }

  @Test func twoRowsAreAConflict() throws {
    let rules = try Self.rules()
    let record = try Self.profile(rules, ["1", "b", "s", nil, nil, nil])
    let first = try Self.profile(rules, ["1", nil, "s", nil, nil, nil])
    let second = try Self.profile(rules, [nil, "b", "s", nil, nil, nil])
    let decision = rules.decide([("x", rules.compare(record, first)), ("y", rules.compare(record, second))])
    #expect(decision.verdict == .conflict)
    #expect(decision.rows == ["x", "y"])
  }

  @Test(arguments: [
    ("Müller", "MULLER"), ("O'Brien", "obrien"), ("Anne-Marie", "anne marie"), ("Łukasz", "Lukasz"),
    ("Straße", "strasse"),
    ("Nguye\u{302}\u{303}n", "Nguyễn"), ("ΓΙΏΡΓΟΣ", "γιώργος"), ("Søren ", "soren"),
  ]) func namesAreFolded(one: String, other: String) throws {
    let rules = try Self.rules()
    #expect(rules.fold(one, 3) == rules.fold(other, 3))
  }

  @Test func aMisspeltWordIsTold() throws {
    let json = try JSONValue(
      parsing: Array(#"{"properties":{"a":{"x-ils":{"colum":"a"}}},"x-ils":{"identitys":[]}}"#.utf8))
    #expect(Annotations.faults(json).map(\.place) == ["x-ils.identitys", "properties.a.x-ils.colum"])
  }

  /// Passed over, it would leave the entity without keys, and each record would be somebody new.
  @Test(arguments: [
    (#"{"identity":{"identifiers":[["a"]]}}"#, "x-ils.identity"), (#"{"identity":"a"}"#, "x-ils.identity"),
    (#"{"identity":[{"fields":["a"],"scope":"b"}]}"#, "x-ils.identity.scope"), (#"{"scope":"b"}"#, "x-ils.scope"),
    (#"{"agreement":"b"}"#, "x-ils.agreement"), (#"{"where":["deleted"]}"#, "x-ils.where"),
    (#"{"references":{"field":"a"}}"#, "x-ils.references"), (#"{"source":["b"]}"#, "x-ils.source"),
  ]) func aWordWithAValueOfAnotherKindIsToldOf(annotations: String, place: String) throws {
    let json = try JSONValue(parsing: Array(#"{"properties":{"a":{},"b":{}},"x-ils":\#(annotations)}"#.utf8))
    #expect(Annotations.faults(json).map(\.place) == [place])
  }

  // MARK: - Rules

  static func rules() throws -> IdentityRules {
    try IdentityRules(
      JSONValue(
        parsing: Array(
          #"""
          {"properties":{"mrn":{},"externalId":{},"importSource":{},"name":{"x-ils":{"fold":"name"}},"born":{},
            "email":{"x-ils":{"fold":"case"}}},
           "x-ils":{"source":"importSource","identity":[{"fields":["mrn"]},
             {"fields":["externalId"],"scope":["importSource"]},{"kind":"description","fields":["name","born"]},
             {"kind":"contact","fields":["email"]}],"agreement":[["name"],["born"]]}}
          """#.utf8)))
  }

  private static let names = ["mrn", "externalId", "importSource", "name", "born", "email"]

  static func profile(_ rules: IdentityRules, _ values: [String?]) throws -> Profile {
    rules.terms.map { term in Self.names.firstIndex(of: term).flatMap { values[$0] } }
  }

  static func keys(_ rules: IdentityRules, _ profile: Profile) -> Set<[UInt8]> {
    var key = OutputBuffer()
    var keys: Set<[UInt8]> = []
    for probe in rules.probes.indices where rules.write(probe: probe, to: &key, profile) {
      keys.insert(Array(key.bytes))
    }
    return keys
  }
}
