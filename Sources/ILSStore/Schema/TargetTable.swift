import ILSIdentity
import ILSRecord

/// The target table as the database's catalogue describes it.
struct TargetTable {
  struct Column {
    let name: String
    /// Its number in the catalogue, which outlives a change of its name.
    let number: Int
    /// As SQL writes it: `character varying(50)`.
    let type: String
    let isNullable: Bool
    /// The default's SQL, where there is one.
    private(set) var defaultValue: String?
    let isGenerated: Bool
    /// The default is the same for every row.
    private(set) var hasConstantDefault: Bool
    /// The type without its modifier, of a domain its base: a cast to it changes nothing.
    let bareType: String
    /// What its type would change in silence; nil where it refuses all that it does not hold.
    let check: ValueCheck?
    /// What its type takes, in plain words; nil where there are none.
    let takes: String?
    /// Why equal values of it may be written in several ways; nil where they are not.
    let ambiguity: Ambiguity?

    /// The same, as if the table had `sql` for its default.
    func computing(_ sql: String) -> Column {
      var other = self
      (other.defaultValue, other.hasConstantDefault) = ("((\(sql))::\(bareType))", false)
      return other
    }
  }

  let columns: [String: Column]
  let schema: LoadSchema
  /// The table's oid.
  let oid: String
  /// It has triggers of its users' that change rows which are updated, or may write rows after they were.
  let (hasUpdateTriggers, hasAfterTriggers): (Bool, Bool)
  /// Triggers that see inserted rows, or stand for their insertion, may take them away again: its own, or those of the tables
  /// behind it.
  let mayLoseRows: Bool
  /// The types of the columns of tables that references point at, by table and column: without lengths, of domains their bases.
  let others: [String: [String: String]]
  /// About how many rows it holds, by its size.
  let estimatedRows: Int
  /// Rows can go into it by COPY: it is a table, and no policy looks at them one by one.
  let takesCopy: Bool
  /// Rows can go into it on several connections at once: this user may lock it, and no trigger or foreign key of it looks at
  /// inserted rows, so that a batch might wait for a user who waits for the batch.
  let standsBeside: Bool
  let rowTests: [RowTest]
  /// Triggers may give values to columns before a row is inserted, or others than were sent.
  let isFilledByTriggers: Bool
  /// Its rows do not tell which transaction wrote them.
  let isView: Bool
  /// Triggers or rules, its own or those of the tables behind it, may make something else of rows that are inserted, or updated.
  let (rewritesInserted, rewritesUpdated): (Bool, Bool)
  /// Such triggers that wait for the end of the transaction, as SQL lists them; empty for none.
  let waitingTriggers: String
  /// An INSERT answers the ids of its rows: no rule or trigger stands for it.
  let answersIDs: Bool
  /// It is one table, with triggers alone.
  let isPlain: Bool
  /// Rows of other tables, or of its own, go or change with its rows when these are deleted.
  let takesOthersAlong: Bool
  /// What its own code, or that of its functions, must leave as it is; nil where it has none.
  let names: NameSettings?

