extension ValueTable {
  static let booleans = ValueTable(
    [
      ("true", ["yes", "y", "true", "t", "1", "on", "x", "checked", "ja", "oui", "sí", "sì", "si"]),
      ("false", ["no", "n", "false", "f", "0", "off", "unchecked", "nein", "non", "nee"]),
    ].flatMap { value, keys in keys.map { ($0, value) } },
    foldsCase: true, passesBooleans: true,
    miss: .refuse(.booleanUnreadable, "neither yes nor no: map it with \"values\", or mend it"))
}

extension NamedTransform {
  static let booleanConvert = NamedTransform(
    "boolean_convert",
    examples: [
      ("", "yes", "true"), ("", "N", "false"), ("", "0", "false"), ("", "Sí", "true"), ("", "Nein", "false"),
      ("", "maybe", "boolean.unreadable"),
    ]
  ) { _ in [ValueTable.booleans] }
}
