import ILSIdentity
import ILSRecord

/// Why the database side refuses a record, for people.
enum Refusal {
  static let messages: [RefusalFault: String] = [
    .duplicate:
      "its row is there already: skip such records with --skip-duplicates, or update them with --update-existing",
    .identityConflict:
      "it has an identifier of a row that is another person or thing by all else, or of several rows: mend it, or say who it is with \"_is\"",
    .identityDoubtful:
      "it looks like a row, and nothing proves that it is: say who it is with \"_is\", the row's id or \"new\"",
    .identityUnknown: "there is no such row within the record's scope: name one that is there, or \"new\"",
    .identityOutside:
      "it is new, and none of the rows that the schema looks at (\"where\"): it would not be found again, and each load would bring it; "
      + "load such records by a schema without \"where\"",
    .updateJoined:
      "it has some of the fields that a column is joined of, and the others cannot be told apart in it: give all of them",
    .referenceDisagrees: "what it points at says something else of the same: it is of another patient, say",
    .valueGainsaid: "every row gets another value in this column: it may be of another company",
    .timeUnclear: "the clocks of the zone never showed this time, or showed it twice",
  ]

  /// Which fields agree with the candidate rows', and which differ: names, never values.
  static func evidence(_ candidates: RecordError.Candidates?) -> String {
    candidates.map { "\($0.evidence) (row \($0.rows.joined(separator: ", ")))" } ?? ""
  }

  /// A refusal that was kept, as it was told the first time.
  static func told(_ kept: RecordError) -> RecordError {
    var error = kept
    error.message += evidence(kept.candidates)
    return error
  }

  static func message(_ code: String) -> String {
    if let told = RefusalFault(rawValue: code).flatMap({ messages[$0] }) { return told }
    return code == IdentityFault.referenceAmbiguous.rawValue
      ? "it finds more than one row, by one key or by several: name one that is unique, or say in the schema's references by which key it is"
      : "what it points at is not in the database: load that first"
  }
}

extension Row {
  /// The rows that a refusal names, and the fields that agreed and differed, from the columns of these names; nil for none.
  var candidates: RecordError.Candidates? {
    func list(_ column: String) -> [String] { text(column).split(separator: "\n").map { String($0) } }
    return self["candidates"].map { _ in
      RecordError.Candidates(rows: list("candidates"), agreed: list("agreed"), differed: list("differed"))
    }
  }
}