  /// Reads the catalogue and checks that the schema's records can go there.
  /// - Parameters:
  ///   - isWritten: rows will go into it.
  ///   - updates: rows that are there may be changed.
  /// - Throws: `configuration` for each thing that could only fail, before the first row.
  init(_ schema: LoadSchema, _ connection: Connection, isWritten: Bool = true, updates: Bool = false) throws(StopError)
  {
    self.schema = schema
    let ownID =
      schema.fields.contains { $0.column == schema.id }
      || (schema.constants.map(\.column) + schema.computed.map(\.column)).contains(schema.id)
    let needed =
      schema.fields.map(\.column) + schema.references.map(\.column) + schema.derived.map(\.column)
      + schema.constants.map(\.column) + schema.computed.map(\.column) + [schema.id]
      + (schema.jobColumn.map { [$0] } ?? [])
    let fed = Set(needed).subtracting(ownID ? [] : [schema.id])
    let others = Set(schema.references.map(\.table)).sorted()
    let missing: Rows?
    do throws(DatabaseError) {
      let asked = [TargetTable.facts(of: schema.table)] + ([schema.table] + others).map { TargetTable.columns(of: $0) }
      let written =
        isWritten
        ? [TargetTable.rowTests(of: schema.table), TargetTable.rights(schema, fed: fed, updates: updates)] : []
      let answers = try connection.ask(asked + written)
      let facts = answers[0][0]
      estimatedRows = facts.integer("rows")
      oid = facts["oid"] ?? "0"
      (hasUpdateTriggers, hasAfterTriggers) = (facts.isTrue("update"), facts.isTrue("after"))
      (takesCopy, isFilledByTriggers) = (facts.isTrue("copy"), facts.isTrue("filled"))
      mayLoseRows = facts.isTrue("loses")
      isView = facts.isTrue("view")
      (rewritesInserted, rewritesUpdated) = (facts.isTrue("rewrites_inserted"), facts.isTrue("rewrites_updated"))
      waitingTriggers = facts["waiting"] ?? ""
      answersIDs = facts.isTrue("answers")
      (isPlain, takesOthersAlong) = (facts.isTrue("plain"), facts.isTrue("cascades"))
      names = facts.isTrue("runs") ? NameSettings(facts.text("names")) : nil
      standsBeside = facts.isTrue("beside")
      var columns = TargetTable.columns(in: answers[1])
      for (name, sql) in schema.computed { columns[name] = columns[name]?.computing(sql) }
      self.columns = columns
      self.others = Dictionary(
        uniqueKeysWithValues: zip(others, answers[2...]).map { ($0, TargetTable.columns(in: $1).mapValues(\.bareType)) }
      )
      rowTests = isWritten ? TargetTable.rowTests(in: answers[asked.count]) : []
      missing = isWritten ? answers[asked.count + 1] : nil
    } catch {
      throw error.stop("reading the catalogue")
    }
    guard !columns.isEmpty else {
      throw StopError(
        .configuration, DatabaseFault.dbNoTable,
        "there is no table \(schema.table): make the target tables (scripts/schema.sql), or name yours in a schema file"
          + (schema.table.contains(".")
            ? "; a name is a table's alone: its schema must stand in search_path (ALTER ROLE ... SET search_path)" : "")
      )
    }
    if let absent = needed.first(where: { columns[$0] == nil }) {
      throw StopError(
        .configuration, DatabaseFault.dbNoColumn,
        "table \(schema.table) has no column \(absent): add it, or take it out of the schema file's x-ils"
          + (absent == schema.jobColumn ? " (\"job\": null, where the table has no column for the job)" : ""))
    }
    guard let missing else { return }
    for (column, value) in schema.constants {
      guard let fault = fault(in: value, of: column) else { continue }
      throw StopError(.configuration, code: fault.code, "\(column), which every row gets: \(fault.message)")
    }
    try checkJobColumn(connection)
    try checkComputed(connection)
    try checkZones(connection)
    try checkFed()
    try checkScopes()
    try checkFilter()
    try checkKeys()
    try checkRights(missing)
    for column in columns.values
    where !isFilledByTriggers && !column.isNullable && column.defaultValue == nil && !column.isGenerated
      && !fed.contains(column.name)
    {
      throw StopError(
        .configuration, DatabaseFault.dbRequiredColumn,
        "column \(column.name) of table \(schema.table) must have a value and no field of \(schema.entity) feeds it: give one with --set \(column.name)=VALUE"
      )
    }
  }

  /// Checks that the column for the job keeps an id whole, and finds it again: its rows are undone by it.
  private func checkJobColumn(_ connection: Connection) throws(StopError) {
    guard let column = schema.jobColumn, !["uuid", "text", "character varying"].contains(type(column)) else { return }
    let example = "'01890a5d-ac96-774b-bcce-b302099a8057'"
    let why: String
    do throws(DatabaseError) {
      let rows = try connection.query(
        "SELECT v::text = \(example) AND v = \(example) AS fits FROM (SELECT \(example)::\(type(column)) AS v) e")
      if rows[0].isTrue("fits") { return }
      why = "one would be cut off or changed"
    } catch {
      if error.isDisconnected { throw error.stop("reading the catalogue") }
      why = error.explanation
    }
    throw fault(
      "column \(column) of type \(type(column)) cannot keep the id of a job: \(why); name another under \"job\", or say "
        + "\"job\": null")
  }

  /// Checks that the database takes the expressions of the schema, without running them: a sequence would count on.
  private func checkComputed(_ connection: Connection) throws(StopError) {
    for (column, _) in schema.computed {
      do throws(DatabaseError) {
        _ = try connection.query("SELECT \(columns[column]?.defaultValue ?? "NULL") WHERE false", [])
      } catch {
        if error.isDisconnected { throw error.stop("reading the catalogue") }
        throw fault("the expression of column \(column) is none that the database takes: \(error.explanation)")
      }
    }
  }

  /// Checks that the columns of moments keep moments, and that the database knows the zones by their names: BST would be
  /// British Summer Time in winter too, and UTC+1 lies west of Greenwich (POSIX).
  private func checkZones(_ connection: Connection) throws(StopError) {
    for (column, zone) in schema.derived.compactMap({ derived in derived.zone.map { (derived.column, $0) } }) {
      guard bareType(column) == "timestamp with time zone" else {
        throw fault(
          "column \(column) of a zone is of type \(type(column)): a moment is kept by timestamp with time zone")
      }
      let known: Rows
      do throws(DatabaseError) {
        known = try connection.query(
          "SELECT 1 FROM pg_timezone_names WHERE name = $1 AND (name LIKE '%/%' AND name NOT LIKE 'Etc/%' OR name = 'UTC')",
          [zone])
      } catch {
        throw error.stop("reading the catalogue")
      }
      if known.isEmpty { throw fault("zone \(zone) of column \(column) is no place's, as Europe/London is, nor UTC") }
    }
  }

