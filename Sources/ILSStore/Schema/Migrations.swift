/// The toolkit's own tables, in schema `ils`. A migration is never changed once released: the next one is added.
enum Migrations {
  static let all: [String] = [
    jobTables, sharedJobTables, retention, parts, claims, undo, seal, jobFunctions, undoFunctions, aliases, evidence,
    inputs, decisions, wholeSeal, owners, ownRecords, aliasRows, pointers, requests,
  ]

  /// Brings the schema up to date; does nothing where it is.
  static func run(_ connection: Connection) throws(DatabaseError) {
    // One at a time, however many loaders start.
    try connection.run("BEGIN; \(AdvisoryLock.migrations.holdInTransaction)")
    do throws(DatabaseError) {
      try connection.run(
        """
        CREATE SCHEMA IF NOT EXISTS ils;
        CREATE TABLE IF NOT EXISTS ils.migrations (
          version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
        """)
      let done = try connection.query("SELECT coalesce(max(version), 0) AS version FROM ils.migrations")[0].integer(
        "version")
      for (index, sql) in all.enumerated() where index + 1 > done {
        try connection.run(sql)
        _ = try connection.query("INSERT INTO ils.migrations (version) VALUES ($1)", ["\(index + 1)"])
      }
      // What belongs to no job is in the trail too; and a migration may have changed every job's row.
      if done < all.count {
        try connection.run("SELECT ils.append_seals('tables made', NULL, NULL, NULL, '{\"version\":\(all.count)}')")
      }
      try connection.run("COMMIT")
    } catch {
      try? connection.run("ROLLBACK")
      throw error
    }
  }
}
