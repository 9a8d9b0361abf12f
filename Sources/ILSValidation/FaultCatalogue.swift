import ILSRecord
import ILSSchema

/// What the codes of a validation's faults mean, and how each is mended.
public struct FaultCode: Equatable, Sendable {
  public let code: String
  public let meaning: String
  public let mending: String

  public init(_ code: String, _ meaning: String, _ mending: String) {
    (self.code, self.meaning, self.mending) = (code, meaning, mending)
  }

  /// All codes that do not depend on a schema.
  public static let all: [FaultCode] = records + values + structures + dates + quality

  /// The codes that a schema brings with it: of identity keys, cross-field checks and references.
  public static func own(_ schema: JSONValue) -> [FaultCode] {
    let annotations = schema["x-ils"]
    let identity = (annotations?["identity"]?.array ?? []).map { key in
      let names = (key.array ?? []).compactMap(\.string)
      return FaultCode(
        "unique.\(names.joined(separator: "_"))",
        "An earlier record has the same \(names.joined(separator: " and ")).",
        "Keep one of the two, or correct the key; --no-unique does not look.")
    }
    var ignored: [JSONSchema.Fault] = []
    let checks = FieldCheck.read(schema, &ignored).map { check in
      FaultCode(
        check.code, "\(check.field) \(check.message).",
        check.isWarning
          ? "A warning: look whether it is meant." : "Correct one of the two in the source, or in the mapping.")
    }
    let references = (annotations?["references"]?.array ?? []).compactMap { reference -> FaultCode? in
      guard let field = reference["field"]?.string, let entity = reference["entity"]?.string else { return nil }
      return FaultCode(
        reference["missing"]?.string ?? "reference.not_found", "\(field) names none of the \(entity).",
        "Load the \(entity) first, or correct the field; ils-load --park-orphans keeps such records until then.")
    }
    return identity + checks + references
  }

  private static let records: [FaultCode] = [
    .init(
      "json.invalid", "The line is no JSON.", "Look at the byte that the message names; ils-parse writes right lines."),
    .init("json.truncated", "The line ends in the middle of its JSON.", "Export it again: it was cut off."),
    .init("json.utf8", "The line is no UTF-8.", "Convert it: ils-parse --format json --encoding NAME."),
    .init(
      "json.not_object", "The line holds no JSON object.", "Write one record to a line: jq -c '.[]' unwraps an array."),
    .init("json.duplicate_key", "A field occurs twice in the record.", "Rename or remove one: only one could be kept."),
    .init("json.too_long", "The line is longer than the limit.", "Split the record, or take out what is no text."),
    .init("json.surrogate", "A \\u escape is half of a character.", "Export it again as UTF-8."),
  ]

  private static let values: [FaultCode] =
    [
      .init(
        "schema.required", "A required field is missing or empty.", "Map a source field to it, or give it a constant."),
      .init("schema.additionalProperties", "The field is none of the schema's.", "Map it to one that is, or drop it."),
      .init("schema.type", "The value is of another type.", "Map it with a transform such as to_string or to_integer."),
      .init("schema.enum", "The value is none of those that the schema lists.", "Map it with a values table."),
      .init(
        "schema.const", "The value is not the one that the schema asks for.",
        "Map it with a values table or a constant."),
      .init("schema.minLength", "The text has fewer characters than it must.", "Correct it in the source."),
      .init(
        "schema.maxLength", "The text has more characters than it may.",
        "Shorten it in the source, or with a custom function."),
      .init(
        "schema.pattern", "The text does not have the form that the pattern asks for.",
        "Correct it in the source, or with a custom function."),
      .init("schema.minimum", "The number is less than it may be.", "Correct it in the source."),
      .init("schema.maximum", "The number is more than it may be.", "Correct it in the source."),
      .init("schema.multipleOf", "The number is no multiple of the step.", "Round it, or correct the step."),
    ]
    + Format.allCases.filter { $0 != .idnEmail }.map { format in
      .init(format.code, "The text is not \(format.noun).", "Map it, or correct it in the source.")
    }

  private static let structures: [FaultCode] = [
    .init("schema.false", "The schema rules every value out here.", "Drop the field."),
    .init("schema.not", "The schema rules this value out (not).", "Correct it in the source."),
    .init("schema.anyOf", "The value fits none of the alternatives (anyOf).", "Make it fit one of them."),
    .init("schema.oneOf", "The value fits none, or several, of the alternatives (oneOf).", "Make it fit just one."),
    .init("schema.ref", "The value is no JSON Schema, and must be one.", "Correct the schema that it holds."),
    .init("schema.dependentRequired", "A field is missing that another asks for.", "Fill it, or drop the other."),
    .init("schema.propertyNames", "The field's name is none that the schema allows.", "Rename it with ils-map."),
    .init("schema.minProperties", "The object has too few fields.", "Fill more of them."),
    .init("schema.maxProperties", "The object has too many fields.", "Drop some of them."),
    .init("schema.minItems", "The array has too few items.", "Correct it in the source."),
    .init("schema.maxItems", "The array has too many items.", "Correct it in the source."),
    .init("schema.uniqueItems", "Two items of the array are the same.", "Remove one."),
    .init("schema.contains", "Too few items of the array are as they must be (contains).", "Correct it in the source."),
    .init("schema.maxContains", "Too many items of the array are as the schema says.", "Remove some of them."),
  ]

  private static let dates: [FaultCode] = [
    .init(
      "date.too_early", "The date lies before the earliest that the schema allows.",
      "Look for a mistyped year or a placeholder."),
    .init(
      "date.too_late", "The date lies after the latest that the schema allows.",
      "Look for a century that was guessed wrong: date_format has a pivot."),
  ]

  private static let quality: [FaultCode] = [
    .init("quality.placeholder", "The value looks like one that fills a gap.", "A warning: make it empty if it is."),
    .init("quality.email_domain", "The e-mail's domain looks mistyped.", "A warning: ask the patient."),
    .init(
      "quality.birthdays", "Far too many births on 1 January.", "A warning: the source may have known the year alone."),
    .init(
      "quality.names_swapped", "Many first names look like last names, and the other way.",
      "A warning: look at the mapping of the two."),
    .init("quality.shared", "Many records share one phone or e-mail.", "A warning: it may be the clinic's own."),
  ]
}
