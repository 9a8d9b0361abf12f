import ILSIdentity
import ILSRecord

/// Where the fields of an entity go: the `x-ils` annotations of its schema file (ils-schema(5)).
public struct LoadSchema: Sendable {
  public struct Field: Equatable, Sendable {
    public let name: String
    public let column: String
    public let foldsCase: Bool
    /// The text that empties the column of a row that is there; nil where nothing does.
    public var clear: String?
  }

  /// A column that several fields feed together.
  public struct Derived: Equatable, Sendable {
    public let column: String
    public let parts: [String]
    public let separator: String
    /// Day and time of a clock in this zone, of which the column keeps the moment; nil where they are text.
    public var zone: String?
  }

  /// A field that names a row of another table.
  public struct Reference: Sendable {
    public let field: String
    public let column: String
    /// The other table, its id column, and which of its keys are tried in which order.
    public let entity: String
    public let table: String
    public let id: String
    /// The other table's column for the job that inserted a row; nil where it has none.
    let job: String?
    public let by: [ReferenceKey]
    /// Which of its rows are looked at.
    public let filter: [(column: String, value: String?)]
    /// A record need not have it.
    public let isOptional: Bool
    /// A field with a date, and the other row's column whose date it does not lie before.
    public let notBefore: (own: String, other: String)?
    /// A field of these records, and the other row's column that must hold the same.
    public let agrees: [(own: String, other: String)]
    /// The code that an orphan is refused with.
    public let missing: String
  }

  public let entity: String
  public let table: String
  public let id: String
  /// Holds the id of the job that inserted the row; nil where the table has no such column, and `ils.inserted` lists them.
  public let jobColumn: String?
  /// The row of the application's own table that the job's column points at; nil where it points nowhere.
  let jobRow: JobRow?
  /// The field that names the import source, where the entity has one.
  public let sourceField: String?
  public let fields: [Field]
  public let references: [Reference]
  public let derived: [Derived]
  /// Columns that have the same value in every row that is inserted.
  public let constants: [(column: String, value: String)]
  /// Fields whose columns have such a value, which records may repeat and not gainsay.
  let settled: [(field: String, value: String)]
  /// What the database makes for columns of a row that is inserted, where its record has nothing: SQL.
  public let computed: [(column: String, sql: String)]
  /// Who is who.
  public let identity: IdentityRules
  /// The schema file as it was read, and those of the entities that it refers to.
  private let json: JSONValue
  private let others: [(name: String, value: JSONValue)]

  /// All that the schema was made of, so that a job needs no file to know it.
  public var document: JSONValue {
    .object([
      ("entity", .string(entity)), ("schema", json), ("others", .object(others)),
      ("set", .object(constants.map { ($0.column, .string($0.value)) })),
    ])
  }

  /// The schema that a job was loaded by.
  public init(document: JSONValue) throws(StopError) {
    try self.init(entity: document["entity"]?.string ?? "", document["schema"] ?? .null) { name throws(StopError) in
      document["others"]?[name] ?? .null
    }
    self = try setting((document["set"]?.members ?? []).map { ($0.name, $0.value.string ?? "") })
  }

  /// What the staging table holds of a record, in order.
  var stagedFields: [String] {
    var names = fields.map(\.name)
    let agreeing = references.flatMap { $0.agrees.map(\.own) }.filter { own in !references.contains { $0.field == own }
    }
    let compared = references.flatMap(\.by).flatMap(\.ownFields) + agreeing + settled.map(\.field)
    for part in derived.flatMap(\.parts) + compared where !names.contains(part) { names.append(part) }
    return names + references.map(\.field) + [LoadSchema.decision]
  }

  /// The field that holds what a person decided: the id of the row that the record is, or `new`.
  static let decision = "_is"

  /// The columns that say how sources know a row.
  var sourceColumns: Set<String> {
    let ids = identity.keys.filter { identity.isOfSource($0) }.flatMap(\.fields).map { identity.terms[$0] }
    return Set((ids + (sourceField.map { [$0] } ?? [])).compactMap { column(of: $0) })
  }

  /// A column that a name of the schema stands for: a field's, or one with a constant; nil where there is none.
  public func column(of name: String) -> String? { Self.column(of: name, json, constants) }

  static func column(of name: String, _ json: JSONValue, _ constants: [(column: String, value: String)]) -> String? {
    Annotations.column(of: name, in: json) ?? constants.first { $0.column == name }?.column
  }

  /// SQL for a row of `alias` being one that `job` inserted.
  func isInserted(by job: JobID, _ alias: String) -> String {
    if let jobColumn { return "\(alias).\(jobColumn.quotedIdentifier) = \(job.quotedLiteral)" }
    let row = "\(alias).\(id.quotedIdentifier)::text"
    return "EXISTS (SELECT 1 FROM ils.inserted i WHERE i.job_id = \(job.quotedLiteral) AND i.row_id = \(row))"
  }

  /// The same with other constants, which win over the schema's and over fields of the same column.
  public func setting(_ more: [(column: String, value: String)]) throws(StopError) -> LoadSchema {
    if more.isEmpty { return self }
    return try LoadSchema(entity: entity, json, more) { name throws(StopError) in
      others.first { $0.name == name }?.value ?? .null
    }
  }

