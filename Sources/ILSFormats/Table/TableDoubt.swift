import ILSRecord

/// What is said of the row of names, in delimited text and workbooks alike.
enum TableDoubt {
  /// Why the row of names cannot be told from the others; nil where it can. No name is repeated: it may be a patient's.
  /// - Parameter row: the number that the file has for a row of the search.
  static func about(_ search: HeaderSearch, row: (Int) -> Int, _ position: Position) -> StopError? {
    if search.isUnsure, let first = search.passed.first {
      return StopError(
        .dataError, TextFault.tableHeaderRow,
        "the names may stand in row \(row(first)) or in row \(row(search.header)), and nothing decides: say which with --header-row",
        at: position)
    }
    guard search.likeness == .record else { return nil }
    var position = position
    position.row = row(search.header)
    return StopError(
      .dataError, TextFault.tableHeaderData,
      "the row of names looks like data: if there is none, say --no-header (columns are numbered then, or named by --columns); if it is one, say --header-row \(row(search.header))",
      at: position)
  }

  /// The row of names as a decision.
  /// - Parameter isNumbered: the row that could hold them is read as a record.
  static func decision(_ search: HeaderSearch, row: (Int) -> Int, isNumbered: Bool, _ position: Position) -> Decision {
    if isNumbered {
      return Decision(
        "header", .init("none", certainty: 0.8),
        evidence: ["row \(row(search.header)): \(TableDoubt.record)"],
        others: [.init("row \(row(search.header))", certainty: 0.2)], option: "--header-row", at: position)
    }
    let likeness: [HeaderSearch.Likeness: String] = [
      .values: "it holds values", .record: TableDoubt.record, .words: "it holds words like those below",
    ]
    return Decision(
      "header", .init("row \(row(search.header))", certainty: certainty(search)),
      evidence: search.evidence.isEmpty ? ["it is the first row that holds something"] : search.evidence,
      objections: (likeness[search.likeness].map { [$0] } ?? [])
        + (search.passed.isEmpty ? [] : ["\(search.passed.count) filled rows stand above it"]),
      others: (search.passed.first.map { [.init("row \(row($0))", certainty: search.isUnsure ? 0.4 : 0.1)] } ?? [])
        + (search.likeness == .names ? [] : [.init("none", certainty: search.likeness == .record ? 0.8 : 0.4)]),
      option: "--header-row", at: position)
  }

  private static let record = "it looks like a record: values beside words, or words that stand in the rows below again"

  private static func certainty(_ search: HeaderSearch) -> Double {
    switch search.likeness {
    case .record: 0.2
    case .values, .words: 0.6
    case .names: search.isUnsure ? 0.5 : search.passed.isEmpty ? 0.95 : 0.9
    }
  }

  /// Says where the names could be values.
  static func tellLikeness(_ search: HeaderSearch, _ position: Position, _ emit: inout Emitter) {
    let likeness = search.likeness
    guard likeness == .values || likeness == .words else { return }
    emit.tell(
      Diagnostic(
        .warning, TextFault.tableHeaderData,
        likeness == .values
          ? "the row of names holds values, and is no record: if there are no names, say --no-header"
          : "nothing but its place tells the row of names from those below: if it is one of data, say --no-header",
        at: position))
  }

  /// Says that a row that looks like a record is read as one. No cell of it is repeated.
  static func tellNumbered(row: Int, _ position: Position, _ emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, TextFault.tableHeaderData,
        "row \(row) looks like a record, not like names: it is read as data, and columns are numbered unless --columns names them; "
          + "if it holds names, say --header-row \(row)", at: position))
  }

  /// Says which rows above the names are no records.
  /// - Parameters:
  ///   - rows: the number of each, and whether it is plainly a title: one cell, or a remark.
  ///   - areJoined: whether the names of groups in the last of them are part of the columns' names; nil where it holds none.
  static func tellPassed(
    _ fault: some FaultCodes, _ rows: [(number: Int, isPlain: Bool)], areJoined: Bool?, _ position: Position,
    _ emit: inout Emitter
  ) {
    let isPlain = rows.allSatisfy(\.isPlain)
    let numbers = rows.prefix(10).map { "\($0.number)" }.joined(separator: ", ") + (rows.count > 10 ? " ..." : "")
    let groups: String? =
      switch areJoined {
      case true?:
        ": the last holds names of groups, which stand in front of the columns' now; --header-row leaves them out"
      case false?: ": the last holds names of groups; --join-groups puts them in front of the columns'"
      case nil: nil
      }
    emit.tell(
      Diagnostic(
        isPlain ? .info : .warning, fault,
        "\(rows.count) \(rows.count == 1 ? "row" : "rows") above the names passed over (\(numbers))"
          + (groups ?? (isPlain ? "" : ": if they hold data, say --header-row")), at: position))
  }

  /// Says that `--join-groups` changed no name.
  static func tellNoGroups(_ fault: some FaultCodes, _ position: Position, _ emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, fault, "--join-groups joined nothing: no names of groups were found in the row above the names",
        at: position))
  }
}
