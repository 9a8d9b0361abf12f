import ILSRecord

/// One part of a name; empty where the name has no such part.
struct NamePart: Transform {
  let part: PersonName.Part

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard run.isString(value) else { return }
    try run.load(value)
    run.become(PersonName(run.text.string())[part])
  }
}

extension NamedTransform {
  static let extractFirstName = NamedTransform(
    "extract_first_name",
    examples: [
      ("", "Dr. John Q. Smith Jr.", "John"), ("", "Smith, John Q", "John"), ("", "Nguyen, Do", "Do"),
      ("", "Hon Minh Le", "Hon"),
      ("", "Hon. John Smith", "John"),
    ]
  ) { _ in [NamePart(part: .first)] }

  static let extractLastName = NamedTransform(
    "extract_last_name", isIdempotent: false,
    examples: [
      ("", "Dr. John Q. Smith Jr.", "Smith"), ("", "Vincent van Gogh", "van Gogh"), ("", "Smith, Jr., John", "Smith"),
      ("", "Mrs Jones", "Jones"), ("", "Bao Linh Do", "Do"), ("", "KIM ANH DO", "DO"), ("", "Do, Kim", "Do"),
      ("", "Ann Lee DO", "Lee"), ("", "Ann Lee, D.O.", "Lee"), ("", "Thi Hon Le", "Le"), ("", "Yo-Yo Ma", "Ma"),
    ]
  ) { _ in [NamePart(part: .last)] }

  static let splitName = NamedTransform(
    "split_name", [.init("part", .choice(PersonName.Part.allCases.map(\.rawValue)), isRequired: true)],
    isIdempotent: false,
    examples: [
      (#""part":"middle""#, "John Quincy Adams", "Quincy"), (#""part":"suffix""#, "John Smith, MD", "MD"),
      (#""part":"title""#, "Prof Ada Lovelace", "Prof"),
    ]
  ) { options in [NamePart(part: options.text("part").flatMap { PersonName.Part(rawValue: $0) } ?? .first)] }
}
