import ILSRecord

/// Checks a database: what the schemas of its tables ask, and what its jobs left. All of it in one look, which changes nothing.
public final class Verification {
  let connection: Connection
  /// How many rows a check names.
  let named: Int
  public private(set) var checks: [VerifyCheck] = []
  private(set) var hasJobs = false
  /// The oids of the tables that were checked, and the only one that was to be.
  private var checked: [String] = []
  private var only: String?

  /// What is looked at: the database, its role and the moment.
  public private(set) var place = JSONValue.null

  /// - Parameter writesTemporary: records will be compared, which takes a temporary table.
  public init(database: String, named: Int, writesTemporary: Bool) throws(StopError) {
    connection = try Connection(database)
    self.named = named
    do throws(DatabaseError) {
      try connection.run(BeforeImage.settings + "; SET lock_timeout = 10000; SET jit = off")
      try connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ\(writesTemporary ? "" : " READ ONLY")")
      let row = try connection.query(
        """
        SELECT to_regclass('ils.jobs') IS NOT NULL AS jobs, json_build_object('database', current_database(),
          'role', current_user, 'at', now()) AS json
        """)[0]
      hasJobs = row.isTrue("jobs")
      place = (try? JSONValue(parsing: Array(row.text("json").utf8))) ?? .null
    } catch {
      throw error.stop("opening the session")
    }
  }

  /// The entities that jobs have loaded into tables that are there, as their latest jobs knew them.
  public func loaded() throws(StopError) -> [LoadSchema] {
    guard hasJobs else { return [] }
    let rows: Rows
    do throws(DatabaseError) {
      rows = try connection.query(
        """
        SELECT DISTINCT ON (target) document FROM ils.jobs WHERE kind = 'load' AND document IS NOT NULL
          AND to_regclass(quote_ident(target)) IS NOT NULL ORDER BY target, started_at DESC
        """)
    } catch {
      throw error.stop("reading which tables were loaded")
    }
    var schemas: [LoadSchema] = []
    for row in rows {
      guard let json = try? JSONValue(parsing: Array(row.text("document").utf8)), !json.isNull else { continue }
      schemas.append(try LoadSchema(document: json))
    }
    return schemas
  }

  /// Whether the entity's table is there.
  public func hasTable(_ schema: LoadSchema) throws(StopError) -> Bool {
    do throws(DatabaseError) {
      return try connection.query(
        "SELECT to_regclass($1) IS NOT NULL AS found", [schema.table.quotedIdentifier])[0].isTrue("found")
    } catch {
      throw error.stop("reading the catalogue")
    }
  }

  // MARK: - Checks

  /// What the schema asks of the table's rows within the scope.
  /// - Parameters:
  ///   - source: only rows of this import source; nil for all.
  ///   - isWhole: rows of all scopes, such as companies.
  public func check(_ schema: LoadSchema, source: String? = nil, isWhole: Bool = false) throws(StopError) {
    let table = try TargetTable(schema, connection, isWritten: false)
    let scope = VerifyScope(table: table, source: source, isWhole: isWhole)
    checked.append(table.oid)
    if !isWhole { only = schema.table }
    for question in TableChecks(scope, hasJobs: hasJobs).all { add(try ask(question, entity: schema.entity)) }
  }

  /// What the jobs left in schema `ils`; nothing where that is not there.
  public func checkJobs() throws(StopError) {
    guard hasJobs else { return }
    for question in JobChecks.all + [JobChecks.unchecked(checked, named: only)] {
      add(try ask(question, entity: nil))
    }
    do throws(DatabaseError) { add(try JobChecks.audit(connection)) } catch {
      throw error.stop("verifying the audit trail")
    }
  }

  func add(_ check: VerifyCheck) { checks.append(check) }

  private func ask(_ question: TableChecks.Question, entity: String?) throws(StopError) -> VerifyCheck {
    let row: Row
    do throws(DatabaseError) {
      row = try connection.query(
        """
        WITH found AS MATERIALIZED (\(question.sql))
        SELECT (SELECT count(*) FROM found) AS rows,
          (SELECT json_agg(id) FROM (SELECT id FROM found ORDER BY id LIMIT \(named)) f) AS ids
        """)[0]
    } catch {
      throw error.stop("checking \(question.name)")
    }
    var check = VerifyCheck(
      question.name, question.kind, rows: row.integer("rows"), entity: entity, field: question.field)
    if entity == nil { check.about = .jobs }
    if question.kind != .count { check.ids = Self.texts(row["ids"]) }
    return check
  }

  /// The texts of a JSON array.
  static func texts(_ json: String?) -> [String] {
    (json.flatMap { try? JSONValue(parsing: Array($0.utf8)) }?.array ?? []).map { $0.string ?? "" }
  }
}
