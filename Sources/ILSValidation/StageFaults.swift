extension FaultCode {
  /// Why ils-parse and ils-load refuse records.
  public static let stages: [FaultCode] = parsing + loading

  private static let parsing: [FaultCode] = [
    .init(
      "csv.ragged", "The row has more or fewer cells than the header.",
      "Look for a delimiter inside a cell without quotes; --ragged pad or keep takes such rows."),
    .init("csv.unclosed_quote", "A quote opens here and does not close.", "Close it, or say --quote none."),
    .init(
      "csv.encoding", "Bytes that mean nothing in the encoding.",
      "Name the right one with --encoding, or allow --encoding-errors replace."),
    .init("csv.nul", "The row holds a NUL byte.", "Look whether the file was damaged on its way."),
    .init("csv.too_long", "The row is longer than the limit.", "Look for a quote that does not close."),
  ]

  private static let loading: [FaultCode] = [
    .init(
      "duplicate", "The record's row is in the table already.",
      "Load with --skip-duplicates or --update-existing, if that is meant."),
    .init(
      "identity.ambiguous", "Two keys of the record find two different rows.",
      "Find out which of the two it is, and correct the other key."),
    .init(
      "identity.conflict", "A later key finds a row that has another value of the first key.",
      "Correct one of the keys: it may be somebody else."),
    .init("reference.ambiguous", "Several rows fit what the record points at.", "Use a key that only one has."),
    .init(
      "patient.not_found", "The order's patient is not there.",
      "Load the patients first; --park-orphans keeps such orders until then."),
    .init("db.23514", "A check of the table forbids the value.", "Look at the table's checks."),
    .init("db.23502", "The table wants a value.", "Map a field to the column, or use --set."),
    .init("db.22001", "The value is too long for its column.", "Shorten it."),
    .init("db.P0001", "A trigger of the table refuses it.", "Ask who made the trigger."),
  ]
}
