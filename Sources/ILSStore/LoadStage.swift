import ILSRecord

/// Loads records into PostgreSQL in batches, under a job.
///
/// A batch is one transaction that also holds its before-images, its refusals and the job's progress: wherever the loader
/// or the server is killed, the job stands where its last committed batch left it.
public final class LoadStage: Stage {
  private let connection: Connection
  private let sql: BatchSQL
  private let options: JobOptions
  private let job: Job
  private var layout: Batch.Layout
  /// Which records go straight into the table; nil where none can.
  private var newcomers: NewcomerFilter?
  private let straight: StraightCopy?
  private var batch = Batch()
  private var batchNumber: Int
  /// Input records seen, and how many of them an earlier run of the job has settled.
  private var seen = 0
  private let settled: Int
  private var settledErrors: [Int: [RecordError]]
  /// All in one transaction, which is open.
  private var isHeldOpen: Bool { options.isAtomic || options.isDryRun }
  /// The shape that `layout` was made for; -1 for none.
  private var shape = -1
  private var counts = Counts()
  /// What the other end of the pipe says; set before the stage finishes.
  public var ledger = Ledger()
  /// Records that never reached the stage, since they were no records.
  public var unreadable = 0
  /// Asked between batches: whether to stop, resumable.
  private let isInterrupted: () -> Bool

  /// The job's id.
  public var jobID: String { job.id }

  /// Connects, checks the target against the catalogue, and opens the job.
  /// - Parameters:
  ///   - resume: an earlier job that goes on with the same input.
  /// - Throws: `unavailable`, `configuration`, `dataError` for a job that cannot be resumed.
  public init(
    _ schema: LoadSchema, database: String, options: JobOptions, resume: String?,
    isInterrupted: @escaping () -> Bool
  ) throws(StopError) {
    connection = try Connection(database)
    self.options = options
    self.isInterrupted = isInterrupted
    let table = try TargetTable(schema, connection)
    do throws(DatabaseError) {
      if options.isDryRun { try connection.run("BEGIN") }
      if let resume {
        job = Job(existing: resume, connection)
        (settled, batchNumber) = try LoadStage.reopen(resume, schema, connection)
        settledErrors = try LoadStage.errors(resume, connection)
      } else {
        job = try Job(new: "load", schema, options: options, connection)
        (settled, batchNumber, settledErrors) = (0, 0, [:])
      }
      sql = BatchSQL(table, options.onDuplicate, job: job.id)
      try connection.run(sql.createStage)
      if options.isAtomic, !options.isDryRun { try connection.run("BEGIN") }
    } catch {
      throw error.stop("opening the job")
    }
    let names = sql.stagedFields
    let place = options.source == nil ? nil : schema.sourceField.flatMap { names.firstIndex(of: $0) }
    layout = Batch.Layout(fields: [], names: names, stand: place.map { ($0, options.source ?? "") })
    straight = StraightCopy(table, job: job.id)
    newcomers = straight == nil ? nil : try LoadStage.newcomers(table, connection)
    guard settled >= 0 else {
      throw StopError(
        .dataError, code: "job.not_resumable",
        "job \(resume ?? "") is completed, rolled back, or not one of this entity")
    }
  }

  /// A filter that knows the keys of all rows of the table.
  private static func newcomers(_ table: TargetTable, _ connection: Connection) throws(StopError) -> NewcomerFilter {
    var filter = NewcomerFilter(table)
    do throws(DatabaseError) { try filter.fill(table, connection) } catch { throw error.stop("reading identity keys") }
    return filter
  }

