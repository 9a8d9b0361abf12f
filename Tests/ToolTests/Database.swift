import Foundation

/// A database of its own on the private server of this test run, with the target tables and the toolkit's own.
final class Database {
  let scratch: Scratch
  let url: String
  let name: String

  /// One that each test's is a copy of: made once, with the server.
  private static let template = Result {
    let name = newName()
    let made = try Scratch().run(
      "'\(Place.root)/scripts/pg-local' start >/dev/null 2>&1; '\(Place.root)/scripts/lib/database' \(name)")
    guard made.status == 0 else { throw Unavailable(reason: made.err) }
    return (name: name, url: made.out.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private static func newName() -> String {
    "test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "_")
  }

  init() throws {
    scratch = try Scratch()
    let name = Self.newName()
    let template = try Self.template.get()
    func url(of name: String) -> String { template.url.replacingOccurrences(of: template.name, with: name) }
    let made = try scratch.run(
      "psql -Xqc 'CREATE DATABASE \(name) TEMPLATE \(template.name)' '\(url(of: "ils"))'")
    guard made.status == 0 else { throw Unavailable(reason: made.err) }
    (self.url, self.name) = (url(of: name), name)
  }

  /// One with fifty patients, and an order of each; the id of the patients' job.
  static func loaded() throws -> (database: Database, job: String) {
    let database = try Database()
    let (job, _) = try database.load(
      "patients", "--batch-size 20",
      (1...50).map { patient($0, mrn: "M\($0)", first: "F\($0)", city: "Zürich \\\\ \($0)") })
    _ = try database.load("orders", "", (1...50).map { order($0, "O\($0)", of: "M\($0)") })
    return (database, job)
  }

  struct Unavailable: Error { let reason: String }

  /// Runs `script` in the scratch folder, with DATABASE_URL set.
  func run(_ script: String) throws -> Outcome { try scratch.run("export DATABASE_URL='\(url)'\n" + script) }

  /// What a query answers: a line a row, values separated by bars.
  func rows(_ sql: String) throws -> [String] {
    try scratch.write(".sql", sql)
    let result = try run("psql -XAtq -v ON_ERROR_STOP=1 -f .sql \"$DATABASE_URL\"")
    guard result.status == 0 else { throw Unavailable(reason: result.err) }
    return result.out.split(separator: "\n").map(String.init)
  }

  /// Waits until the server has done with everybody else: what a killed loader was about to commit counts.
  func outwaitOthers() throws {
    let others = """
      SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
      """
    for _ in 0..<3000 {
      if try rows(others).isEmpty { return }
      usleep(20_000)
    }
    throw Unavailable(reason: "the server is still at work for somebody else")
  }

  /// From now on whoever does `event` where `condition` holds waits for lock 4711 as long as somebody has it (`bar`), whatever
  /// patience it has otherwise.
  func addGate(_ event: String, when condition: String) throws {
    _ = try rows(Self.gate(event, when: condition))
  }

  static func gate(_ event: String, when condition: String, lock: Int = 4711) -> String {
    """
    CREATE OR REPLACE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS
      'BEGIN PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint); RETURN NEW; END';
    CREATE \(event) FOR EACH ROW WHEN (\(condition)) EXECUTE FUNCTION gate(\(lock));
    """
  }

  /// What `hold` takes before a gate.
  static let bar = "SELECT pg_advisory_xact_lock(4711)"

  /// All that the target tables hold, as pg_dump writes it.
  func dump() throws -> String {
    try run("pg_dump --data-only --inserts -t patients -t orders \"$DATABASE_URL\" | grep ^INSERT | sort").out
  }

  /// Loads `records` and returns the job's id with what ils-load said.
  func load(_ entity: String, _ options: String, _ records: [String]) throws -> (job: String, outcome: Outcome) {
    try scratch.write("records", records.map { $0 + "\n" }.joined())
    let outcome = try run("ils-load \(entity) \(options) records")
    let job = outcome.err.firstMatch(of: /job ([0-9a-f-]{36})/).map { String($0.1) } ?? ""
    return (job, outcome)
  }
}

/// A patient's record. Fields that are nil are not in it.
func patient(
  _ row: Int, mrn: String? = nil, first: String = "Ann", last: String = "Lee", born: String = "1980-01-02",
  email: String? = nil, city: String? = nil, source: String? = nil, external: String? = nil, phone: String? = nil
) -> String {
  let fields: [(String, String?)] = [
    ("mrn", mrn), ("firstName", first), ("lastName", last), ("dateOfBirth", born), ("email", email), ("city", city),
    ("importSource", source), ("externalId", external), ("phone", phone),
  ]
  return "{\"_row\":\(row)" + fields.compactMap { name, value in value.map { ",\"\(name)\":\"\($0)\"" } }.joined() + "}"
}

func order(_ row: Int, _ number: String, of patient: String) -> String {
  #"{"_row":\#(row),"patientIdentifier":"\#(patient)","orderNumber":"\#(number)","orderDate":"2024-01-15","testType":"Eye Exam"}"#
}
