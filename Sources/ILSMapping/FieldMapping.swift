import ILSRecord

/// How one field of the output comes about.
public struct FieldMapping: Sendable {
  public enum Source: Equatable, Sendable {
    case field(String)
    /// Several fields; with `join` their texts are joined, without it the first that is present is taken.
    case fields([String], join: String?)
    /// A value as JSON text, the same for every record.
    case constant(String)

    /// The fields that it takes its value from.
    var names: [String] {
      switch self {
      case .field(let name): [name]
      case .fields(let names, _): names
      case .constant: []
      }
    }
  }

  public var source: Source
  public var target: String
  var transforms: [any Transform]
  /// How the mapping file says each of them.
  var labels: [String] = []
  /// A record whose value is absent is refused.
  public var isRequired: Bool
  /// Stands in for an absent value, as JSON text.
  public var defaultValue: String?
  var onError = OnError.refuse

  /// What becomes of a value that a transform refuses.
  enum OnError: Equatable, Sendable {
    /// The record is refused.
    case refuse
    case null
    /// As it came.
    case keep
    /// JSON text in its place.
    case use(String)

    /// Leaves no value behind.
    var isAbsent: Bool { self == .null || self == .use("null") || self == .use("\"\"") }

    /// How it is told; nil where the record is refused.
    var note: MappingNote? {
      switch self {
      case .refuse: nil
      case .null: .nulled
      case .keep: .kept
      case .use: .replaced
      }
    }
  }

  var turnsEmptyToNull: Bool {
    transforms.contains { $0 is EmptyToNull }
  }
}

/// A custom transform's JavaScript.
public struct MappingScript: Equatable, Sendable {
  /// A function of `(value, record)`, or the body of one.
  public let source: String
  /// The field that it feeds.
  public let target: String
  /// Where it stands in the mapping file: `mappings[3].customTransform`.
  public let place: String
}