  /// Sets a job processing again: how many input records it has settled, and its last batch; -1 where it cannot go on.
  private static func reopen(
    _ id: String, _ schema: LoadSchema, _ connection: Connection
  ) throws(DatabaseError) -> (settled: Int, batch: Int) {
    let rows = try connection.query(
      """
      UPDATE ils.jobs SET status = 'processing', ended_at = NULL
      WHERE id = $1 AND kind = 'load' AND target = $2 AND status IN ('pending', 'processing', 'failed', 'cancelled')
      RETURNING processed, (SELECT coalesce(max(number), 0) FROM ils.batches WHERE job_id = $1)
      """, [id, schema.table])
    return rows.count == 1 ? (rows.integer(0, 0), rows.integer(0, 1)) : (-1, 0)
  }

  private static func errors(_ id: String, _ connection: Connection) throws(DatabaseError) -> [Int: [RecordError]] {
    let rows = try connection.query(
      "SELECT record, code, field, message FROM ils.job_errors WHERE job_id = $1", [id])
    var errors: [Int: [RecordError]] = [:]
    for row in 0..<rows.count {
      errors[rows.integer(row, 0), default: []].append(
        RecordError(code: rows[row, 1] ?? "", field: rows[row, 2], message: rows[row, 3] ?? ""))
    }
    return errors
  }

  // MARK: - Records

