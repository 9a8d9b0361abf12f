extension FaultCode {
  /// Why stages other than ils-validate refuse records.
  public static let stages: [FaultCode] = parsing + mapping + loading

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

  private static let mapping: [FaultCode] = [
    .init(
      "map.required", "The mapping requires a value, and there is none.",
      "Fill it in the source, give the mapping a defaultValue, or take away required."),
    .init(
      "date.unreadable", "The text is no date in the order that the mapping names.",
      "Name the order as input (DD/MM/YYYY), or correct the value."),
    .init("date.has_time", "The date has a time, which nobody asked to cut off.", "Say time: cut in the mapping."),
    .init("phone.unreadable", "The text is no telephone number.", "Correct it, or load it without the transform."),
    .init("gender.unreadable", "The word is none of the known ones.", "Give the mapping a values table."),
    .init("boolean.unreadable", "The word is neither yes nor no.", "Give the mapping a values table."),
    .init("number.unreadable", "The text is no number.", "Correct it, or name the decimal sign."),
    .init("number.not_whole", "The number has a fraction.", "Use to_float."),
    .init("diopter.unreadable", "The text is no power of a lens.", "Correct it in the source."),
    .init("values.unknown", "The value is not in the mapping's table.", "Add it, or give the table an otherwise."),
    .init("transform.nested", "An object or array cannot be transformed.", "Flatten it: ils-parse --flatten ."),
    .init("script.error", "The custom function failed.", "Correct the function; the row shows for which value."),
    .init("script.time", "The custom function took too long.", "Look for a loop that does not end."),
    .init("script.memory", "The custom function took too much memory.", "Look for text that grows in a loop."),
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
