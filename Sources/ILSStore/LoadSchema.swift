import ILSRecord

/// Where the fields of an entity go: the `x-ils` annotations of its schema file (ils-schema(5)).
public struct LoadSchema: Sendable {
  public struct Field: Equatable, Sendable {
    public let name: String
    public let column: String
    public let foldsCase: Bool
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
  public let jobColumn: String
  /// The field that names the import source, where the entity has one.
  public let sourceField: String?
  public let fields: [Field]
  public let references: [Reference]
  /// Identity keys in the order in which they are tried.
  public let identity: [[Field]]

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
    self.table = table
    id = root["id"]?.string ?? "id"
    jobColumn = root["job"]?.string ?? "import_job_id"
    sourceField = root["source"]?.string
    let fields = LoadSchema.fields(json)
    self.fields = fields
    identity = try LoadSchema.keys(root["identity"], fields) {
      fault("x-ils.identity", "names \($0), which has no column")
    }
    var references: [Reference] = []
    for reference in root["references"]?.array ?? [] {
      guard let field = reference["field"]?.string, let column = reference["column"]?.string,
        let target = reference["entity"]?.string
      else { throw fault("x-ils.references", "needs field, column and entity") }
      let schema = try other(target)
      guard let otherTable = schema["x-ils"]?["table"]?.string else { throw fault("entity \(target)", "has no table") }
      references.append(
        Reference(
          field: field, column: column, entity: target, table: otherTable, id: schema["x-ils"]?["id"]?.string ?? "id",
          by: try LoadSchema.keys(reference["by"], LoadSchema.fields(schema)) {
            fault("x-ils.references.by", "names \($0), which \(target) does not have")
          }, missing: reference["missing"]?.string ?? "reference.not_found"))
    }
    self.references = references
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
