import Foundation
import ILSRecord
import ILSMapping
import Testing

@Suite struct SuggestTests {
  static let data =
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path(percentEncoded: false) + "/Sources/ILSData"

  static func entity(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: "\(data)/entities/\(name).json"))))
  }

  /// What is proposed for the named columns; a column's values may be given.
  private func suggest(_ entity: String, _ columns: [(String, [String])]) throws -> SuggestedMapping {
    try Suggester(Self.entity(entity)).suggest(columns.map { try Self.profile($0.0, $0.1) })
  }

  static func profile(_ name: String, _ values: [String]) throws -> ColumnProfile {
    var profile = ColumnProfile(name: name)
    for value in values {
      let json = Array(JSONValue.string(value).text.utf8) + [UInt8](repeating: 0, count: 16)
      json.withUnsafeBytes { bytes in
        let raw = PaddedBytes(0..<bytes.count - 16, of: bytes)
        profile.add(FieldValue(raw: raw, kind: .string, hasEscapes: raw.bytes.contains(0x5C), isASCII: false))
      }
    }
    return profile
  }

  private func pairs(_ mapping: SuggestedMapping) -> [String: String] {
    Dictionary(uniqueKeysWithValues: mapping.suggestions.map { ($0.target, $0.source) })
  }

  @Test func namesAreKnownInEveryCase() throws {
    for names in [
      ["patient_first_name", "patient_last_name", "birth_date"], ["PatientFirstName", "PatientLastName", "BirthDate"],
      ["firstName", "lastName", "dateOfBirth"], ["FNAME", "LNAME", "DOB"], ["Given Name", "Surname", "D.O.B."],
      ["Patient's First Name", "Family name", "Birthday (YYYY-MM-DD)"], ["forename", "surname", "date of birht"],
    ] {
      let found = try pairs(suggest("patients", names.map { ($0, []) }))
      #expect(
        found == ["firstName": names[0], "lastName": names[1], "dateOfBirth": names[2]], "\(names): \(found)")
    }
  }

  @Test func theOrderOfDatesIsProvenByTheColumnOnly() throws {
    func date(_ values: [String]) throws -> Suggestion? {
      try suggest("patients", [("first", ["Ann"]), ("dob", values)]).suggestions.first { $0.target == "dateOfBirth" }
    }
    let proven = try date(["13/02/1980", "01/02/1990", "31/12/1999"])
    #expect(proven?.transform?["input"]?.string == "DD/MM/YYYY")
    #expect(proven?.reason.contains("2 values prove DD/MM, none contradicts") == true)
    let open = try date(["01/02/1990", "03/04/1999"])
    #expect(open?.transform == .string("date_format"))
    #expect(open?.reason.contains("none proves which") == true)
    let torn = try date(["13/02/1980", "02/13/1980"])
    #expect(torn?.transform == .string("date_format"))
    #expect(torn?.reason.contains("1 values prove MM/DD and 1 DD/MM") == true)
    #expect(try date(["2024-01-31"])?.transform?["input"]?.string == "YYYY-MM-DD")
  }

  @Test func valuesSpeakAgainstNames() throws {
    let mapping = try suggest(
      "patients",
      [
        ("first", ["Ann", "Bob"]), ("last", ["Lee", "Doe"]), ("email", ["yes", "no", "yes"]),
        ("kontakt", ["a@b.org", "c@d.org", "e@f.org"]),
      ])
    #expect(pairs(mapping)["email"] == "kontakt")
    #expect(mapping.missing == ["dateOfBirth"])
  }

  @Test func aWholeNameFeedsBothNames() throws {
    let mapping = try suggest("patients", [("Full Name", ["Ann Lee", "Bob Doe"]), ("DOB", ["1980-01-02"])])
    #expect(pairs(mapping) == ["firstName": "Full Name", "lastName": "Full Name", "dateOfBirth": "DOB"])
    #expect(mapping.suggestions[0].transform == .string("extract_first_name"))
  }

  @Test func whatIsProposedIsAMappingFile() throws {
    let mapping = try suggest("patients", [("fname", ["A\"b"]), ("lname", ["L"]), ("dob", ["1/2/1980"]), ("x", ["y"])])
    let text = mapping.text
    let file = try MappingFile(JSONValue(parsing: Array(text.utf8)))
    #expect(file.mappings.map(\.target) == ["firstName", "lastName", "dateOfBirth"])
    #expect(mapping.unmapped == ["x"])
  }

  // MARK: - The corpora

  /// What the headers of the corpora's patient files mean, as people read them.
  static let meanings: [String: [String]] = [
    "firstName": ["first_name", "patient_first_name", "fname", "first", "given_name", "first name"],
    "lastName": ["last_name", "patient_last_name", "lname", "last", "surname", "last name"],
    "dateOfBirth": [
      "date_of_birth", "patient_dob", "dob", "birthdate", "patient_date_of_birth", "birthday", "birthday (yyyy-mm-dd)",
      "birthday (often on wikipedia)",
    ],
    "gender": [
      "gender", "patient_gender", "patient_sex", "biological_sex", "gender (m/f)",
    ],
    "email": ["email", "patient_email"],
    "phone": ["patient_phone_number", "phone_number", "cell", "home", "patient_phone"],
    "address": ["patient_street", "street", "address_1", "patient_street_address", "address"],
    "city": ["patient_city", "city", "suburb"],
    "state": ["patient_state", "state", "region", "state_abbrev", "county", "patient_county"],
    "zipCode": ["patient_zip_code", "patient_zip", "zip_code", "zip", "postcode", "pcode"],
    "country": ["country", "patient_country"],
    "mrn": ["patient_id", "pid", "rec_id", "id", "member_id", "govtrack id", "bioguide id", "bioguide"],
    "externalId": ["ssn", "soc_sec_id"],
    "notes": ["address_notes", "comment", "comments"],
  ]

  /// Header and first rows of every people, health and patient file; quoting aside, which only few of them have.
  private func files() throws -> [(path: String, header: [String], rows: [[String]])] {
    var found: [(String, [String], [[String]])] = []
    for folder in ["people-csv", "health-csv", "health-tsv"] {
      let root = "\(Corpus.root)/files/\(folder)"
      for case let path as String in FileManager.default.enumerator(atPath: root) ?? .init()
      where path.hasSuffix(".csv") || path.hasSuffix(".txt") {
        guard let text = try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) else { continue }
        let lines = text.split(whereSeparator: \.isNewline).prefix(100)
        let separator: Character = folder == "health-tsv" ? "\t" : ","
        let rows = lines.map { line in
          line.split(separator: separator, omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\" \u{FEFF}")) }
        }
        guard let header = rows.first else { continue }
        found.append((path, header, rows.dropFirst().filter { $0.count == header.count }))
      }
    }
    return found
  }

  @Test(.enabled(if: Corpus.exists)) func precisionAndRecallOnTheCorpora() throws {
    let suggester = try Suggester(Self.entity("patients"))
    var (right, wrong, missed, patients, others, noise) = (0, 0, 0, 0, 0, 0)
    for file in try files() {
      let lower = file.header.map { $0.lowercased() }
      func means(_ target: String, _ header: String) -> Bool { Self.meanings[target]!.contains(header.lowercased()) }
      var columns: [ColumnProfile] = []
      for (index, name) in file.header.enumerated() where !file.header[..<index].contains(name) {
        columns.append(try Self.profile(name, file.rows.map { $0[index] }))
      }
      let found = suggester.suggest(columns).suggestions
      guard lower.contains(where: { means("lastName", $0) }), lower.contains(where: { means("firstName", $0) }) else {
        others += 1
        noise += found.isEmpty ? 0 : 1
        continue
      }
      patients += 1
      for suggestion in found {
        if let names = Self.meanings[suggestion.target], names.contains(suggestion.source.lowercased()) {
          right += 1
        } else {
          wrong += 1
          print(
            "wrong: \(suggestion.target) <- \(suggestion.source) (\(suggestion.confidence)) in \(file.path.suffix(50))")
        }
      }
      for target in Self.meanings.keys.sorted() where lower.contains(where: { means(target, $0) }) {
        if !found.contains(where: { $0.target == target }) {
          missed += 1
          print("missed: \(target) in \(file.path.suffix(50))")
        }
      }
    }
    let precision = Double(right) / Double(right + wrong)
    let recall = Double(right) / Double(right + missed)
    print(
      "suggestions on \(patients) patient files: precision \(precision), recall \(recall); \(noise) of \(others) other files got any"
    )
    #expect(patients >= 25)
    #expect(precision >= 0.95)
    #expect(recall >= 0.95)
    #expect(Double(noise) <= 0.3 * Double(others))
  }
}
