import ILSRecord

/// How one field of the output comes about.
public struct FieldMapping: Equatable, Sendable {
  public enum Source: Equatable, Sendable {
    case field(String)
    /// Several fields; with `join` their texts are joined, without it the first that is present is taken.
    case fields([String], join: String?)
    /// A value as JSON text, the same for every record.
    case constant(String)
  }

  public var source: Source
  public var target: String
  public var transforms: [Transform]
  /// A record whose value is absent is refused.
  public var isRequired: Bool
  /// Stands in for an absent value, as JSON text.
  public var defaultValue: String?
}

/// A change of one value. All are total: a value or a `RecordError` comes out, whatever goes in.
public enum Transform: Equatable, Sendable {
  case trim
  case uppercase
  case lowercase
  /// To `YYYY-MM-DD`.
  case date(DateReader)
  case phone
  case gender
  case boolean
  case emptyToNull
  /// A value's text looked up; the table's values and `otherwise` are JSON text.
  case lookup([String: String], otherwise: String?)

  /// The transforms that need no options, by the names that mapping files have for them.
  static let plain: [String: [Transform]] = [
    "none": [], "trim": [.trim], "uppercase": [.uppercase], "lowercase": [.lowercase], "phone_format": [.phone],
    "gender_normalize": [.gender], "boolean_convert": [.boolean], "empty_to_null": [.emptyToNull],
    "date_format": [.date(DateReader())],
  ]
}
