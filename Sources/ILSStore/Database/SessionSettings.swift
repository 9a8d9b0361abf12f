import ILSRecord

/// The settings of a session that decide how values are read and written, and what may end it from outside.
///
/// They can come from the server, the database, the role, PGOPTIONS or a service file. Each session has the same ones, as
/// pg_dump's have: a value must not depend on who loads it.
enum SessionSettings {
  /// Names and values as `current_setting` has them. Those that a server's version does not know are left out.
  static let pinned: [(name: String, value: String)] = [
    ("client_encoding", "UTF8"), ("DateStyle", "ISO, YMD"), ("IntervalStyle", "postgres"), ("TimeZone", "UTC"),
    ("extra_float_digits", "1"), ("standard_conforming_strings", "on"), ("bytea_output", "hex"),
    ("lc_monetary", "C"), ("xmlbinary", "base64"), ("xmloption", "content"), ("array_nulls", "on"),
    ("transform_null_equals", "off"), ("quote_all_identifiers", "off"), ("row_security", "on"),
    ("default_transaction_isolation", "read committed"), ("default_transaction_deferrable", "off"),
    ("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("idle_session_timeout", "0"),
    ("transaction_timeout", "0"),
  ]

  /// Those that decide how values are read and written.
  static var ofValues: [(name: String, value: String)] {
    pinned.filter { !$0.name.hasSuffix("_timeout") && !$0.name.hasPrefix("default_") }
  }

  /// Gives a session, by the number of its process, the settings: what was wanted, and what it has by then. A session
  /// that is another one, or that looks at no triggers, gets none.
  static func statement(for backend: Int) -> String {
    let values = pinned.map { "(\($0.name.quotedLiteral), \($0.value.quotedLiteral))" }.joined(separator: ", ")
    return """
      WITH me AS MATERIALIZED (
        SELECT pg_backend_pid() AS backend, current_setting('session_replication_role') AS role)
      SELECT backend, role, s.name, v.value AS wanted,
        CASE WHEN backend = \(backend) AND role = 'origin' THEN set_config(s.name, v.value, false) END AS value
      FROM me, (VALUES \(values)) AS v (name, value) JOIN pg_catalog.pg_settings s ON lower(s.name) = lower(v.name)
      """
  }
}

extension Connection {
  /// Gives the session its settings, and looks at what the server answers.
  /// - Throws: `configuration` where it does not have them, or where a pooler may give it to somebody else.
  func pin() throws(StopError) {
    do throws(DatabaseError) {
      try checkPinned(query(SessionSettings.statement(for: backend)))
    } catch {
      throw Connection.stop(error)
    }
  }

  /// Looks at what the server has answered to the statement that gives the settings.
  func checkPinned(_ rows: Rows) throws(DatabaseError) {
    for row in rows {
      guard row.integer("backend") == backend else { throw DatabaseError.fault("pooler") }
      guard row["role"] == "origin" else { throw DatabaseError.fault("session_replication_role") }
      if row["value"] != row["wanted"] { throw DatabaseError.fault(row.text("name")) }
    }
    if let name = unpinned { throw DatabaseError.fault(name) }
  }

  private static func stop(_ error: DatabaseError) -> StopError {
    guard error.isOfSession else { return error.stop("opening the session") }
    let message =
      switch error.text {
      case "pooler":
        "a connection pooler (PgBouncer or the like) stands before the server: it would give the session's settings and "
          + "locks to the application; connect to the server itself"
      case "session_replication_role":
        "session_replication_role is not \"origin\": foreign keys and triggers would not be looked at; reset it for this role"
      case let name: "the server does not take \(name) for this session: see ALTER ROLE and ALTER DATABASE ... SET"
      }
    return StopError(.configuration, DatabaseFault.dbSession, message)
  }
}

extension Connection {
  /// Makes sure that the session has its settings still: a trigger or a function of the table may have given it others, by
  /// which the next values would be read.
  func checkStillPinned() throws(DatabaseError) {
    if let name = unpinned { throw DatabaseError.fault(name) }
  }
}

extension DatabaseError {
  private static let faultState = "ILS00"

  /// A setting of the session is not as it must be, which `text` names.
  var isOfSession: Bool { state == Self.faultState }

  /// Something about the session is not as it must be.
  static func fault(_ name: String) -> DatabaseError {
    DatabaseError(state: faultState, table: nil, column: nil, constraint: nil, text: name, isDisconnected: false)
  }
}
