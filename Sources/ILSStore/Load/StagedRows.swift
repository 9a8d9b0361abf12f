import ILSRecord

/// Takes the staged records of a batch into the table, within the transaction that is open.
final class StagedRows {
  private let session: Session
  private let job: Job
  private let progress: LoadProgress
  private let sql: BatchSQL
  private let matcher: Matcher
  private let turn: any Turn
  private let keepAliases: [String]
  private let who: [String?]
  private let isDryRun: Bool
  /// Of a job that is one transaction: decisions that its end tells, and those of the attempt.
  private var held: [String] = []
  private var untold: [String] = []
  private var connection: Connection { session.connection }

  struct Settled {
    /// What must be told: the columns of `BatchSQL.outcomes`, in the order of the records.
    var outcomes: Rows?
    /// Some rows were refused by the database itself.
    var wasNeeded = false
  }

  init(
    _ session: Session, _ job: Job, _ progress: LoadProgress, _ sql: BatchSQL, _ options: JobOptions, _ ring: KeyRing,
    _ match: MatchSQL, _ turn: any Turn
  ) {
    (self.session, self.job, self.progress, self.sql, self.turn) = (session, job, progress, sql, turn)
    matcher = Matcher(match, options.onDuplicate, ring)
    keepAliases = match.keepAliases(job.id.text)
    who = [options.osUser, options.host]
    isDryRun = options.isDryRun
  }

  /// An attempt begins.
  func begin() { untold.removeAll() }

  /// The attempt is committed, or is a part of what will be.
  func isCommitted() { held += untold }

  /// - Parameters:
  ///   - range: the records of the batch that are meant.
  ///   - care: what is tried before rows are written.
  ///   - isMet: somebody may have brought rows since the records were looked up: it is done again, by all keys.
  func settle(
    _ range: Range<Int>, of batch: inout Batch, _ care: Tries.Care, isMet: Bool
  ) throws(DatabaseError) -> (Counts, Settled) {
    try send(batch.stagedRows(range))
    let made = try write(care, isMet: isMet)
    let outcomes = try connection.query(BatchSQL.outcomes)
    var settled = Settled(outcomes: outcomes)
    if made.failed > 0 { settled.wasNeeded = try keepRefusals(outcomes, of: batch, made.all) }
    if made.parked > 0, !job.isRelease { try park(outcomes, &batch) }
    if job.isRelease { try connection.run(sql.unpark) }
    if matcher.hasDecisions { try noteDecisions() }
    return (made, settled)
  }

  private func send(_ rows: UnsafeRawBufferPointer) throws(DatabaseError) {
    if session.isHeldOpen { try connection.run("TRUNCATE ils_stage") }
    try connection.startCopy(sql.copyStage)
    Batch.header.withUnsafeBytes { connection.putCopy($0) }
    connection.putCopy(rows)
    Batch.trailer.withUnsafeBytes { connection.putCopy($0) }
    try connection.endCopy()
  }

  // MARK: - Rounds

  /// How often records of a batch are judged anew within it.
  private static var reopenings: Int { 20 }

  /// Takes the staged records into the table, in as many rounds as it needs.
  private func write(_ care: Tries.Care, isMet: Bool) throws(DatabaseError) -> Counts {
    if isMet { try connection.run(BatchSQL.lookUpAll) }
    // Without its size, the joins would be planned for an empty table.
    let probe = care > .none ? sql.probeCasts : []
    try connection.run((probe + ["ANALYZE ils_stage (n, outcome)"] + sql.begin).joined(separator: ";\n"))
    try matcher.begin(connection)
    var (open, reopenings) = (Int.max, 0)
    while true {
      try matcher.round(connection, guarding: isMet ? turn.keepOthersOut : nil)
      for step in sql.round { try run(step, care) }
      // A record of the next round may be known by them.
      for sql in keepAliases { try connection.run(sql) }
      let sums = try connection.query(BatchSQL.counts)[0]
      if sums.integer("open") == 0 {
        return Counts(
          inserted: sums.integer("inserted"), updated: sums.integer("updated"), skipped: sums.integer("skipped"),
          failed: sums.integer("refused"), parked: sums.integer("parked"))
      }
      if sums.integer("open") < open {
        open = sums.integer("open")
      } else {
        // Rows that were found have gone since. Where it is something else, all of it is looked at anew.
        reopenings += 1
        guard reopenings < Self.reopenings, try matcher.reopen(connection) else {
          throw DatabaseError(meeting: "others change the rows of the batch")
        }
      }
    }
  }