  private func fault(_ message: String) -> StopError {
    StopError(.configuration, IdentityFault.schemaXIls, "\(schema.entity): \(message)")
  }

  /// Checks that the database lets itself be told what goes into the columns that are fed, and each of one thing.
  private func checkFed() throws(StopError) {
    for (column, _) in schema.constants {
      guard let field = schema.fields.first(where: { $0.column == column }) else { continue }
      throw StopError(
        .usage, UsageFault.usage,
        "--set (or x-ils.set) names column \(column), which field \(field.name) feeds: leave one of the two out; a default of "
          + "ils-map stands in for values that are absent")
    }
    let fed =
      schema.fields.map(\.column) + schema.constants.map(\.column) + schema.references.map(\.column)
      + schema.computed.map(\.column)
    for column in fed where columns[column]?.isGenerated == true {
      throw StopError(
        .configuration, DatabaseFault.dbGenerated,
        "column \(column) of table \(schema.table) is filled by the database alone: take it out of the schema file's x-ils"
      )
    }
  }

  /// What a column gets where nothing is said, as text; nil where that is null, or is computed.
  func constantDefault(of column: String) -> String? {
    guard let text = columns[column]?.defaultValue else { return nil }
    guard text.hasPrefix("'") else {
      return ["true", "false"].contains(text) || text.allSatisfy { $0.isNumber || "-.".contains($0) } ? text : nil
    }
    // A literal, and its type behind it.
    let parts = text.dropFirst().split(separator: "'", omittingEmptySubsequences: false)
    guard let type = parts.last, type.hasPrefix("::") else { return nil }
    let between = parts.dropLast().joined(separator: "'")
    return between.replacing("''", with: "'")
  }

  /// Refuses a scope of which nobody can tell what its column gets where a record has nothing: each record would be new.
  private func checkScopes() throws(StopError) {
    let identity = schema.identity
    for term in Set(identity.scope + identity.keys.flatMap(\.scope)).sorted() {
      let column = schema.column(of: identity.terms[term]) ?? identity.terms[term]
      guard !schema.constants.contains(where: { $0.column == column }), let text = columns[column]?.defaultValue,
        !text.hasPrefix("NULL::"), constantDefault(of: column) == nil
      else { continue }
      throw StopError(
        .configuration, IdentityFault.schemaXIls,
        "records are told apart within column \(column), which gets \(text) where they have nothing: give it by --set \(column)=VALUE, or take its default away"
      )
    }
  }

  /// Refuses a `where` that no new row will pass: each load would bring all records again. What fields or triggers give a column
  /// shows with the rows.
  private func checkFilter() throws(StopError) {
    if isFilledByTriggers || schema.identity.keys.isEmpty { return }
    for filter in schema.identity.filter {
      let column = schema.column(of: filter.name) ?? filter.name
      guard let known = columns[column], !schema.fields.contains(where: { $0.column == column }),
        !schema.derived.contains(where: { $0.column == column })
      else { continue }
      let given = schema.constants.first { $0.column == column }?.value ?? constantDefault(of: column)
      let isComputed = given == nil && known.defaultValue.map { !$0.hasPrefix("NULL::") } ?? false
      let isText = ["text", "character varying", "citext"].contains(known.bareType)
      let isOther = (given == nil) != (filter.value == nil) || isText && given != filter.value
      guard isOther, !isComputed else { continue }
      throw StopError(
        .configuration, IdentityFault.schemaXIls,
        "rows are looked for where column \(column) is \(filter.value ?? "null"), and new ones have \(given ?? "null") there: no load "
          + "would find them again; give them another by --set \(column)=VALUE, or mend x-ils.where")
    }
  }

