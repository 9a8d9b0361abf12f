import ILSDates
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
  public var transforms: [Transform]
  /// A record whose value is absent is refused.
  public var isRequired: Bool
  /// Stands in for an absent value, as JSON text.
  public var defaultValue: String?

  var turnsEmptyToNull: Bool {
    transforms.contains { if case .emptyToNull = $0 { true } else { false } }
  }
}

/// A change of one value. All are total: a value or a `RecordError` comes out, whatever goes in.
public enum Transform: Sendable {
  case trim
  case uppercase
  case lowercase
  case titleCase
  /// Unicode normalisation form C (UAX 15).
  case normalize
  /// Controls and invisible format characters out, tabs and line ends to one space.
  case stripControl
  case toString
  /// Put in front of, and behind, the text.
  case append(prefix: String, suffix: String)
  /// Filled up to `width` characters with one ASCII character.
  case pad(width: Int, with: UInt8, atEnd: Bool)
  /// To `YYYY-MM-DD`.
  case date(DateReader)
  /// As the guide's table shows: `(555) 555-0100`.
  case phone
  /// ITU-T E.164: `+15555550100`.
  case phoneE164(PhoneRegion)
  case namePart(PersonName.Part)
  case integer
  /// A JSON number; with `decimalComma`, the comma is its decimal sign.
  case float(decimalComma: Bool)
  /// A sphere, cylinder or addition in dioptres.
  case diopter
  /// A value's text looked up.
  case table(ValueTable)
  /// Null for a value of no characters, or for one of `words`.
  case emptyToNull(words: [String])
  /// A custom function, by its number among the mapping file's scripts.
  case script(Int)
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
