import Foundation
import Testing

/// Backups, roles and the verification that a migration ends with.
@Suite struct ScriptsTests {
  private let backup = "'\(Place.root)/scripts/backup/backup-database.sh'"
  private let restore = "'\(Place.root)/scripts/backup/restore-database.sh'"

  // MARK: - Backups

  @Test func aBackupBringsBackEveryRow() throws {
    let (database, job) = try Database.loaded()
    let before = try database.dump()
    let saved = try database.run("\(backup) --to saved")
    let file = saved.out.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(saved.status == 0 && file.hasPrefix("saved/test_"))
    #expect(try database.run("stat -c %a saved/*.dump saved/*.sha256").out == "600\n600\n")
    let tested = try database.run("\(restore) --test \(file)")
    #expect(tested.status == 0 && tested.out.contains("public.patients\t50\n"))
    _ = try database.rows("DELETE FROM orders; UPDATE patients SET city = 'Rome'")
    #expect(try database.run("\(restore) \(file)").status == 65)
    #expect(try database.dump() != before)
    #expect(try database.run("\(restore) --replace \(file)").status == 0)
    #expect(try database.dump() == before)
    let trail = try database.run("ils-jobs audit --verify && ils-jobs audit | tail -n 1")
    #expect(trail.status == 0 && trail.out.contains("database restored"))
    // The server cannot tell any more what was edited: nothing is deleted on a guess.
    #expect(try database.run("ils-rollback \(job)").err.contains("[job.elsewhere]"))
    let empty = database.url.replacingOccurrences(of: "/test_", with: "/copy_test_")
    let name = try #require(empty.firstMatch(of: /copy_test_\w+/)).0
    _ = try database.rows("CREATE DATABASE \(name) TEMPLATE template0")
    #expect(try database.run("\(restore) --database '\(empty)' \(file)").status == 0)
    #expect(
      try database.run("pg_dump --data-only --inserts -t patients -t orders '\(empty)' | grep ^INSERT | sort").out
        == before)
  }

  @Test func aBackupThatIsNotWhatWasSavedIsRefused() throws {
    let (database, _) = try Database.loaded()
    let before = try database.dump()
    let file = try database.run("\(backup) --to saved").out.trimmingCharacters(in: .whitespacesAndNewlines)
    let changed = try database.run(
      "printf x | dd of=\(file) bs=1 seek=900 conv=notrunc status=none; \(restore) --replace \(file)")
    #expect(changed.status == 65 && changed.err.contains("its checksum differs"))
    #expect(try database.run("rm \(file).sha256; \(restore) --replace \(file)").status == 66)
    #expect(try database.dump() == before)
    #expect(try database.run("\(backup) --to full --database 'host=/nowhere'").status == 69)
    #expect(try database.run("ls full").out == "")
  }

  @Test func onlyTheNewestBackupsAreKept() throws {
    let database = try Database()
    let kept = try database.run(
      """
      for day in 1 2 3; do name=$(psql -XAtqc 'select current_database()' "$DATABASE_URL")
        mkdir -p saved; touch saved/$name-2026010${day}T000000Z.dump{,.sha256}; done
      \(backup) --to saved --keep 2 > new; ls saved | wc -l; ls saved | grep -c 20260103T
      """)
    #expect(kept.status == 0 && kept.out.hasPrefix("4\n2\n"))
  }

  /// All users of a machine see the arguments of its processes.
  @Test func noPasswordIsAmongTheArgumentsOfAProgram() throws {
    let (database, _) = try Database.loaded()
    // The URL's own, that of a query, and conninfo words.
    let (name, host) = (
      #"$(psql -XAtqc 'select current_database()' "$DATABASE_URL")"#,
      "host=$(psql -XAtqc 'show unix_socket_directories' \"$DATABASE_URL\")"
    )
    let outcome = try database.run(
      """
      mkdir seen
      for program in psql pg_dump pg_restore; do
        printf '#!/bin/sh\\necho "$0 $*" >> "%s/args"; echo "$PGPASSWORD" >> "%s/words"\\nexec "%s" "$@"\\n' \
          "$PWD" "$PWD" "$(command -v $program)" > seen/$program; chmod +x seen/$program
      done
      name=\(name); place=\(host); PATH=$PWD/seen:$PATH
      for url in "$DATABASE_URL&password=planted%20word" "user=postgres dbname=$name $place password = 'planted word'" \
        "postgresql://postgres:planted%20word@/$name?$place"; do
        rm -rf saved; file=$(\(backup) --database "$url" --to saved) || exit 1
        DATABASE_URL=$url \(restore) --test "$file" > /dev/null || exit 2
        DATABASE_URL=$url \(restore) --replace "$file" || exit 3
        DATABASE_URL=$url ils-verify patients < /dev/null > /dev/null || [ $? = 1 ] || exit 4
      done
      sort -u words; grep -c pg_dump args; grep -c pg_restore args; grep -c planted args
      """)
    #expect(outcome.out == "planted word\n3\n9\n0\n", "\(outcome.status) \(outcome.out) \(outcome.err)")
  }

  // MARK: - Roles

  @Test func rolesHaveNoMoreRightsThanTheirWorkNeeds() throws {
    let (database, job) = try Database.loaded()
    for _ in 1...2 {
      #expect(
        try database.run("psql -qX -v ON_ERROR_STOP=1 -f '\(Place.root)/scripts/roles.sql' \"$DATABASE_URL\"").status
          == 0)
    }
    let unique = UUID().uuidString.prefix(8).lowercased()
    _ = try database.rows(
      """
      CREATE TABLE payroll (salary int);
      CREATE ROLE l\(unique) LOGIN IN ROLE ils_loader; CREATE ROLE u\(unique) LOGIN IN ROLE ils_undo;
      CREATE ROLE a\(unique) LOGIN IN ROLE ils_auditor;
      """)
    func run(as role: String, _ script: String) throws -> Outcome {
      try database.run(
        "export DATABASE_URL='\(database.url.replacingOccurrences(of: "user=postgres", with: "user=\(role)\(unique)"))'\n\(script)"
      )
    }
    func mayNot(_ role: String, _ sql: String) throws {
      let refused = try run(as: role, "psql -XAtqc \"\(sql)\" \"$DATABASE_URL\"")
      #expect(refused.err.contains("permission denied"), "\(role): \(sql)")
    }
    // A load with an update, a refusal, a parked order; a shared job that is closed; and looking at them.
    try database.scratch.write(
      "more",
      patient(1, mrn: "M1", first: "F1", city: "Rome") + "\n" + patient(2, mrn: "X") + "\n" + patient(3, born: "1")
        + "\n")
    let load = try run(as: "l", "ils-load patients --update-existing --rejects bad more")
    #expect(load.status == 1 && load.out.contains(#""inserted":1,"updated":1,"skipped":0,"failed":1"#), "\(load.err)")
    let later = load.out.firstMatch(of: /"job":"([0-9a-f-]{36})","kind"/).map { String($0.1) } ?? ""
    try database.scratch.write("order", order(1, "P1", of: "M99") + "\n")
    try database.scratch.write("late", patient(1, mrn: "M99", first: "Late") + "\n")
    let shared = "01a20000-0000-7000-8000-00000000000c"
    let work = try run(
      as: "l",
      """
      set -e
      ils-load orders --park-orphans order; ils-load patients --job \(shared) late; ils-jobs close \(shared)
      ils-jobs list; ils-jobs show \(later); ils-jobs errors \(later); ils-load patients --dry-run more || [ $? = 1 ]
      ils-load patients --atomic <<< '\(patient(1, mrn: "A", first: "At"))'
      """)
    #expect(work.status == 0, "\(work.err)")
    #expect(try database.rows("SELECT count(*) FROM orders WHERE order_number = 'P1'") == ["1"])
    for sql in [
      "SELECT * FROM payroll", "DELETE FROM patients", "SELECT * FROM ils.before_images", "SELECT * FROM ils.audit",
      "DELETE FROM ils.jobs", "TRUNCATE orders", "UPDATE ils.batches SET inserted = 0",
      "INSERT INTO ils.audit SELECT * FROM ils.audit",
    ] { try mayNot("l", sql) }
    #expect(try run(as: "l", "ils-rollback \(later)").status == 77)
    let undone = try run(as: "u", "ils-rollback \(later)")
    #expect(undone.status == 0 && undone.out.contains(#""deleted":1,"restored":1,"kept":0"#), "\(undone.err)")
    #expect(try run(as: "u", "ils-rollback --cascade \(job)").status == 0)
    try mayNot("u", "SELECT * FROM payroll")
    try mayNot("u", "SELECT * FROM ils.audit")
    #expect(try run(as: "a", "ils-jobs audit --verify && ils-jobs list && ils-jobs errors \(later)").status == 0)
    try mayNot("a", "SELECT * FROM patients")
    try mayNot("a", "SELECT ils.append_audit('x', null, 'x', 'x', '{}')")
    try mayNot("a", "SELECT * FROM ils.parked")
  }

  /// What roles may write to the toolkit's own tables, all else being refused. Rows of jobs that are not their own they may
  /// not write at all; what is here is refused by a trigger then.
  private static let writes: Set = [
    "aliases INSERT", "before_images INSERT", "inputs INSERT", "inputs UPDATE", "inserted INSERT", "job_errors INSERT",
    "parked INSERT",
  ]

  @Test func rolesWriteNoRowOfAJobThatIsNotTheirOwn() throws {
    let (database, job) = try Database.loaded()
    _ = try database.load("orders", "--park-orphans", [order(1, "P1", of: "M99")])
    for _ in 1...2 { _ = try database.run("psql -qX -f '\(Place.root)/scripts/roles.sql' \"$DATABASE_URL\"") }
    let role = "r" + UUID().uuidString.prefix(8).lowercased()
    let tables = try database.rows(
      "SELECT relname FROM pg_class WHERE relnamespace = 'ils'::regnamespace AND relkind = 'r'")
    #expect(tables.count > 10)
    for group in ["ils_loader", "ils_undo", "ils_auditor"] {
      _ = try database.rows("DROP ROLE IF EXISTS \(role); CREATE ROLE \(role) LOGIN IN ROLE \(group)")
      let allowed = group == "ils_auditor" ? [] : Self.writes
      for table in tables {
        let granted = try database.rows(
          """
          SELECT p FROM unnest('{INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER,REFERENCES}'::text[]) p
          WHERE CASE WHEN p IN ('DELETE', 'TRUNCATE', 'TRIGGER') THEN has_table_privilege('\(role)', 'ils.\(table)', p)
            ELSE has_any_column_privilege('\(role)', 'ils.\(table)', p) END
          """)
        #expect(Set(granted.map { "\(table) \($0)" }) == allowed.filter { $0.hasPrefix("\(table) ") }, "\(group)")
      }
      // The rows are another's: whatever is granted, none can be added or changed.
      let strange = [
        "INSERT INTO ils.aliases VALUES ('patients', 'mrn', 'x', 'x', '\(job)')",
        "INSERT INTO ils.before_images (job_id, row_id, before) VALUES ('\(job)', 'x', '{}')",
        "INSERT INTO ils.inputs VALUES ('\(job)', 'x', 1, 'x')", "UPDATE ils.inputs SET records = 7",
        "INSERT INTO ils.inserted VALUES ('\(job)', 'x')",
        "INSERT INTO ils.job_errors (job_id, record, code, message) VALUES ('\(job)', 1, 'x', 'x')",
        "INSERT INTO ils.parked (job_id, part, record, field, bytes) VALUES ('\(job)', '', 1, 'x', 'x')",
        "SELECT ils.unpark(job_id, part, ARRAY[record]) FROM ils.parked",
        "SELECT ils.open_release('\(job)', '', 'x', 'x')",
      ]
      for sql in strange {
        let url = database.url.replacingOccurrences(of: "user=postgres", with: "user=\(role)")
        let refused = try database.run("psql -XAtqc \"\(sql)\" '\(url)'")
        #expect(refused.status == 1, "\(group): \(sql): \(refused.out)")
      }
    }
    #expect(try database.run("ils-jobs audit --verify").status == 0)
    _ = try database.rows("DROP ROLE \(role)")
  }
}
