import ILSRecord

/// The settings that decide which table a name means, whose rows are seen and how values are read: code of a table must leave
/// them to the session as they are, or the next rows would go elsewhere.
struct NameSettings {
  /// Those that users may give their sessions; the loader's own are pinned besides.
  private static let names = ["search_path", "role", "session_authorization", "session_replication_role"]
  /// Names and values that the session must have.
  private let wanted: [(name: String, value: String)]

  /// SQL for the values that the session has: `init` takes it.
  static let now = "jsonb_build_array(\(names.map { "current_setting('\($0)')" }.joined(separator: ", ")))::text"

  /// SQL that holds for a table, by its oid, which runs functions that are not the server's own: of defaults, checks, indexes
  /// and domains.
  static func hasFunctions(_ table: String) -> String {
    """
    EXISTS (
      SELECT FROM pg_depend d WHERE refclassid = 'pg_proc'::regclass AND (
        classid = 'pg_attrdef'::regclass AND objid IN (SELECT oid FROM pg_attrdef WHERE adrelid = \(table))
        OR classid = 'pg_constraint'::regclass AND objid IN (SELECT oid FROM pg_constraint WHERE conrelid = \(table))
        OR classid = 'pg_class'::regclass AND objid IN (SELECT indexrelid FROM pg_index WHERE indrelid = \(table))))
    OR EXISTS (
      SELECT FROM pg_attribute a JOIN pg_type y ON y.oid = atttypid WHERE attrelid = \(table) AND attnum > 0 AND typtype = 'd')
    """
  }

  /// - Parameter now: what `now` has answered.
  init(_ now: String) {
    let values = (try? JSONValue(parsing: Array(now.utf8)))?.array?.map { $0.string ?? "" } ?? []
    wanted = zip(Self.names, values).map { (name: $0, value: $1) } + SessionSettings.ofValues
  }

  /// Names a setting that the session does not have any more.
  private var sql: String {
    let values = wanted.map { "(\($0.name.quotedLiteral), \($0.value.quotedLiteral))" }.joined(separator: ", ")
    return "SELECT name FROM (VALUES \(values)) AS v (name, wanted) WHERE current_setting(name, true) <> wanted LIMIT 1"
  }

  /// - Throws: a fault of the session (`DatabaseError.isOfSession`), where one is another.
  func check(_ connection: Connection) throws(DatabaseError) {
    if let other = try connection.query(sql).first { throw DatabaseError.fault(other.text("name")) }
  }
}
