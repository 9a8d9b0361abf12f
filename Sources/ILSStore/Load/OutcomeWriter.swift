import ILSRecord

/// Writes what became of records, one JSON object each: `{"_row":7,"outcome":"updated","job":"…","changed":["phone"]}`.
struct OutcomeWriter {
  let job: JobID
  let which: JobOptions.Outcomes
  private let namesRows: Bool
  let ofDatabase: DatabaseRefusal

  init(job: JobID, _ options: JobOptions, _ table: TargetTable) {
    self.job = job
    (which, namesRows) = (options.outcomes, options.namesRows)
    ofDatabase = DatabaseRefusal(table)
  }

  /// Tells the outcomes of a range of a batch, and rejects what was refused.
  /// - Parameter outcomes: those that are listed; all others were inserted.
  func write(_ range: Range<Int>, of batch: borrowing Batch, _ outcomes: Rows?, _ emit: inout Emitter) {
    let count = outcomes?.count ?? 0
    if count == 0, which != .all, batch.refusals.isEmpty { return }
    var next = 0
    for index in range {
      if let error = batch.refusals[index] {
        refuse(error, index, of: batch, &emit)
        continue
      }
      guard let outcomes, next < count, outcomes[next].integer("n") == index else {
        if which == .all { write("inserted", batch.positions[index], [], &emit) }
        continue
      }
      tell(outcomes[next], index, of: batch, &emit)
      next += 1
    }
  }

  private func tell(_ row: Row, _ index: Int, of batch: borrowing Batch, _ emit: inout Emitter) {
    let position = batch.positions[index]
    let code = row.text("code")
    switch row.text("outcome") {
    case "refused":
      refuse(refusal(row), index, of: batch, &emit)
    case "parked":
      emit.tell(
        Diagnostic(
          .warning, RefusalFault.recordParked, "waits in the job for the row that it points at", field: row["field"],
          at: position))
      write("parked", position, [("code", code), ("field", row["field"])], &emit)
    case let outcome:
      let changed = outcome == "updated" ? row["changed"] : nil
      let target = namesRows ? row["target"] : nil
      write(
        outcome, position, [("matched", row["matched"]), ("target", target)], changed: changed,
        differed: row["differed"], &emit)
    }
  }

  /// Why the record of a row of outcomes is refused.
  private func refusal(_ row: Row) -> RecordError {
    if let error = ofDatabase.error(row) { return error }
    let (code, candidates) = (row.text("code"), row.candidates)
    return RecordError(
      code: code, field: row["field"], message: Refusal.message(code) + Refusal.evidence(candidates),
      candidates: candidates)
  }

  func refuse(_ error: RecordError, _ index: Int, of batch: borrowing Batch, _ emit: inout Emitter) {
    emit.reject(Rejection(error), at: batch.source(of: index), input: .record(batch.record(index)))
    write("failed", batch.positions[index], [("code", error.code), ("field", error.field)], &emit)
  }

  private func write(
    _ outcome: String, _ position: Position, _ more: [(String, String?)], changed: String? = nil,
    differed: String? = nil, _ emit: inout Emitter
  ) {
    guard which != .none else { return }
    var members: [(name: String, value: JSONValue)] = []
    if let row = position.row { members.append(("_row", .number("\(row)"))) }
    if let file = position.file { members.append(("_file", .string(file))) }
    if let sheet = position.sheet { members.append(("_sheet", .string(sheet))) }
    members += [("outcome", .string(outcome)), ("job", .string(job.text))]
    for (name, value) in more { if let value { members.append((name, .string(value))) } }
    if let changed { members.append(("changed", .array(changed.split(separator: ",").map { .string(String($0)) }))) }
    if let differed {
      members.append(("differed", .array(differed.split(separator: "\n").map { .string(String($0)) })))
    }
    JSONValue.object(members).write(to: &emit.output)
    emit.endRecord()
  }
}
