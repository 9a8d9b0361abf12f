extension NamedTransform {
  /// Every transform. The schema of mapping files is made of this list, and the page is held against it.
  package static let all: [NamedTransform] = [
    .none, .trim, .uppercase, .lowercase, .titleCase, .normalizeUnicode, .stripControl, .emptyToNull, .toString,
    .append,
    .pad, .extractFirstName, .extractLastName, .splitName, .dateFormat, .phoneFormat, .phoneE164, .genderNormalize,
    .booleanConvert, .toInteger, .toFloat, .diopter, .axis, .prescription, .pupillaryDistance, .visualAcuity,
    .intraocularPressure, .contactLensShape,
    .recallInterval, .nhsNumber, .ukPostcode, .custom,
  ]

  static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