  public func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    seen += 1
    if seen <= settled {
      // The same refusal as before: so the rejects of a resumed run are those of an undisturbed one.
      if let errors = settledErrors.removeValue(forKey: seen) { throw .reject(Rejection(errors)) }
      return
    }
    if record.shape.id != shape { choosePlan(record, &emit) }
    if batch.count == 0 { batch.removeAll(first: seen - 1) }
    do throws(RecordError) {
      try add(record)
    } catch {
      try settle(&emit)
      try refuse(error, record, &emit)
    }
    if batch.count >= options.batchSize { try settle(&emit) }
  }

  /// Adds a record to the batch, one way or the other.
  private func add(_ record: Record) throws(RecordError) {
    if newcomers?.admit(record, layout.fields, stand: layout.stand) == true, let straight,
      try batch.append(straight: record, layout, straight)
    {
      return
    }
    try batch.stage(record, layout)
  }

  private func choosePlan(_ record: Record, _ emit: inout Emitter) {
    let isFirst = shape < 0
    shape = record.shape.id
    layout.fields = layout.names.map { record.shape.index(of: $0) ?? -1 }
    let unknown = record.shape.names.filter { !$0.hasPrefix("_") && !layout.names.contains($0) }
    if isFirst, !unknown.isEmpty {
      emit.tell(
        Diagnostic(
          .warning, code: "load.no_column",
          "no column takes these fields, they are not loaded: \(unknown.joined(separator: ", "))"))
    }
  }

  /// A record that cannot even be staged: a batch of its own, so that the checkpoint counts it.
  private func refuse(_ error: RecordError, _ record: Record, _ emit: inout Emitter) throws(StageError) {
    do throws(DatabaseError) {
      try transaction { () throws(DatabaseError) in
        try keep(error, number: seen, record.position)
        try job.add(Counts(failed: 1), records: 1)
      }
    } catch {
      throw .stop(error.stop("keeping a refusal"))
    }
    counts.failed += 1
    emit.reject(Rejection(error), at: record.position, input: .record(record.bytes))
    writeOutcome("failed", record.position, [("code", error.code)], &emit)
  }

  private func keep(_ error: RecordError, number: Int, _ position: Position) throws(DatabaseError) {
    _ = try connection.query(
      """
      INSERT INTO ils.job_errors (job_id, record, source_row, source_file, code, field, message)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      """,
      [job.id, "\(number)", position.row.map { "\($0)" }, position.file, error.code, error.field, error.message])
  }

  // MARK: - Batches

  /// Takes the gathered batch into the database.
  private func settle(_ emit: inout Emitter) throws(StageError) {
    guard batch.count > 0 else { return }
    try settle(0..<batch.count, &emit)
    batch.removeAll(first: seen)
    if isInterrupted() { throw .stop(interruption) }
  }

  /// One transaction; if the data of one record is at fault, two of half the size.
  private func settle(_ range: Range<Int>, _ emit: inout Emitter) throws(StageError) {
    var attempts = 0
    while true {
      do throws(DatabaseError) {
        try apply(range, &emit)
        return
      } catch {
        if batch.straightCount > 0, error.isAboutData || error.state.hasPrefix("40") {
          // What seemed new was not, or cannot be stored: now each record is looked at.
          batch.restage(layout)
          continue
        }
        attempts += 1
        // Another loader may have brought the same row a moment ago: then it is found the second time.
        if (error.state == "23505" || error.state == "40001" || error.state == "40P01"), attempts < 3, !isHeldOpen {
          continue
        }
        guard error.isAboutData else { throw .stop(error.stop("loading a batch; go on with --resume \(job.id)")) }
        if range.count == 1 { return try refuse(range.lowerBound, error, &emit) }
        let middle = range.lowerBound + range.count / 2
        try settle(range.lowerBound..<middle, &emit)
        try settle(middle..<range.upperBound, &emit)
        return
      }
    }
  }

  /// The record that is left when a batch was split until it could be split no more.
  private func refuse(_ index: Int, _ error: DatabaseError, _ emit: inout Emitter) throws(StageError) {
    let refusal = RecordError(
      code: "db.\(error.state)", field: error.column, message: error.explanation, value: error.text)
    do throws(DatabaseError) {
      try transaction { () throws(DatabaseError) in
        try keep(refusal, number: batch.first + index + 1, batch.positions[index])
        try job.add(Counts(failed: 1), records: 1)
      }
    } catch {
      throw .stop(error.stop("keeping a refusal"))
    }
    counts.failed += 1
    emit.reject(Rejection(refusal), at: batch.positions[index], input: .record(batch.record(index)))
    writeOutcome("failed", batch.positions[index], [("code", refusal.code)], &emit)
  }

  /// Runs `body` in a transaction; in a savepoint where the whole job is one transaction.
  private func transaction(_ body: () throws(DatabaseError) -> Void) throws(DatabaseError) {
    try connection.run(isHeldOpen ? "SAVEPOINT batch" : "BEGIN")
    do throws(DatabaseError) {
      try body()
      try connection.run(isHeldOpen ? "RELEASE SAVEPOINT batch" : "COMMIT")
    } catch {
      try? connection.run(isHeldOpen ? "ROLLBACK TO SAVEPOINT batch; RELEASE SAVEPOINT batch" : "ROLLBACK")
      throw error
    }
  }

  private func apply(_ range: Range<Int>, _ emit: inout Emitter) throws(DatabaseError) {
    let number = batchNumber + 1
    var made = Counts()
    var outcomes: Rows?
    try transaction { () throws(DatabaseError) in
      if batch.straightCount > 0, let straight { try copy(straight.sql, batch.straightRows) }
      if range.count > batch.straightCount { made = try settleStaged(range, number) }
      if made.failed > 0 { try connection.run(sql.keepErrors.replacing("$FIRST", with: "\(batch.first + 1)")) }
      made.inserted += batch.straightCount
      if made.inserted < range.count { outcomes = try connection.query(BatchSQL.outcomes) }
      try close(number, range, made)
    }
    batchNumber = number
    counts.inserted += made.inserted
    counts.updated += made.updated
    counts.skipped += made.skipped
    counts.failed += made.failed
    tell(range, outcomes, &emit)
  }

  /// Takes the staged records of a range into the table, in as many rounds as it needs.
  private func settleStaged(_ range: Range<Int>, _ number: Int) throws(DatabaseError) -> Counts {
    if isHeldOpen { try connection.run("TRUNCATE ils_stage") }
    try copy(sql.copyStage, batch.stagedRows(range))
    // Without its size, the joins would be planned for an empty table.
    try connection.run("ANALYZE ils_stage (n, outcome)")
    if !sql.resolveReferences.isEmpty { try connection.run(sql.resolveReferences.joined(separator: ";\n")) }
    let round =
      sql.resolveIdentity + sql.settleMatched.map { $0.replacing("$BATCH", with: "\(number)") } + sql.insertNew
    while true {
      try connection.run(round.joined(separator: ";\n"))
      let sums = try connection.query(BatchSQL.counts)
      if sums.integer(0, 4) > 0 { continue }
      return Counts(
        inserted: sums.integer(0, 0), updated: sums.integer(0, 1), skipped: sums.integer(0, 2),
        failed: sums.integer(0, 3))
    }
  }

  private func copy(_ sql: String, _ rows: UnsafeRawBufferPointer) throws(DatabaseError) {
    var failure: DatabaseError?
    Batch.header.withUnsafeBytes { header in
      Batch.trailer.withUnsafeBytes { trailer in
        do throws(DatabaseError) { try connection.copy(sql, [header, rows, trailer]) } catch { failure = error }
      }
    }
    if let failure { throw failure }
  }

  /// Notes the batch, with the transaction id that its rows carry, and the job's progress.
  private func close(_ number: Int, _ range: Range<Int>, _ made: Counts) throws(DatabaseError) {
    try connection.run(
      """
      INSERT INTO ils.batches (job_id, number, first_record, last_record, inserted, updated, skipped, failed)
      VALUES ('\(job.id)', \(number), \(batch.first + range.lowerBound + 1), \(batch.first + range.upperBound),
        \(made.inserted), \(made.updated), \(made.skipped), \(made.failed));
      UPDATE ils.batches SET xid = xmin::text::bigint WHERE job_id = '\(job.id)' AND number = \(number)
      """)
    try job.add(made, records: range.count)
  }

  // MARK: - Outcomes

  private func tell(_ range: Range<Int>, _ outcomes: Rows?, _ emit: inout Emitter) {
    var next = 0
    for index in range {
      let isListed = outcomes.map { next < $0.count && $0.integer(next, 0) == index } ?? false
      guard isListed, let outcomes else {
        if options.outcomes == .all { writeOutcome("inserted", batch.positions[index], [], &emit) }
        continue
      }
      let outcome = outcomes[next, 1] ?? ""
      let code = outcomes[next, 2] ?? ""
      if outcome == "refused" {
        let error = RecordError(code: code, field: outcomes[next, 3], message: Refusal.message(code))
        emit.reject(Rejection(error), at: batch.positions[index], input: .record(batch.record(index)))
        writeOutcome("failed", batch.positions[index], [("code", code), ("field", outcomes[next, 3])], &emit)
      } else {
        writeOutcome(
          outcome, batch.positions[index], [("matched", outcomes[next, 4])],
          changed: outcome == "updated" ? outcomes[next, 5] : nil, &emit)
      }
      next += 1
    }
  }

  private func writeOutcome(
    _ outcome: String, _ position: Position, _ more: [(String, String?)], changed: String? = nil, _ emit: inout Emitter
  ) {
    guard options.outcomes != .none else { return }
    var members: [(name: String, value: JSONValue)] = []
    if let row = position.row { members.append(("_row", .number("\(row)"))) }
    if let file = position.file { members.append(("_file", .string(file))) }
    if let sheet = position.sheet { members.append(("_sheet", .string(sheet))) }
    members += [("outcome", .string(outcome)), ("job", .string(job.id))]
    for (name, value) in more { if let value { members.append((name, .string(value))) } }
    if let changed { members.append(("changed", .array(changed.split(separator: ",").map { .string(String($0)) }))) }
    JSONValue.object(members).write(to: &emit.output)
    emit.endRecord()
  }

  // MARK: - The end

  private var interruption: StopError {
    StopError(
      .temporaryFailure, code: "job.interrupted",
      isHeldOpen ? "interrupted: nothing was loaded" : "interrupted behind a batch: go on with --resume \(job.id)")
  }

  public func finish(emit: inout Emitter) throws(StageError) {
    if isInterrupted() {
      abandon()
      throw .stop(interruption)
    }
    try settle(&emit)
    let verdict: StopError?
    do throws(DatabaseError) {
      verdict = try account()
      try end(verdict, &emit)
    } catch {
      throw .stop(error.stop("ending the job; go on with --resume \(job.id)"))
    }
    if let verdict { throw .stop(verdict) }
  }

  /// Takes back what is not committed.
  private func abandon() { if isHeldOpen { try? connection.run("ROLLBACK") } }

  /// Fills in the job's equation, and says what is wrong with it.
  private func account() throws(DatabaseError) -> StopError? {
    let sums = try connection.query(
      """
      UPDATE ils.jobs SET failed = failed + $2, rejected = $3, rows = $4, manifest = $5 WHERE id = $1
      RETURNING inserted + updated + skipped + failed + rejected, failed + rejected
      """,
      [job.id, "\(unreadable)", "\(ledger.rejected)", ledger.rows.map { "\($0)" }, ledger.manifest])
    if options.isAtomic, sums.integer(0, 1) > 0 {
      return StopError(
        .dataError, code: "job.refused", "\(sums.integer(0, 1)) records were refused: nothing was loaded")
    }
    guard let rows = ledger.rows else { return nil }
    let dropped = rows - sums.integer(0, 0)
    _ = try connection.query("UPDATE ils.jobs SET dropped = $2 WHERE id = $1", [job.id, "\(max(dropped, 0))"])
    if dropped < 0 {
      return StopError(
        .dataError, code: "job.too_many",
        "\(-dropped) records more than the manifest's \(rows) rows: a stage made some up, or counted some twice")
    }
    if dropped > 0, !options.allowsDropped {
      return StopError(
        .dataError, code: "job.dropped",
        "\(dropped) of \(rows) rows never arrived and are in no rejects file: name the files with --rejects-in, or allow a filter's losses with --allow-dropped"
      )
    }
    return nil
  }

  /// Ends the job as completed or failed, and writes its record.
  private func end(_ verdict: StopError?, _ emit: inout Emitter) throws(DatabaseError) {
    if options.isDryRun {
      let json = try job.json()
      try connection.run("ROLLBACK")
      write(json, ["status": .string(verdict == nil ? "completed" : "failed"), "dryRun": .boolean(true)], &emit)
      return
    }
    if verdict != nil, options.isAtomic {
      // The sums of what did not happen are told; the job's row, made before, says that it failed.
      let errors = try connection.query("SELECT failed, rejected, dropped FROM ils.jobs WHERE id = $1", [job.id])
      let sums = (0..<3).map { errors[0, $0] }
      try connection.run("ROLLBACK")
      _ = try connection.query(
        "UPDATE ils.jobs SET failed = $2, rejected = $3, dropped = $4, rows = $5 WHERE id = $1",
        [job.id] + sums + [ledger.rows.map { "\($0)" }])
    }
    let head = try job.end(verdict == nil ? "completed" : "failed", options)
    let json = try job.json()
    if options.isAtomic, verdict == nil { try connection.run("COMMIT") }
    write(json, ["auditHead": .string(head)], &emit)
  }

  private func write(_ json: String, _ more: [String: JSONValue], _ emit: inout Emitter) {
    guard let value = try? JSONValue(parsing: Array(json.utf8)), let members = value.members else { return }
    let kept = members.map { (name: $0.name, value: more[$0.name] ?? $0.value) }
    let added = more.filter { value[$0.key] == nil }.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    JSONValue.object(kept + added).write(to: &emit.output)
    emit.endRecord()
  }

  /// Makes or updates the toolkit's own tables.
  public static func initialise(database: String) throws(StopError) {
    let connection = try Connection(database)
    do throws(DatabaseError) { try Migrations.run(connection) } catch { throw error.stop("making schema ils") }
  }
}
