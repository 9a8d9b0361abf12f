import ILSRecord

/// Where the fields of an entity go: the `x-ils` annotations of its schema file (ils-schema(5)).
public struct LoadSchema: Sendable {
  public struct Field: Equatable, Sendable {
    public let name: String
    public let column: String
    public let foldsCase: Bool
  }

  /// A column that several fields feed together.
  public struct Derived: Equatable, Sendable {
    public let column: String
    public let parts: [String]
    public let separator: String
  }

  /// A field that names a row of another table.
  public struct Reference: Equatable, Sendable {
    public let field: String
    public let column: String
    /// The other table, its id column, and which of its columns are tried in which order.
    public let entity: String
    public let table: String
    public let id: String
    public let by: [[Field]]
    /// The code that an orphan is refused with.
    public let missing: String
  }

  public let entity: String
  public let table: String
  public let id: String
  /// Holds the id of the job that inserted the row; nil where the table has no such column, and `ils.inserted` lists them.
  public let jobColumn: String?
  /// The field that names the import source, where the entity has one.
  public let sourceField: String?
  public let fields: [Field]
  public let references: [Reference]
  public let derived: [Derived]
  /// Columns that have the same value in every row that is inserted.
  public private(set) var constants: [(column: String, value: String)]
  /// Identity keys in the order in which they are tried.
  public let identity: [[Field]]

  /// The schema file as it was read, and those of the entities that it refers to.
  private let source: JSONValue
  private let others: [(name: String, value: JSONValue)]

  /// All that the schema was made of, so that a job needs no file to know it.
  public var document: JSONValue {
    .object([
      ("entity", .string(entity)), ("schema", source), ("others", .object(others)),
      ("set", .object(constants.map { ($0.column, .string($0.value)) })),
    ])
  }

  /// The schema that a job was loaded by.
  public init(document: JSONValue) throws(StopError) {
    try self.init(entity: document["entity"]?.string ?? "", document["schema"] ?? .null) { name throws(StopError) in
      document["others"]?[name] ?? .null
    }
    self = setting((document["set"]?.members ?? []).map { ($0.name, $0.value.string ?? "") })
  }

  /// What the staging table holds of a record, in order.
  var stagedFields: [String] {
    let names = fields.map(\.name)
    var parts: [String] = []
    for part in derived.flatMap(\.parts) where !names.contains(part) && !parts.contains(part) { parts.append(part) }
    return names + parts + references.map(\.field)
  }

  /// SQL for a row of `alias` being one that `job` inserted.
  func isInserted(by job: JobID, _ alias: String) -> String {
    if let jobColumn { return "\(alias).\(jobColumn.quotedIdentifier) = \(job.quotedLiteral)" }
    let row = "\(alias).\(id.quotedIdentifier)::text"
    return "EXISTS (SELECT 1 FROM ils.inserted i WHERE i.job_id = \(job.quotedLiteral) AND i.row_id = \(row))"
  }

  /// The same with other constants, which win over the schema's.
  public func setting(_ more: [(column: String, value: String)]) -> LoadSchema {
    var copy = self
    copy.constants = constants.filter { old in !more.contains { $0.column == old.column } } + more
    return copy
  }

  /// - Parameters:
  ///   - entity: the schema's name.
  ///   - other: the schema of another entity, by name, for references.
  /// - Throws: `configuration` where the schema does not say where its records go.
  public init(
    entity: String, _ json: JSONValue, other: (String) throws(StopError) -> JSONValue
  ) throws(StopError) {
    func fault(_ place: String, _ message: String) -> StopError {
      StopError(.configuration, code: "schema.x_ils", "\(entity): \(place) \(message)")
    }
    guard let root = json["x-ils"], let table = root["table"]?.string else {
      throw fault("x-ils.table", "is missing: it names the table that records go to")
    }
    self.entity = entity
    source = json
    self.table = table
    id = root["id"]?.string ?? "id"
    jobColumn = root["job"].map { $0.string } ?? "import_job_id"
    sourceField = root["source"]?.string
    let fields = LoadSchema.fields(json)
    self.fields = fields
    constants = (root["set"]?.members ?? []).map { ($0.name, $0.value.string ?? $0.value.text) }
    var derived: [Derived] = []
    for column in root["columns"]?.array ?? [] {
      guard let name = column["column"]?.string, let parts = column["join"]?.array?.compactMap(\.string), !parts.isEmpty
      else { throw fault("x-ils.columns", "needs column, and join: the fields that feed it") }
      for part in parts where json["properties"]?[part] == nil {
        throw fault("x-ils.columns", "joins \(part), which is no property")
      }
      derived.append(Derived(column: name, parts: parts, separator: column["with"]?.string ?? " "))
    }
    self.derived = derived
    identity = try LoadSchema.keys(root["identity"], fields) {
      fault("x-ils.identity", "names \($0), which has no column")
    }
    var references: [Reference] = []
    var others: [(name: String, value: JSONValue)] = []
    for reference in root["references"]?.array ?? [] {
      guard let field = reference["field"]?.string, let column = reference["column"]?.string,
        let target = reference["entity"]?.string
      else { throw fault("x-ils.references", "needs field, column and entity") }
      let schema = try other(target)
      others.append((target, schema))
      guard let otherTable = schema["x-ils"]?["table"]?.string else { throw fault("entity \(target)", "has no table") }
      references.append(
        Reference(
          field: field, column: column, entity: target, table: otherTable, id: schema["x-ils"]?["id"]?.string ?? "id",
          by: try LoadSchema.keys(reference["by"], LoadSchema.fields(schema)) {
            fault("x-ils.references.by", "names \($0), which \(target) does not have")
          }, missing: reference["missing"]?.string ?? "reference.not_found"))
    }
    self.references = references
    self.others = others
  }

  /// The properties that have a column.
  private static func fields(_ json: JSONValue) -> [Field] {
    (json["properties"]?.members ?? []).compactMap { name, property in
      property["x-ils"]?["column"]?.string.map {
        Field(name: name, column: $0, foldsCase: property["x-ils"]?["fold"]?.string == "case")
      }
    }
  }

  private static func keys(
    _ json: JSONValue?, _ fields: [Field], _ fault: (String) -> StopError
  ) throws(StopError) -> [[Field]] {
    var keys: [[Field]] = []
    for key in json?.array ?? [] {
      var found: [Field] = []
      for name in (key.array ?? []).compactMap(\.string) {
        guard let field = fields.first(where: { $0.name == name }) else { throw fault(name) }
        found.append(field)
      }
      keys.append(found)
    }
    return keys
  }
}