  /// Runs a step of a round. A statement that writes rows must write all that it is given.
  private func run(_ step: BatchSQL.Step, _ care: Tries.Care) throws(DatabaseError) {
    switch step {
    case .prepare(let statements): try connection.run(statements.joined(separator: ";\n"))
    case .write(let write):
      let first = (care > .none ? [write.probe(care)] : []) + write.before
      if !first.isEmpty { try connection.run(first.joined(separator: ";\n")) }
      let made = try connection.query(write.all).affected
      try sql.table.names?.check(connection)
      if let kept = write.kept {
        if !kept.before.isEmpty { try connection.run(kept.before.joined(separator: ";\n")) }
        guard try connection.query(kept.lost).isEmpty else { throw DatabaseError(state: DatabaseError.rowsLeftOut) }
      }
      guard try connection.query(write.done).affected == made else {
        throw DatabaseError(state: DatabaseError.rowsLeftOut)
      }
    }
  }

  // MARK: - What is kept of them

  /// Fewer records than these that are all refused say nothing of the table.
  private static var evidence: Int { 10 }

  /// Keeps what was refused in the server. - Returns: whether the database itself refused some.
  private func keepRefusals(_ outcomes: Rows, of batch: borrowing Batch, _ count: Int) throws(DatabaseError) -> Bool {
    try connection.run(sql.keepErrors)
    let ofDatabase = DatabaseRefusal(sql.table)
    let errors = outcomes.filter { $0["outcome"] == "refused" }.compactMap { row in
      ofDatabase.error(row).map { (row.integer("n"), $0) }
    }
    guard let first = errors.first?.1 else { return false }
    if progress.lastBatch == 0, !job.isRelease, errors.count == count, count >= Self.evidence,
      errors.allSatisfy({ $0.1.message == first.message && $0.1.field == first.field })
    {
      let field = first.field.map { "\($0): " } ?? ""
      throw DatabaseError(state: DatabaseError.everyRecord, text: field + first.message)
    }
    var kept: [(Int, Position, RecordError)] = []
    for (n, error) in errors { kept.append((batch.numbers[n], batch.positions[n], error)) }
    try job.keep(kept)
    return true
  }

  /// Keeps the records whose other row is not there yet.
  private func park(_ outcomes: Rows, _ batch: inout Batch) throws(DatabaseError) {
    try connection.startCopy(job.copyParked)
    for row in outcomes where row["outcome"] == "parked" {
      batch.appendParked(row.integer("n"), job, field: row.text("field"))
    }
    Batch.header.withUnsafeBytes { connection.putCopy($0) }
    connection.putCopy(batch.straightRows)
    Batch.trailer.withUnsafeBytes { connection.putCopy($0) }
    batch.removeStraightRows()
    try connection.endCopy()
  }

  // MARK: - What people decided

  /// Tells the audit trail who a person said that records are. A dry run decides nothing.
  private func noteDecisions() throws(DatabaseError) {
    guard !isDryRun, let decisions = try connection.query(sql.decisions)[0]["decisions"] else { return }
    // The trail is locked up to the end of a transaction: one that is the whole job tells it all at its end.
    if session.isHeldOpen { untold.append(decisions) } else { try tell(decisions) }
  }

  private func tell(_ decisions: String) throws(DatabaseError) {
    _ = try connection.query("SELECT ils.note_decisions($1, $2, $3, $4)", [job.id.text] + who + [decisions])
  }

  /// Tells the audit trail what the batches of a job that is one transaction have left.
  func tellDecisions() throws(DatabaseError) {
    for decisions in held { try tell(decisions) }
  }
}
