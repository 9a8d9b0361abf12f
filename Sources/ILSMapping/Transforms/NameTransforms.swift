import ILSRecord

extension TransformRun {
  /// One part of a name; empty where the name has no such part.
  mutating func namePart(_ value: FieldValue, _ part: PersonName.Part) throws(RecordError) {
    guard isString(value) else { return }
    try load(value)
    become(PersonName(text.string())[part])
  }
}
