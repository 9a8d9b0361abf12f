import ILSRecord

/// What one check of a database found.
public struct VerifyCheck: Sendable {
  public enum Kind: String, Sendable {
    /// For information.
    case count
    /// What must not be.
    case fault
    /// What a person should look at.
    case doubt
  }

  /// What a check is about: the records that were read, one of their fields, a table, or the jobs.
  public enum About: String, Sendable { case records, field, table, jobs }

  public var about = About.table
  public let name: String
  public let kind: Kind
  /// How many rows or records it found.
  public let rows: Int
  public var entity: String?
  public var field: String?
  /// Ids of some rows that it found.
  public var ids: [String] = []
  /// Where some records stand in the source.
  public var records: [String] = []
  /// Values of some of both: record, source, database.
  public var values: [(record: String, source: String?, database: String?)] = []
  /// What the source and the database have, and what lies between the two.
  public var source: JSONValue?
  public var database: JSONValue?
  public var difference: JSONValue?

  init(_ name: String, _ kind: Kind, rows: Int, entity: String? = nil, field: String? = nil) {
    (self.name, self.kind, self.rows, self.entity, self.field) = (name, kind, rows, entity, field)
  }

  /// What the check comes to.
  public var verdict: Kind? { kind == .count || rows == 0 ? nil : kind }

  public var json: JSONValue {
    func texts(_ list: [String]) -> JSONValue? { list.isEmpty ? nil : .array(list.map { .string($0) }) }
    let members: [(String, JSONValue?)] = [
      ("check", .string(name)), ("about", .string(about.rawValue)), ("entity", entity.map { .string($0) }),
      ("field", field.map { .string($0) }),
      ("kind", .string(kind.rawValue)), ("rows", .number("\(rows)")), ("source", source), ("database", database),
      ("difference", difference), ("verdict", .string(verdict?.rawValue ?? "ok")), ("ids", texts(ids)),
      ("records", texts(records)), ("values", values.isEmpty ? nil : .array(values.map(Self.value))),
    ]
    return .object(members.compactMap { name, value in value.map { (name: name, value: $0) } })
  }

  private static func value(_ pair: (record: String, source: String?, database: String?)) -> JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    return .object([
      (name: "record", value: .string(pair.record)), (name: "source", value: text(pair.source)),
      (name: "database", value: text(pair.database)),
    ])
  }
}