  /// What the catalogue knows of the table as a whole: one row, of nulls where there is no such table.
  private static func facts(of table: String) -> Question {
    Question(
      """
      SELECT pg_relation_size(c.oid) / 200 AS rows, c.oid, tr.*,
        relkind IN ('r', 'p') AND NOT row_security_active(c.oid) AND NOT relhasrules AS copy,
        coalesce(takes_away, false) OR relkind IN ('v', 'p') AS loses,
        relkind = 'v' AS view,
        relkind = 'r' AND NOT relhasrules AS plain, answers,
        rewrites OR NOT answers AS rewrites_inserted, rewrites_again OR NOT answers AS rewrites_updated, waiting,
        runs OR relkind <> 'r' OR relhasrules OR relrowsecurity AS runs, \(NameSettings.now) AS names,
        relkind = 'r' AND NOT relhassubclass AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
          AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgtype & 4 <> 0) AS beside,
        EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = c.oid
          AND f.confdeltype IN ('c', 'n', 'd')) AS cascades
      FROM (SELECT to_regclass($1)::oid AS target) one LEFT JOIN pg_class c ON c.oid = target, LATERAL (
        SELECT bool_or(tgtype & 16 <> 0) AS update, bool_or(tgtype & 66 = 0) AS after, bool_or(tgtype & 7 = 7) AS filled,
          bool_or(tgtype & 2 = 0 AND tgtype & 4 <> 0) AS takes_away
        FROM pg_trigger WHERE tgrelid = target AND NOT tgisinternal AND tgenabled NOT IN ('D', 'R')) tr, LATERAL (
        SELECT coalesce(bool_or(tgtype & 3 <> 2 AND tgtype & 4 <> 0), false) AS rewrites,
          coalesce(bool_or(tgtype & 3 <> 2 AND tgtype & 20 <> 0), false) AS rewrites_again,
          string_agg(format('%I.%I', nspname, tgname), ', ') FILTER (WHERE tginitdeferred) AS waiting,
          count(*) > 0 OR \(NameSettings.hasFunctions("target")) AS runs
        FROM pg_trigger JOIN pg_class r ON r.oid = tgrelid JOIN pg_namespace s ON s.oid = relnamespace
        WHERE tgrelid IN (SELECT target UNION ALL SELECT relid FROM pg_partition_tree(target::regclass))
          AND NOT tgisinternal AND tgenabled NOT IN ('D', 'R')) tree, LATERAL (
        SELECT relkind IN ('r', 'p') AND NOT relhasrules AS answers) kind
      """, [table.quotedIdentifier])
  }

  private static func columns(of table: String) -> Question {
    Question(
      """
      WITH RECURSIVE base (number, type, modifier) AS (
        SELECT attnum, atttypid, atttypmod FROM pg_attribute WHERE attrelid = to_regclass($1)
        UNION ALL
        SELECT b.number, t.typbasetype, CASE WHEN b.modifier < 0 THEN t.typtypmod ELSE b.modifier END
        FROM base b JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd')
      SELECT a.attname AS name, format_type(b.type, -1) AS bare,
             CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname END AS kind, b.modifier,
             format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
             pg_get_expr(d.adbin, d.adrelid) AS default, a.attgenerated <> '' OR a.attidentity = 'a' AS generated,
             a.attnum AS number, \(Ambiguity.sql) AS ambiguity, CASE WHEN t.typcategory = 'A' THEN 'A' ELSE t.typtype END AS form,
             (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid) AS labels,
             \(ConstantDefault.isOne("pg_get_expr(d.adbin, d.adrelid)")) AS constant
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_collation co ON co.oid = a.attcollation
        JOIN base b ON b.number = a.attnum JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
      WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
      """, [table.quotedIdentifier])
  }

  private static func columns(in rows: Rows) -> [String: Column] {
    var columns: [String: Column] = [:]
    for row in rows {
      let name = row.text("name")
      columns[name] = Column(
        name: name, number: row.integer("number"), type: row.text("type"), isNullable: row.isTrue("nullable"),
        defaultValue: row["default"], isGenerated: row.isTrue("generated"),
        hasConstantDefault: row.isTrue("constant"), bareType: row.text("bare"),
        check: row["kind"].flatMap { ValueCheck(kind: $0, modifier: row.integer("modifier")) },
        takes: TypeWords.of(kind: row["kind"], form: row.text("form"), labels: row["labels"]),
        ambiguity: row["ambiguity"].flatMap { Ambiguity(rawValue: $0) })
    }
    return columns
  }

  /// The type of a column, as SQL writes it.
  func type(_ column: String) -> String { columns[column]?.type ?? "text" }

  /// The same without its length; of a domain its base.
  func bareType(_ column: String) -> String { columns[column]?.bareType ?? "text" }

  /// SQL for a staged text as a value of `column`, or an error: cut to the column's length, or rounded, it is not. That is
  /// for its assignment to refuse, or for the column's check.
  func cast(_ expression: String, to column: String) -> String {
    let type = bareType(column)
    return type == "text" || type == "character varying" ? expression : "\(expression)::\(type)"
  }

  /// Why a value that every row gets would not be kept as it is; nil where it would.
  func fault(in value: String, of column: String) -> RecordError? {
    guard let column = columns[column] else { return nil }
    var value = value
    return value.withUTF8 { column.check?.fault(in: UnsafeRawBufferPointer($0)) }?.error(column.type)
  }
}