  /// - Parameters:
  ///   - entity: the schema's name.
  ///   - other: the schema of another entity, by name, for references.
  /// - Throws: `configuration` where the schema does not say where its records go.
  public init(
    entity: String, _ json: JSONValue, _ more: [(column: String, value: String)] = [],
    other: (String) throws(StopError) -> JSONValue
  ) throws(StopError) {
    try Annotations.check(json, entity)
    func fault(_ place: String, _ message: String) -> StopError {
      StopError(.configuration, IdentityFault.schemaXIls, "\(entity): \(place) \(message)")
    }
    guard let root = json["x-ils"], let table = root["table"]?.string else {
      throw fault("x-ils.table", "is missing: it names the table that records go to")
    }
    self.entity = entity
    self.table = table
    id = root["id"]?.string ?? "id"
    jobColumn = LoadSchema.jobColumn(root)
    sourceField = root["source"]?.string
    let own = (root["set"]?.members ?? []).map { (column: $0.name, value: $0.value.string ?? $0.value.text) }
    let given = own.filter { old in !more.contains { $0.column == old.column } } + more
    // What is said of the application's own list of imports is none of the rows'.
    let listed = root["job"]?["table"]?.string.map { $0 + "." }
    let constants = given.filter { constant in !(listed.map { constant.column.hasPrefix($0) } ?? false) }
    self.constants = constants
    computed = (root["compute"]?.members ?? []).compactMap { name, value in
      constants.contains { $0.column == name } ? nil : (column: name, sql: value.string ?? value.text)
    }
    jobRow = try JobRow(root["job"], given) { fault("x-ils.job", $0) }
    let all = LoadSchema.fields(json)
    settled = all.compactMap { field in
      constants.first { $0.column == field.column }.map { (field: field.name, value: $0.value) }
    }
    let fields = all.filter { field in !constants.contains { $0.column == field.column } }
    self.fields = fields
    var derived: [Derived] = []
    for column in root["columns"]?.array ?? [] {
      guard let name = column["column"]?.string, let parts = column["join"]?.array?.compactMap(\.string), !parts.isEmpty
      else { throw fault("x-ils.columns", "needs column, and join: the fields that feed it") }
      for part in parts where json["properties"]?[part] == nil {
        throw fault("x-ils.columns", "joins \(part), which is no property")
      }
      guard column["zone"] == nil || parts.count <= 2 else {
        throw fault("x-ils.columns", "of a zone joins a day and a time, or one field with both")
      }
      derived.append(
        Derived(column: name, parts: parts, separator: column["with"]?.string ?? " ", zone: column["zone"]?.string))
    }
    self.derived = derived
    do throws(StopError) {
      identity = try IdentityRules(json, constants: constants.map(\.column))
    } catch {
      throw StopError(error.status, code: error.code, "\(entity): \(error.message)")
    }
    if let bare = identity.terms.first(where: { LoadSchema.column(of: $0, json, constants) == nil }) {
      throw fault("x-ils.identity", "names \(bare), which has no column")
    }
    self.json = json
    var references: [Reference] = []
    var others: [(name: String, value: JSONValue)] = []
    for reference in root["references"]?.array ?? [] {
      guard let field = reference["field"]?.string, let column = reference["column"]?.string,
        let target = reference["entity"]?.string
      else { throw fault("x-ils.references", "needs field, column and entity") }
      // What --set puts into the column is asked of nobody.
      if constants.contains(where: { $0.column == column }) { continue }
      let schema = try other(target)
      others.append((target, schema))
      let rules: [ReferenceRule]
      do throws(StopError) { rules = try ReferenceRule.read(reference, json, constants, schema) } catch {
        throw StopError(error.status, code: error.code, "\(entity): \(error.message)")
      }
      let keys = try rules.map { rule throws(StopError) in
        try ReferenceKey(rule, schema) { fault("x-ils.references.by", "names \($0), which has no column in \(target)") }
      }
      let filter = try IdentityRules(schema).filter.map { filter in
        (column: Annotations.column(of: filter.name, in: schema) ?? filter.name, value: filter.value)
      }
      guard let otherTable = schema["x-ils"]?["table"]?.string else { throw fault("entity \(target)", "has no table") }
      let agrees = try (reference["agrees"]?.members ?? []).map { own, there throws(StopError) in
        guard json["properties"]?[own] != nil,
          let column = there.string.flatMap({ Annotations.column(of: $0, in: schema) })
        else { throw fault("x-ils.references.agrees", "takes a field, and one of \(target) that has a column") }
        return (own: own, other: column)
      }
      references.append(
        Reference(
          field: field, column: column, entity: target, table: otherTable, id: schema["x-ils"]?["id"]?.string ?? "id",
          job: LoadSchema.jobColumn(schema["x-ils"]), by: keys, filter: filter,
          isOptional: !(json["required"]?.array ?? []).contains { $0.string == field },
          notBefore: reference["notBefore"]?.members?.first.map { pair in
            (pair.name, Annotations.column(of: pair.value.string ?? "", in: schema) ?? pair.value.string ?? "")
          },
          agrees: agrees, missing: ReferenceRule.missingCode(reference)))
    }
    self.references = references
    self.others = others
  }

  private static func jobColumn(_ annotations: JSONValue?) -> String? {
    annotations?["job"].map { $0.string ?? $0["column"]?.string } ?? "import_job_id"
  }

  /// The properties that have a column.
  static func fields(_ json: JSONValue) -> [Field] {
    (json["properties"]?.members ?? []).compactMap { name, property in
      property["x-ils"]?["column"]?.string.map {
        Field(
          name: name, column: $0, foldsCase: property["x-ils"]?["fold"] != nil,
          clear: property["x-ils"]?["clearWith"]?.string)
      }
    }
  }
}
