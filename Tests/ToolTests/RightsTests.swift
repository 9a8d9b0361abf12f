import Foundation
import Testing

/// What a load cannot do at all is told before its first row, with what to do, instead of once a record.
@Suite struct RightsTests {
  let database: Database
  /// A role that may load; roles belong to the whole server.
  let role = "loader\(UUID().uuidString.lowercased().prefix(8))"

  init() throws {
    database = try Database()
    let roles = try database.run("psql -qX -v ON_ERROR_STOP=1 -f '\(Place.root)/scripts/roles.sql' \"$DATABASE_URL\"")
    #expect(roles.status == 0)
    _ = try database.rows("CREATE ROLE \(role) LOGIN IN ROLE ils_loader")
    try database.scratch.write("people", patient(1, mrn: "M1") + "\n")
    try database.scratch.write("orders", order(1, "O1", of: "M1") + "\n")
  }

  private func load(_ arguments: String) throws -> Outcome {
    try database.run("ils-load \(arguments) --database \"${DATABASE_URL/user=postgres/user=\(role)}\"")
  }

  @Test(arguments: [
    ("REVOKE INSERT ON patients FROM ils_loader", "patients people", "GRANT INSERT ON \"patients\" TO "),
    ("REVOKE SELECT ON patients FROM ils_loader", "patients people", "GRANT SELECT ON \"patients\" TO "),
    // Who wrote a row is asked once others write.
    (
      "REVOKE SELECT ON patients FROM ils_loader; GRANT SELECT (id, mrn, external_id, import_source, first_name, last_name, date_of_birth, email) ON patients TO ils_loader",
      "patients people", "GRANT SELECT ON \"patients\" TO "
    ),
    (
      "REVOKE UPDATE ON patients FROM ils_loader", "patients --update-existing people",
      "GRANT UPDATE ON \"patients\" TO "
    ),
    ("REVOKE SELECT ON patients FROM ils_loader", "orders orders", "GRANT SELECT ON \"patients\" TO "),
    (
      "CREATE SEQUENCE numbers; ALTER TABLE patients ADD n int DEFAULT nextval('numbers'); ALTER SEQUENCE numbers OWNED BY patients.n",
      "patients people", "GRANT USAGE ON SEQUENCE numbers TO "
    ),
    (
      "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ils FROM ils_loader", "patients people", "denied for function open_job"
    ),
  ]) func aMissingRightIsNamedBeforeTheFirstRow(sql: String, arguments: String, message: String) throws {
    _ = try database.rows(sql)
    let result = try load(arguments)
    #expect(
      result.status == 77 && result.err.contains(message) && result.err.contains("[db.permission]"), "\(result.err)")
    #expect(result.out == "")
    #expect(try database.rows("SELECT count(*) FROM ils.jobs") == ["0"])
  }

  /// Rights to the columns alone that are needed are enough; and none to change rows where none is changed.
  @Test func aRightThatIsNotNeededIsNotAskedFor() throws {
    _ = try database.rows(
      """
      REVOKE UPDATE ON patients FROM ils_loader;
      ALTER TABLE patients ADD secret text;
      DO $$ DECLARE list text; BEGIN
        SELECT string_agg(quote_ident(attname), ', ') INTO list FROM pg_attribute
        WHERE attrelid = 'patients'::regclass AND attnum > 0 AND attname NOT IN ('secret', 'created_at', 'updated_at');
        REVOKE INSERT, SELECT ON patients FROM ils_loader;
        EXECUTE format('GRANT INSERT (%s), SELECT (%1$s, xmin) ON patients TO ils_loader', list);
      END $$
      """)
    // Others are at work, even if in another table.
    let result = try database.run(
      """
      hold "CREATE TABLE notes (); SELECT pg_current_xact_id()"
      ils-load patients --skip-duplicates people --database "${DATABASE_URL/user=postgres/user=\(role)}"; echo $?
      let_go
      """)
    #expect(result.out.hasSuffix("0\n"), "\(result.out)\(result.err)")
    #expect(try database.rows("SELECT count(*) FROM patients") == ["1"])
  }

  @Test(arguments: [
    ("CREATE MATERIALIZED VIEW place AS SELECT * FROM patients", "place is a materialized view"),
    ("CREATE VIEW place AS SELECT DISTINCT * FROM patients", "place is a view"),
  ]) func whereNoRowsCanBePutIsNamed(sql: String, message: String) throws {
    _ = try database.rows(sql)
    let result = try database.run(
      """
      sed 's/"table": "patients"/"table": "place"/' '\(Place.root)/Sources/ILSData/entities/patients.json' > place.json
      ils-load --schema place.json people
      """)
    #expect(result.status == 78 && result.err.contains(message), "\(result.err)")
    #expect(try database.rows("SELECT count(*) FROM ils.jobs") == ["0"])
  }
}
