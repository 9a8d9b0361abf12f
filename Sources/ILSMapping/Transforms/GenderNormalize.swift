extension ValueTable {
  /// What legacy systems write for the four genders of the record model, in six languages. No numbers, and no H, whose
  /// meanings differ: beside H for hombre, M is mujer.
  static let genders = ValueTable(
    [
      (
        "male",
        [
          "m", "male", "man", "boy", "masculine", "homme", "masculin", "garçon", "mann", "männlich", "maennlich",
          "herr",
          "hombre", "masculino", "varón", "varon", "maschio", "maschile", "uomo", "mannelijk", "jongen",
        ]
      ),
      (
        "female",
        [
          "f", "female", "woman", "girl", "w", "feminine", "femme", "féminin", "feminin", "fille", "frau", "weiblich",
          "mujer", "femenino", "femenina", "hembra", "femmina", "femminile", "donna", "vrouw", "vrouwelijk", "v",
          "meisje",
        ]
      ),
      (
        "other",
        [
          "o", "other", "x", "nonbinary", "non-binary", "non binary", "nb", "diverse", "intersex", "divers", "autre",
          "non binaire", "otro", "no binario", "altro", "anders", "non-binair",
        ]
      ),
      (
        "unknown",
        [
          "u", "unknown", "unk", "not known", "not specified", "unspecified", "undisclosed", "not disclosed", "n/a",
          "inconnu", "unbekannt", "keine angabe", "desconocido", "sconosciuto", "onbekend",
        ]
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
      ("", "\u{A0}f", "female"), ("", "Féminin", "female"), ("", "WEIBLICH", "female"), ("", "Hombre", "male"),
      ("", "donna", "female"), ("", "V", "female"), ("", "H", "gender.unreadable"),
    ]
  ) { _ in [ValueTable.genders] }
}
