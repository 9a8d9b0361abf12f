import ILSRecord

/// A column of the table, and what it must hold of a record.
struct ComparedColumn {
  /// The field that feeds it; of several, their names with a plus between.
  let field: String
  /// It says how a source knows the row: of a row that another source made, it is that one's.
  let isOfSource: Bool
  /// What a database fills in by itself is no value from elsewhere.
  let hasDefault: Bool
  private let column: TargetTable.Column
  private let value: (String) -> String
  /// The text that empties the column, and the staged text's place.
  private let clear: (place: String, text: String)?

  private init(
    _ field: String, _ column: TargetTable.Column, isOfSource: Bool = false,
    clear: (place: String, text: String)? = nil, _ value: @escaping (String) -> String
  ) {
    (self.field, self.column, self.isOfSource, self.clear, self.value) = (field, column, isOfSource, clear, value)
    hasDefault = column.defaultValue != nil || column.isGenerated
  }

  /// All columns that the records of an entity feed.
  static func all(_ table: TargetTable) -> [ComparedColumn] {
    let schema = table.schema
    let staged = schema.stagedFields
    func place(_ field: String) -> String { "c\(staged.firstIndex(of: field) ?? 0)" }
    let marks = schema.sourceColumns
    let own = schema.fields.compactMap { field -> ComparedColumn? in
      guard let column = table.columns[field.column] else { return nil }
      let clear = field.clear.map { (place: place(field.name), text: $0) }
      return ComparedColumn(field.name, column, isOfSource: marks.contains(field.column), clear: clear) { row in
        let text = "\(row).\(place(field.name))"
        return table.cast(clear.map { "NULLIF(\(text), \($0.text.quotedLiteral))" } ?? text, to: field.column)
      }
    }
    let derived = schema.derived.compactMap { derived in
      table.columns[derived.column].map { column in
        ComparedColumn(derived.parts.joined(separator: "+"), column) { row in
          table.cast(JoinedColumn.whole(derived, derived.parts.map { "\(row).\(place($0))" }), to: derived.column)
        }
      }
    }
    let references = schema.references.enumerated().compactMap { number, reference in
      table.columns[reference.column].map { column in
        ComparedColumn(reference.field, column) { row in "\(row).r\(number)::\(table.type(reference.column))" }
      }
    }
    let constants = schema.constants.compactMap { constant in
      table.columns[constant.column].map { column in
        ComparedColumn(constant.column, column) { _ in table.cast(constant.value.quotedLiteral, to: constant.column) }
      }
    }
    return own + derived + references + constants
  }

  // MARK: - SQL

  /// What a record of alias `row` has for it, of the column's type.
  func source(_ row: String = "s") -> String { value(row) }

  /// The column's name and number.
  var name: String { column.name }
  var number: Int { column.number }

  /// What a record has for it, as the column's type writes it.
  var written: String {
    "CASE WHEN \(value("s")) IS NOT NULL THEN format('%s', (\(value("s")))::\(column.bareType)) END"
  }

  /// What row `t` holds; nothing where that is empty text.
  var database: String {
    let name = "t.\(column.name.quotedIdentifier)"
    return isText ? "NULLIF(\(name)::text, '')" : name
  }

  /// Whether the two are not the same, byte for byte or as values of one number or moment.
  func differs(_ row: String = "s") -> String {
    let name = "t.\(column.name.quotedIdentifier)"
    if isText {
      return "(\(value(row))::\(column.bareType))::text COLLATE \"C\" IS DISTINCT FROM \(name)::text COLLATE \"C\""
    }
    if Self.exact.contains(column.bareType) { return "\(value(row)) IS DISTINCT FROM \(name)" }
    return "((\(value(row)))::\(column.bareType))::text IS DISTINCT FROM \(name)::text"
  }

  /// Whether row `t` holds what neither a record that has nothing for it nor the database can have given it.
  var isFromElsewhere: String {
    guard let fill = column.defaultValue, !column.isGenerated else {
      return hasDefault ? "false" : "\(database) IS NOT NULL"
    }
    if !column.hasConstantDefault { return "false" }
    return """
      (\(database) IS NOT NULL AND format('%s', t.\(column.name.quotedIdentifier)) IS DISTINCT FROM format('%s', (\(fill))::\(column.type)))
      """
  }

  /// Whether a record says that the column is to be empty.
  var isCleared: String { clear.map { "coalesce(s.\($0.place) = \($0.text.quotedLiteral), false)" } ?? "false" }

  /// Types whose equality is that of the values. What others call equal may look otherwise: a box is as large as another.
  private static let exact: Set = [
    "smallint", "integer", "bigint", "numeric", "real", "double precision", "money", "date",
    "timestamp without time zone",
    "timestamp with time zone", "time without time zone", "time with time zone", "interval", "boolean", "uuid", "jsonb",
    "bytea", "inet", "cidr",
  ]

  private var isText: Bool {
    ["text", "character varying", "bpchar", "character", "citext", "name"].contains(column.bareType)
  }

  /// It can be summed; it has a first and a last.
  var isNumber: Bool {
    switch column.check {
    case .integer, .decimal, .float: true
    default: false
    }
  }

  var isOrdered: Bool {
    switch column.check {
    case .date, .timestamp, .time: true
    default: isNumber
    }
  }
}
