import ILSRecord
import ILSStore

/// What goes to a column of an entity's table.
enum ColumnFeed {
  case field(LoadSchema.Field)
  /// Several fields, joined.
  case parts(LoadSchema.Derived)
  case reference(LoadSchema.Reference)
  case constant(String)
  /// The loader itself writes it.
  case mark
  case nothing

  init(_ column: RowLineage.Column, _ entity: LoadSchema, of table: TracedTable) {
    if let constant = entity.constants.first(where: { $0.column == column.name }) {
      self = .constant(constant.value)
    } else if let field = entity.fields.first(where: { $0.column == column.name }) {
      self = .field(field)
    } else if let derived = entity.derived.first(where: { $0.column == column.name }) {
      self = .parts(derived)
    } else if let reference = entity.references.first(where: { $0.column == column.name }) {
      self = .reference(reference)
    } else {
      self = column.name == table.jobColumn || column.name == "updated_at" ? .mark : .nothing
    }
  }

  /// The fields of the loaded record that feed it.
  var fields: [String] {
    switch self {
    case .field(let field): [field.name]
    case .parts(let derived): derived.parts
    case .reference(let reference): [reference.field]
    case .constant, .mark, .nothing: []
    }
  }

  /// The text that a record has for the column; nil where it has none.
  /// - Parameter source: stands in for the import source of a record that names none.
  func text(of record: JSONValue, _ entity: LoadSchema, source: String?) -> String? {
    switch self {
    case .field(let field):
      let text = Self.text(record[field.name]) ?? (field.name == entity.sourceField ? source : nil)
      return text == field.clear ? nil : text
    case .parts(let derived):
      let parts = derived.parts.compactMap { Self.text(record[$0]) }
      // What a clock shows in a zone is a moment only with the zone's name behind it.
      let zone = derived.zone.map { " " + $0 } ?? ""
      return parts.isEmpty ? nil : parts.joined(separator: derived.separator) + zone
    case .reference(let reference): return Self.text(record[reference.field])
    case .constant(let value): return value
    case .mark, .nothing: return nil
    }
  }

  private static func text(_ value: JSONValue?) -> String? {
    switch value {
    case nil, .null: nil
    case .string(let text): text.isEmpty ? nil : text
    case .some(let other): other.text
    }
  }
}
