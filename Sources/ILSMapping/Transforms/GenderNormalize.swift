extension ValueTable {
  /// What legacy systems write for the four genders of the record model. No numbers: what 1 and 2 mean differs.
  static let genders = ValueTable(
    [
      ("male", ["m", "male", "man", "boy", "masculine"]),
      ("female", ["f", "female", "woman", "girl", "w", "feminine"]),
      ("other", ["o", "other", "x", "nonbinary", "non-binary", "non binary", "nb", "diverse", "intersex"]),
      (
        "unknown",
        ["u", "unknown", "unk", "not known", "not specified", "unspecified", "undisclosed", "not disclosed", "n/a"]
      ),
    ].flatMap { value, keys in keys.map { ($0, "\"\(value)\"") } },
    foldsCase: true,
    miss: .refuse(.genderUnreadable, "not a gender that is known: map it with \"values\", or mend it"))
}

extension NamedTransform {
  static let genderNormalize = NamedTransform(
    "gender_normalize",
    examples: [
      ("", "M", "male"), ("", " FEMALE ", "female"), ("", "Non-Binary", "other"), ("", "1", "gender.unreadable"),
      ("", "\u{A0}f", "female"),
    ]
  ) { _ in [ValueTable.genders] }
}
