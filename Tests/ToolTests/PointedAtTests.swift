import Foundation
import Testing

/// What points at rows of a job, and would go along with them, is there still when the job is undone, seen or not.
@Suite struct PointedAtTests {
  private let database: Database
  private let job: String
  /// A role that policies bind; roles belong to the whole server.
  private let tenant = "tenant\(UUID().uuidString.lowercased().prefix(8))"

  init() throws {
    database = try Database()
    (job, _) = try database.load("patients", "", [patient(1, mrn: "1"), patient(2, mrn: "2", first: "Bo")])
    _ = try database.rows(
      """
      CREATE TABLE bookings (company text NOT NULL, patient uuid REFERENCES patients ON DELETE CASCADE);
      ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON bookings USING (company = 'a');
      CREATE ROLE \(tenant) LOGIN;
      GRANT USAGE ON SCHEMA ils TO \(tenant);
      GRANT ALL ON ALL TABLES IN SCHEMA ils, public TO \(tenant)
      """)
  }

  private func book(_ company: String, _ mrn: String) throws {
    _ = try database.rows("INSERT INTO bookings SELECT '\(company)', id FROM patients WHERE mrn = '\(mrn)'")
  }

  private func undo() throws -> Outcome {
    try database.run("ils-rollback \(job) --database \"${DATABASE_URL/user=postgres/user=\(tenant)}\"")
  }

  private func left() throws -> [String] {
    try database.rows(
      "SELECT (SELECT string_agg(mrn, ',' ORDER BY mrn) FROM patients), (SELECT string_agg(company, ',') FROM bookings)"
    )
  }

  // MARK: - Rows that are not seen

  @Test func aTenantUndoesWhatNobodyPointsAt() throws {
    let undone = try undo()
    #expect(undone.status == 0, "\(undone.err)")
    #expect(try left() == ["|"])
  }

  @Test(arguments: ["a", "b"]) func whatAnybodyPointsAtStays(company: String) throws {
    try book(company, "1")
    let undone = try undo()
    #expect(undone.status == 1 && undone.out.contains(#""reason":"referenced""#), "\(undone.out)\(undone.err)")
    #expect(try left() == ["1|\(company)"])
  }

  /// A policy that binds the owner of schema ils too leaves nobody to ask.
  @Test func whereTheOwnerDoesNotSeeEitherNothingIsUndone() throws {
    try book("b", "1")
    _ = try database.rows(
      "ALTER FUNCTION ils.sees_key(oid) OWNER TO \(tenant); ALTER FUNCTION ils.is_pointed_at(oid, text[]) OWNER TO \(tenant)"
    )
    let undone = try undo()
    #expect(undone.status == 77 && undone.err.contains("[rollback.unseen]"), "\(undone.err)")
    #expect(try left() == ["1,2|b"])
  }

  /// Whom nobody lets delete rows, nobody tells whether others point at them.
  @Test func whoMayNotDeleteIsToldNothing() throws {
    try book("b", "1")
    _ = try database.rows("REVOKE DELETE ON patients FROM \(tenant)")
    let asked = try database.run(
      """
      psql -XAtq "${DATABASE_URL/user=postgres/user=\(tenant)}" \
        -c "SELECT ils.is_pointed_at(c.oid, ARRAY[p.id::text]) FROM pg_constraint c, patients p WHERE conrelid = 'bookings'::regclass AND contype = 'f'"
      """)
    #expect(asked.status != 0 && asked.out.isEmpty && asked.err.contains("not seen"), "\(asked.out)\(asked.err)")
  }

  @Test(arguments: [
    ("text", "text", "'Ab'"), ("varchar(9)", "text", "'Ab'"), ("char(5)", "char(5)", "'Ab'"),
    ("uuid", "uuid", "gen_random_uuid()"),
    ("bigint", "int", "7"), ("numeric", "numeric", "1.50"), ("timestamp", "timestamp", "'2026-10-05 01:30:00.123456'"),
    ("date", "date", "'0044-03-15 BC'"), ("bytea", "bytea", #"'\x00ff'"#),
  ]) func keysAreComparedByTheirTypes(target: String, own: String, value: String) throws {
    let found = try database.rows(
      """
      SET datestyle = 'SQL, DMY'; SET intervalstyle = 'sql_standard'; SET timezone = 'Asia/Kolkata';
      CREATE TABLE places (n int, k \(target), PRIMARY KEY (n, k));
      CREATE TABLE rooms (k \(own), "of it" int, FOREIGN KEY ("of it", k) REFERENCES places (n, k) ON DELETE CASCADE);
      INSERT INTO places SELECT n, \(value) FROM generate_series(1, 3) n;
      INSERT INTO rooms SELECT k::\(own), n FROM places WHERE n = 2;
      SELECT p.n, ils.sees_key(c.oid), ils.is_pointed_at(c.oid, ARRAY[p.n::text, p.k::text])
      FROM places p, pg_constraint c WHERE c.conrelid = 'rooms'::regclass AND c.contype = 'f' ORDER BY 1
      """)
    #expect(found == ["1|t|f", "2|t|t", "3|t|f"])
  }

  /// What text does not hold exactly, as India's time and Israel's are both IST in it, and what other users' functions compare, is asked of nobody.
  @Test(arguments: [
    ("timestamptz", "timestamptz", ""), ("float8", "float8", ""), ("int[]", "int[]", ""), ("numeric", "int", ""),
    ("mood", "mood", "CREATE TYPE mood AS ENUM ('a');"),
    ("small", "small", "CREATE DOMAIN small AS int CHECK (VALUE < 9);"),
  ]) func keysOfOtherTypesAreNotAsked(target: String, own: String, before: String) throws {
    let found = try database.rows(
      """
      \(before) CREATE TABLE places (k \(target) PRIMARY KEY);
      CREATE TABLE rooms (k \(own) REFERENCES places ON DELETE CASCADE);
      SELECT ils.sees_key(oid) FROM pg_constraint WHERE conrelid = 'rooms'::regclass AND contype = 'f'
      """)
    #expect(found == ["f"])
  }

  // MARK: - Rows that are on their way

  @Test(arguments: [true, false]) func aRowThatIsAboutToBePointedAtStays(hasColumn: Bool) throws {
    var job = job
    if !hasColumn {
      _ = try database.run(
        """
        ils-rollback \(job)
        sed 's/"job": "import_job_id"/"job": null/' '\(Place.root)/Sources/ILSData/entities/patients.json' > patients.json
        """)
      (job, _) = try database.load(
        "--schema patients.json", "", [patient(1, mrn: "1"), patient(2, mrn: "2", first: "Bo")])
    }
    let undone = try database.run(
      """
      hold "INSERT INTO bookings SELECT 'a', id FROM patients WHERE mrn = '1'"
      ils-rollback \(job) > out & undo=$!
      await is "count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
      let_go
      wait "$undo"; echo $?; cat out
      """)
    #expect(undone.out.hasPrefix("1\n") && undone.out.contains(#""reason":"referenced""#), "\(undone.out)\(undone.err)")
    #expect(try left() == ["1|a"])
  }
}
