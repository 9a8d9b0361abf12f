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
    Dictionary(uniqueKeysWithValues: mapping.suggestions.map { ($0.target, $0.sources.joined(separator: "+")) })
  }

  @Test func namesAreKnownInEveryCase() throws {
    for names in [
      ["patient_first_name", "patient_last_name", "birth_date"], ["PatientFirstName", "PatientLastName", "BirthDate"],
      ["firstName", "lastName", "dateOfBirth"], ["FNAME", "LNAME", "DOB"], ["Given Name", "Surname", "D.O.B."],
      ["Patient's First Name", "Family name", "Birthday (YYYY-MM-DD)"], ["forename", "surname", "date of birht"],
      ["Given", "Family", "Birth"],
    ] {
      let found = try pairs(suggest("patients", names.map { ($0, []) }))
      #expect(
        found == ["firstName": names[0], "lastName": names[1], "dateOfBirth": names[2]], "\(names): \(found)")
    }
  }

  /// Right and left, distance and near, as opticians abbreviate them.
  @Test(arguments: [
    ["R SPH", "R CYL", "R AX", "R ADD", "L SPH", "L CYL", "L AX", "L ADD"],
    ["OD Sphere", "OD Cyl", "OD Axis", "OD Add", "OS Sphere", "OS Cyl", "OS Axis", "OS Add"],
    ["RE_SPH", "RE_CYL", "RE_AXIS", "RE_ADD", "LE_SPH", "LE_CYL", "LE_AXIS", "LE_ADD"],
    ["SphR", "CylR", "AxisR", "AddR", "SphL", "CylL", "AxisL", "AddL"],
  ]) func anOpticiansAbbreviationsAreKnown(_ names: [String]) throws {
    let targets = ["od", "os"].flatMap { eye in ["Sphere", "Cylinder", "Axis", "Add"].map { eye + $0 } }
    for (entity, key) in [("ils2/prescriptions", "Rx No"), ("ils2/orders", "Order No")] {
      var found = try pairs(suggest(entity, ([key] + names).map { ($0, []) }))
      for name in ["externalId", "orderNumber"] { found[name] = nil }
      #expect(found == Dictionary(uniqueKeysWithValues: zip(targets, names)), "\(entity): \(found)")
    }
  }

  /// A letter tells right from left: none is taken for another.
  @Test(arguments: ["OX CYL", "RX SPH", "OU SPH", "OB Axis", "RL Sphere", "LR AXIS", "N SPH", "XE CYL"])
  func noEyeIsGuessed(_ name: String) throws {
    #expect(try pairs(suggest("ils2/prescriptions", [("Rx No", []), (name, [])])) == ["externalId": "Rx No"])
  }

  @Test func aNameIsMadeUpOfItsParts() throws {
    let found = try suggest(
      "ils2/patients", [("Patient No", []), ("Forename", ["Ann"]), ("Surname", ["Lee"]), ("NHS No", [])])
    #expect(pairs(found) == ["externalId": "Patient No", "name": "Forename+Surname", "nhsNumber": "NHS No"])
    let name = found.suggestions.first { $0.target == "name" }?.json
    #expect(name?["join"]?.string == " " && name?["sourceFields"]?.array?.count == 2)
    #expect(found.missing.isEmpty)
  }

  @Test func distancesAndAcuitiesAreKnown() throws {
    let names = ["Rx No", "PD", "R PD", "L PD", "NV PD", "BVD", "VA R", "VA L"]
    let found = try pairs(suggest("ils2/prescriptions", names.map { ($0, []) }))
    #expect(
      found == [
        "externalId": "Rx No", "pd": "PD", "pdRight": "R PD", "pdLeft": "L PD", "nearPd": "NV PD",
        "backVertexDistance": "BVD", "odVisualAcuityAided": "VA R", "osVisualAcuityAided": "VA L",
      ], "\(found)")
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

  @Test func aNameBesideAFirstNameIsTheLastNameAsItIs() throws {
    let columns = [
      ("Name", ["von der Ley", "Kern"]), ("Vorname", ["Pia", "Ben"]), ("geb. am", ["02.01.1980", "31.12.1961"]),
    ]
    let mapping = try suggest("patients", columns)
    #expect(pairs(mapping) == ["lastName": "Name", "firstName": "Vorname", "dateOfBirth": "geb. am"])
    let name = try #require(mapping.suggestions.first { $0.target == "lastName" })
    #expect(name.transform == .string("trim") && name.confidence <= 0.6)
  }

  @Test func whatIsProposedIsAMappingFile() throws {
    let mapping = try suggest("patients", [("fname", ["A\"b"]), ("lname", ["L"]), ("dob", ["1/2/1980"]), ("x", ["y"])])
    let text = mapping.text
    let file = try MappingFile(JSONValue(parsing: Array(text.utf8)))
    #expect(file.mappings.map(\.target) == ["firstName", "lastName", "dateOfBirth"])
    #expect(mapping.unmapped == ["x"])
  }

  // MARK: - Names of other systems and languages

  @Test(arguments: [
    (
      "patients",
      ["N° dossier", "Prénom", "Nom", "Date de naissance", "Téléphone", "Rue", "Ville", "Code postal", "Sexe"],
      ["mrn", "firstName", "lastName", "dateOfBirth", "phone", "address", "city", "zipCode", "gender"]
    ),
    (
      "patients", ["Patienten-Nr.", "Vorname", "Nachname", "Geburtsdatum", "Straße", "PLZ", "Wohnort", "Geschlecht"],
      ["mrn", "firstName", "lastName", "dateOfBirth", "address", "zipCode", "city", "gender"]
    ),
    (
      "patients", ["Nº historia", "Nombre", "Apellidos", "Fecha nacimiento", "Dirección", "Población", "Género"],
      ["mrn", "firstName", "lastName", "dateOfBirth", "address", "city", "gender"]
    ),
    ("patients", ["Chart #", "First Name", "Last Name", "DOB"], ["mrn", "firstName", "lastName", "dateOfBirth"]),
    // Salesforce.
    (
      "patients",
      [
        "FirstName", "LastName", "Birthdate", "MRN__c", "MailingStreet", "MailingCity", "MailingState",
        "MailingPostalCode", "MailingCountry", "PersonEmail",
      ],
      ["firstName", "lastName", "dateOfBirth", "mrn", "address", "city", "state", "zipCode", "country", "email"]
    ),
    // HubSpot.
    (
      "patients",
      ["Record ID - Contact", "firstname", "lastname", "Date of birth", "Mobile Phone Number", "State/Region"],
      ["externalId", "firstName", "lastName", "dateOfBirth", "phone", "state"]
    ),
    (
      "orders", ["Order #", "Patient ID", "Order Date", "Exam Type", "Status"],
      ["orderNumber", "patientIdentifier", "orderDate", "testType", "status"]
    ),
    (
      "orders", ["N° de commande", "N° patient", "Date de commande", "Type d'examen", "Statut", "Médecin", "Résultat"],
      ["orderNumber", "patientIdentifier", "orderDate", "testType", "status", "orderingProvider", "resultValue"]
    ),
    (
      "orders", ["Auftrags-Nr.", "Patientennummer", "Auftragsdatum", "Untersuchung", "Priorität", "Befund", "Einheit"],
      ["orderNumber", "patientIdentifier", "orderDate", "testType", "priority", "resultValue", "resultUnit"]
    ),
    (
      "patients", ["PatNr", "Nachname", "Vorname", "geb. am", "Tel. privat", "M/F"],
      ["mrn", "lastName", "firstName", "dateOfBirth", "phone", "gender"]
    ),
    ("patients", ["Nom", "Prénom", "Né(e) le"], ["lastName", "firstName", "dateOfBirth"]),
    (
      "orders", ["Auftragsnr.", "Patientennr.", "Auftragsdatum", "Ordering MD"],
      ["orderNumber", "patientIdentifier", "orderDate", "orderingProvider"]
    ),
    ("orders", ["N.º de pedido", "Paciente", "Fecha de pedido"], ["orderNumber", "patientIdentifier", "orderDate"]),
    (
      "orders", ["Auftragsnummer", "Kundennummer", "Auftragsdatum", "Untersuchung"],
      ["orderNumber", "patientIdentifier", "orderDate", "testType"]
    ),
    (
      "orders", ["Número de orden", "Paciente", "Fecha del examen", "Tipo de prueba", "Estado", "Médico"],
      ["orderNumber", "patientIdentifier", "orderDate", "testType", "status", "orderingProvider"]
    ),
  ]) func namesOfOtherSystemsAreKnown(_ entity: String, _ names: [String], _ targets: [String]) throws {
    let found = try pairs(suggest(entity, names.map { ($0, []) }))
    #expect(found == Dictionary(uniqueKeysWithValues: zip(targets, names)))
  }

  private let person = [("first", ["Ann"]), ("last", ["Lee"]), ("dob", ["1980-01-02"])]

  @Test(arguments: [
    ("SSN", ["900-11-2233"]), ("Patient SSN", []), ("Social Security No.", ["900112233"]),
    ("NHS Number", ["943 476 5919"]),
    ("National ID", ["1"]), ("DNI", []), ("Codice fiscale", []), ("N° sécurité sociale", []), ("SSN__c", []),
    // By their values, whatever the name says.
    ("ID", ["900-11-2233", "900-22-3344", "900-33-4455"]),
    ("Patient ID", ["943 476 5919", "9434765870", "9434765862"]),
    ("External ID", ["12345678Z", "87654321X", "11111111H"]),
  ]) func aNationalNumberFeedsNothing(_ name: String, _ values: [String]) throws {
    let mapping = try suggest("patients", person + [(name, values)])
    #expect(pairs(mapping) == ["firstName": "first", "lastName": "last", "dateOfBirth": "dob"])
    #expect(mapping.national == [name])
    #expect(mapping.unmapped == [name])
  }

  @Test func ofSeveralPhonesTheFirstThatIsThereIsTaken() throws {
    let mapping = try suggest(
      "patients",
      person + [
        ("Phone (home)", ["555-555-0100", "", "555-555-0102"]), ("Cell", ["555-555-0200", "555-555-0201", ""]),
        ("Fax", ["555-555-0300"]), ("Contact number", ["ask", "the", "daughter"]),
      ])
    let phone = try #require(mapping.suggestions.first { $0.target == "phone" })
    #expect(Set(phone.sources) == ["Phone (home)", "Cell"])
    #expect(phone.reason.contains("the first is taken"))
    #expect(mapping.unmapped == ["Fax", "Contact number"])
    #expect(try MappingFile(JSONValue(parsing: Array(mapping.text.utf8))).mappings.count == 4)
  }

  // MARK: - What is read

  private func suggestion(_ entity: String, _ name: String, _ values: [String], for target: String) throws -> Suggestion
  {
    let others =
      entity == "patients"
      ? person
      : [("order number", ["1"]), ("patient id", ["1"]), ("order date", ["2024-01-02"]), ("test type", ["OCT"])]
    return try #require(
      try suggest(entity, others.filter { $0.0 != name } + [(name, values)]).suggestions.first { $0.target == target })
  }

  @Test(arguments: [
    ("dob", "dateOfBirth", ["25/12/1979", "12/25/1979", "01/02/1978"], 0.5),
    ("dob", "dateOfBirth", ["01/02/1978", "03/04/1979"], 0.75),
    ("dob", "dateOfBirth", ["25/12/1979", "soon", "1/2/1978", "24/12/1979"], 0.75),
    ("dob", "dateOfBirth", ["1979-12-25T10:20:00", "1979-12-26"], 0.5),
    ("sex", "gender", ["M", "F", "F", "3"], 0.75), ("sex", "gender", ["1", "2"], 0),
    ("cell", "phone", ["555-555-0100", "none", "-"], 0.33),
  ]) func confidenceIsWhatIsRead(_ name: String, _ target: String, _ values: [String], _ most: Double) throws {
    let found = try suggestion("patients", name, values, for: target)
    #expect(
      found.confidence <= most + 0.005 && found.confidence >= most - 0.005, "\(found.confidence): \(found.reason)")
  }

  @Test func oneUnreadableValueOfManyIsBelowCertainty() throws {
    let found = try suggestion(
      "patients", "dob", Array(repeating: "1980-01-02", count: 999) + ["never"], for: "dateOfBirth")
    #expect(found.confidence < 1)
    #expect(found.json["confidence"] != .number("1.00"))
    #expect(found.reason.contains("1 of 1000 values are not read"))
  }

  @Test(arguments: [
    ("patients", "sexe", "gender", ["Femme", "Homme", "Femme"], ["Femme": "female", "Homme": "male"], 0),
    ("patients", "sexo", "gender", ["H", "M", "M"], ["H": "male", "M": "female"], 0),
    ("patients", "sexe", "gender", ["H", "F", "F"], ["H": "male", "F": "female"], 0),
    ("patients", "sex", "gender", ["male", "F"], [:], 0),
    (
      "patients", "Geschlecht", "gender", ["weiblich", "männlich", "k. A.", "k. A."],
      ["weiblich": "female", "männlich": "male"], 2
    ),
    (
      "orders", "Status", "status", ["Completed", "In Progress", "Done"],
      ["Completed": "completed", "In Progress": "in_progress", "Done": "completed"], 0
    ),
    ("orders", "Status", "status", ["completed", "pending"], [:], 0),
    (
      "orders", "Statut", "status", ["Terminé", "En cours", "???"],
      ["Terminé": "completed", "En cours": "in_progress"], 1
    ),
  ]) func aShortListOfWordsGetsATable(
    _ entity: String, _ name: String, _ target: String, _ values: [String], _ table: [String: String], _ unread: Int
  ) throws {
    let found = try suggestion(entity, name, values, for: target)
    #expect(Dictionary(uniqueKeysWithValues: found.values.map { ($0.name, $0.value.string ?? "") }) == table)
    #expect(found.reason.contains("\(unread) of \(values.count) values are not read") == (unread > 0))
  }

  /// What is proposed reads what it says that it reads.
  @Test func aTableThatIsProposedWorks() throws {
    let values = ["Femme", "Homme", "F", "M", "Autre", "?"]
    let mapping = try suggest("patients", person + [("sexe", values)])
    let entry = try #require(mapping.suggestions.first { $0.target == "gender" })
    let mapped = try map("{\"mappings\":[\(entry.json.text)]}", values.map { #"{"sexe":"\#($0)"}"# })
    #expect(mapped.lines == ["female", "male", "female", "male", "other"].map { #"{"gender":"\#($0)"}"# })
    #expect(mapped.errors == ["gender: gender.unreadable"])
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
    // A social security number is none.
    "externalId": [],
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
        if let names = Self.meanings[suggestion.target],
          suggestion.sources.allSatisfy({ names.contains($0.lowercased()) })
        {
          right += 1
        } else {
          wrong += 1
          print(
            "wrong: \(suggestion.target) <- \(suggestion.sources) (\(suggestion.confidence)) in \(file.path.suffix(50))"
          )
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
    #expect(precision >= 0.997)
    #expect(recall >= 0.967)
    #expect(Double(noise) <= 0.3 * Double(others))
  }
}
