import ILSRecord

/// Loads records into PostgreSQL in batches, under a job.
///
/// A batch is one transaction that also holds its before-images, its refusals and the job's progress: wherever the loader
/// or the server is killed, the job stands where its last committed batch left it.
public final class LoadStage: Stage {
  private let session: Session
  private var connection: Connection { session.connection }
  private let options: JobOptions
  private let job: Job
  private let writer: LoadWriter
  /// Tells what is new in the table.
  private var newcomers: NewcomerFilter
  private let ring: KeyRing
  private let table: TargetTable
  private let stand: (index: Int, text: String)?
  /// What an earlier run of the job has settled.
  private var checkpoint: Checkpoint
  /// Input records seen, and a digest of the input up to the last of them.
  private var seen = 0
  private var digest: UInt64 = 0
  /// For how long more was waited for since the batch began, in milliseconds.
  private var waited = 0
  /// The shape that the writer knows; -1 for none.
  private var shape = -1
  private let fields: [String]
  /// Fields that no column takes, and that were told.
  private var unloaded: Set<String> = []
  private static var unloadedKept: Int { 4096 }
  /// What the other end of the pipe says: asked once all records are in.
  private let readLedger: () throws(StopError) -> Ledger
  private var ledger = Ledger()
  /// Asked between batches: whether to stop, resumable.
  private let isInterrupted: () -> Bool

  /// The SHA-256 of the records' lines, which the job's record is to name; nil where nobody asks.
  public var recordsDigest: String?

  /// The job's id.
  public var jobID: JobID { job.id }

  /// Connects, checks the target against the catalogue, and opens the job.
  /// - Throws: `unavailable`, `configuration`, `dataError` for a job that cannot go on.
  public convenience init(
    _ schema: LoadSchema, database: String, options: JobOptions, _ start: JobStart,
    isInterrupted: @escaping () -> Bool,
    ledger: @escaping () throws(StopError) -> Ledger = { () throws(StopError) in Ledger() }
  ) throws(StopError) {
    self.init(
      try OpenedJob(schema, database: database, options, start, isInterrupted: isInterrupted),
      isInterrupted: isInterrupted, ledger: ledger)
  }

  private init(
    _ opened: OpenedJob, isInterrupted: @escaping () -> Bool, ledger: @escaping () throws(StopError) -> Ledger
  ) {
    (options, job, session, table) = (opened.options, opened.job, opened.session, opened.table)
    (checkpoint, stand, fields) = (opened.checkpoint, opened.stand, opened.sql.stagedFields)
    self.isInterrupted = isInterrupted
    readLedger = ledger
    let writers = OpenedJob.Writers(opened)
    ring = writers.ring
    newcomers = NewcomerFilter(writers.match.terms, writers.ring)
    writer = writers.whole(isInterrupted: isInterrupted)
  }

  /// What a person should know before the load begins.
  public var notes: [Diagnostic] { [noteOfHolding, noteOfView, noteOfUndo].compactMap(\.self) }

  /// A view does not tell who wrote a row, so that nothing tells what others bring; nil where that is no view.
  private var noteOfView: Diagnostic? {
    guard table.isView, !table.schema.identity.terms.isEmpty else { return nil }
    return Diagnostic(
      .warning, JobFault.jobUnseen,
      "\(table.schema.table) is a view: whom others enter while the load runs is not seen, and may stand twice; let nobody enter any, "
        + "or load into the table itself")
  }

  /// What a deletion would take along that this role does not see keeps it from undoing the job; nil where nothing does.
  private var noteOfUndo: Diagnostic? {
    guard table.takesOthersAlong, let references = try? References(to: table.oid, connection),
      let hidden = references.hidden
    else {
      return nil
    }
    return Diagnostic(
      .warning, UndoFault.rollbackUnseen,
      "this role will not be able to undo the job: with rows of \(table.schema.table), rows of \(hidden.table) would be deleted "
        + "or changed that it does not see; to undo it, run ils-rollback as a role that row level security does not bind and that "
        + "may read \(hidden.table)")
  }

  /// What people who are at work on the table will have to wait for; nil where it is empty, or they wait for a batch alone.
  private var noteOfHolding: Diagnostic? {
    guard session.isHeldOpen, table.estimatedRows > 0 else { return nil }
    return Diagnostic(
      .info, JobFault.jobHolds,
      "this load is one transaction: up to its end, whoever changes a row that it has changed, or enters a person whom it "
        + "brings, waits; where people are at work on \(table.schema.table), load without "
        + (options.isDryRun ? "--dry-run, or try it on a copy" : "--atomic: ils-rollback takes the job back as a whole")
    )
  }

  // MARK: - Records

  public func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    seen += 1
    digest = keyHash(record.bytes, seed: digest)
    if seen <= checkpoint.settled {
      if seen == checkpoint.settled { try checkInput() }
      // The same refusal as before: so the rejects of a resumed run are those of an undisturbed one.
      if let errors = checkpoint.errors.removeValue(forKey: seen) { throw .reject(Rejection(errors.map(Refusal.told))) }
      return
    }
    if record.shape.id != shape { try choosePlan(record, &emit) }
    if !newcomers.isFilled { try learn() }
    let probes = newcomers.admit(record, writer.fields, stand: stand)
    writer.add(record, number: seen, probes: probes, digest: digest, emit)
    guard writer.isFull else { return }
    waited = 0
    try writer.settle(&emit)
    try goOn()
  }

  /// Records that are looked up without a filter at most: names in another spelling are found among all of a birth date.
  private static var unfiltered: Int { 2000 }

  /// Fills the filter between two batches. A row costs a twentieth of what a look-up does.
  private func learn() throws(StageError) {
    let sought = seen - checkpoint.settled
    guard writer.isEmpty, sought * 20 >= table.estimatedRows || sought >= Self.unfiltered else { return }
    do throws(DatabaseError) {
      while !newcomers.isFilled {
        do throws(DatabaseError) {
          try newcomers.fill(connection)
        } catch {
          guard error.isLost else { throw error }
          try session.reconnect(after: error)
        }
      }
    } catch {
      throw .stop(error.stop("reading identity keys; go on with --resume \(job.id)"))
    }
  }

  /// A stage before this one that is about to bring more is waited for: to end a batch for it would be to write what is on its
  /// way one batch after the other. Others wait for the batch meanwhile: so it is a moment for each.
  public var patience: Int { max(Self.longestWait - waited, 0) }

  public func hasWaited(milliseconds: Int) { waited += milliseconds }

  private static var longestWait: Int { 100 }

  public func sourceWaits(emit: inout Emitter) throws(StageError) {
    waited = 0
    try writer.sourceWaits(&emit)
    try goOn()
  }

  public func refusalComes(emit: inout Emitter) throws(StageError) {
    try writer.landFlying(&emit)
    try goOn()
  }

  /// Nothing more is taken once the run is asked to stop: what was on its way then is not in the table.
  private func goOn() throws(StageError) {
    newcomers.adopt(ring.takeNews())
    if isInterrupted() || writer.isCancelled { throw .stop(interrupt()) }
  }

  private func choosePlan(_ record: Record, _ emit: inout Emitter) throws(StageError) {
    shape = record.shape.id
    guard writer.setShape(record.shape) else { return }
    let unknown = record.shape.names.filter { !$0.hasPrefix("_") && !fields.contains($0) && !unloaded.contains($0) }
    guard !unknown.isEmpty, unloaded.count < Self.unloadedKept else { return }
    unloaded.formUnion(unknown)
    try refusalComes(emit: &emit)
    emit.tell(
      Diagnostic(
        .warning, RefusalFault.loadNoColumn,
        "no column takes these fields, they are not loaded: \(unknown.joined(separator: ", "))"))
  }

  // MARK: - The end

  private func interrupt() -> StopError {
    let wasHeldOpen = session.isHeldOpen
    leave(as: "cancelled")
    return StopError(
      .temporaryFailure, writer.isCancelled ? JobFault.jobCancelled : .jobInterrupted,
      (writer.isCancelled ? "cancelled by another" : "interrupted")
        + (wasHeldOpen ? ": nothing was loaded" : " behind a batch: go on with --resume \(job.id)"))
  }

  /// Leaves the job as one that can go on, or takes it all back.
  private func leave(as status: String) {
    writer.abandon()
    if session.isHeldOpen { try? session.endHold(committing: false) }
    if !job.isShared, !options.isDryRun { _ = try? job.end(status, options) }
  }

  /// The input broke off: the job has failed, and goes on once the input is there to its end.
  public func abandon(emit: inout Emitter) {
    let wasHeldOpen = session.isHeldOpen
    // Within a COPY, the server would take the question for its end.
    writer.abandon()
    guard (try? job.hasEnded()) == false else { return }
    leave(as: isInterrupted() ? "cancelled" : "failed")
    if job.isShared || options.isDryRun { return }
    emit.tell(
      Diagnostic(
        .info, isInterrupted() ? JobFault.jobInterrupted : .jobFailed,
        wasHeldOpen ? "nothing was loaded" : "with the whole input, the job goes on by --resume \(job.id)"))
  }

  /// Whether the settled records are those that the job has settled: else they would be nowhere.
  private func checkInput() throws(StageError) {
    guard let noted = checkpoint.digest, noted != "\(digest)" else { return }
    throw .stop(
      StopError(
        .dataError, JobFault.jobOtherInput,
        "the first \(checkpoint.settled) records are not those that the job has settled: give --resume the job's own input"
      ))
  }

  public func finish(emit: inout Emitter) throws(StageError) {
    if isInterrupted() { throw .stop(interrupt()) }
    guard seen >= checkpoint.settled else {
      throw .stop(
        StopError(
          .dataError, JobFault.jobOtherInput,
          "the input has \(seen) records, and \(checkpoint.settled) of the job's are settled: give --resume the job's own input"
        ))
    }
    try writer.finish(&emit)
    try goOn()
    if emit.isFull { return }
    try checkEnd()
    tellOfLostRows(&emit)
  }

  /// Says where triggers have taken rows away again that the server has counted as inserted.
  private func tellOfLostRows(_ emit: inout Emitter) {
    guard table.mayLoseRows, !job.isShared else { return }
    // The right to read the table's mark is none that a load needs.
    if session.isHeldOpen { connection.runAhead("SAVEPOINT lost") }
    guard let sums = try? connection.ask([job.rowsThere(table)])[0].first else {
      if session.isHeldOpen { try? connection.run("ROLLBACK TO SAVEPOINT lost") }
      return
    }
    let lost = sums.integer("inserted") - sums.integer("there")
    guard lost > 0 else { return }
    emit.tell(
      Diagnostic(
        .warning, JobFault.jobRowsLost,
        "\(lost) of the \(sums.integer("inserted")) rows that the job has inserted are not in \(table.schema.table) under "
          + "its id: a trigger, or somebody meanwhile, has taken them away or marked them otherwise"))
  }

  /// Whether the server has a batch for each record: one that was lost on the way would be nowhere.
  private func checkEnd() throws(StageError) {
    var answers: [Rows] = []
    do throws(DatabaseError) {
      try session.persist(unless: { () throws(DatabaseError) in false }) { () throws(DatabaseError) in
        answers.removeAll()
        try session.commit(behind: [job.recordsNoted], &answers)
      }
    } catch {
      throw .stop(error.stop("ending the job; go on with --resume \(job.id)"))
    }
    let noted = answers[0][0].integer("records")
    guard noted != seen else { return }
    throw .stop(
      StopError(
        .software, JobFault.jobClose,
        "\(noted) records are noted in the job, and \(seen) were read: it cannot be closed"))
  }

  /// Ends the job, or this part of a shared one, and writes its record. What was refused must be safe by now: a job that
  /// has ended is not loaded again, so nobody could ask for it any more.
  public func commit(emit: inout Emitter) throws(StopError) {
    ledger = try readLedger()
    writer.endLanes()
    var isFree = false
    defer { if !isFree { try? connection.run(Self.unlock) } }
    let unreadable = emit.unreadable
    if job.isShared { return try tellPart(unreadable: unreadable, &emit) }
    var verdict: StopError?
    do throws(DatabaseError) {
      if session.isHeldOpen {
        verdict = try account(unreadable: unreadable)
        if verdict == nil { verdict = try deferredFault() }
        if verdict == nil { verdict = try overtakenFault() }
        if let late = try endHeld(verdict, &emit) { verdict = late }
      } else {
        var (head, record) = ("", "")
        try session.persist(unless: job.hasEnded) { () throws(DatabaseError) in
          verdict = try account(unreadable: unreadable)
          let answers = try connection.ask(job.ending(verdict == nil ? "completed" : "failed", options) + [job.record])
          (head, record) = (answers[0][0].text("head"), answers[answers.count - 1][0].text("job"))
          var none: [Rows] = []
          try session.commit(andThen: [Self.unlock], &none)
          isFree = true
        }
        write(record, ["auditHead": .string(head)], &emit)
      }
    } catch {
      throw error.stop("ending the job; go on with --resume \(job.id)")
    }
    if let verdict { throw verdict }
  }

  private static let unlock = "SELECT pg_advisory_unlock_all()"

  /// Whether records may be parked, of this job or of others. Asked once the job has ended: a server that is away is no news.
  public var mayHaveParked: Bool {
    (try? connection.query("SELECT EXISTS (SELECT FROM ils.parked) AS parked")[0].isTrue("parked")) ?? true
  }

  /// One part of a shared job is done: the job goes on until somebody closes it.
  private func tellPart(unreadable: Int, _ emit: inout Emitter) throws(StopError) {
    do throws(DatabaseError) {
      var record = ""
      try session.persist(unless: { () throws(DatabaseError) in false }) { () throws(DatabaseError) in
        try job.closePart(unreadable: unreadable)
        record = try job.json()
      }
      write(record, ["part": .string(job.part)], &emit)
    } catch {
      throw error.stop("ending a part of the job; load it again with the same --part")
    }
    emit.tell(
      Diagnostic(.info, JobFault.jobPart, "part \(job.part) is done; once all are: ils-jobs close \(job.id)"))
  }

  private func account(unreadable: Int) throws(DatabaseError) -> StopError? {
    try job.account(
      ledger, unreadable: unreadable, isAtomic: options.isAtomic, allowsDropped: options.allowsDropped)
  }

  /// What the constraints say that are looked at last; nil for nothing. A dry run has asked them batch by batch.
  private func deferredFault() throws(DatabaseError) -> StopError? {
    if options.isDryRun { return nil }
    try connection.run("SAVEPOINT deferred")
    do throws(DatabaseError) {
      try connection.run("SET CONSTRAINTS ALL IMMEDIATE; RELEASE SAVEPOINT deferred")
      return nil
    } catch {
      guard error.isAboutRecord else { throw error }
      try connection.run("ROLLBACK TO SAVEPOINT deferred")
      return StopError(
        .dataError, JobFault.jobRefused, "\(error.explanation), at the end of the transaction: nothing was loaded")
    }
  }

  /// Whether others may be bringing a person of the job for longer than they are waited for.
  private func overtakenFault() throws(DatabaseError) -> StopError? {
    if options.isDryRun { return nil }
    do throws(DatabaseError) {
      try writer.primary.waitForOthers()
      return nil
    } catch {
      guard error.isCollision else { throw error }
      return overtaken
    }
  }

  private var overtaken: StopError {
    StopError(
      .temporaryFailure, JobFault.jobOvertaken,
      "somebody has brought, or may have brought, one of the job's rows meanwhile: nothing was loaded; load it again")
  }

  /// Ends a job that is one transaction, and writes its record.
  /// - Returns: what is wrong with it although it is committed.
  private func endHeld(_ verdict: StopError?, _ emit: inout Emitter) throws(DatabaseError) -> StopError? {
    if options.isDryRun {
      let json = try job.json()
      try session.endHold(committing: false)
      write(json, ["status": .string(verdict == nil ? "completed" : "failed"), "dryRun": .boolean(true)], &emit)
      return nil
    }
    guard verdict == nil else {
      try takeBack(&emit)
      return nil
    }
    try writer.primary.staged.tellDecisions()
    let head = try job.end("completed", options)
    let json = try job.json()
    let end = try writer.primary.commitWhole()
    if end == .overtaken {
      try takeBack(&emit)
      return overtaken
    }
    write(json, ["auditHead": .string(head)], &emit)
    return end == .doubtful ? overtakenAtLast : nil
  }

  /// Takes a job back that is one transaction. The sums of what did not happen are told; the job's row, made before, says that
  /// it failed.
  private func takeBack(_ emit: inout Emitter) throws(DatabaseError) {
    let errors = try connection.query("SELECT failed, rejected, dropped FROM ils.jobs WHERE id = $1", [job.id.text])
    let sums = ["failed", "rejected", "dropped"].map { errors[0][$0] }
    try session.endHold(committing: false)
    _ = try connection.query(
      "SELECT ils.note_taken_back($1, $2, $3, $4, $5)", [job.id.text] + sums + [ledger.rows.map { "\($0)" }])
    let head = try job.end("failed", options)
    write(try job.json(), ["auditHead": .string(head)], &emit)
  }

  /// What is said of rows that somebody has brought while the job ended: it is too late to take it back.
  private var overtakenAtLast: StopError {
    StopError(
      .temporaryFailure, JobFault.jobOvertaken,
      "it is loaded, and somebody has brought, or may have brought, one of its rows in the moment in which it ended: that may stand "
        + "twice; ils-verify says which rows may be one; ils-rollback \(job.id) undoes the job, to be loaded again")
  }

  private func write(_ json: String, _ more: [String: JSONValue], _ emit: inout Emitter) {
    guard let value = try? JSONValue(parsing: Array(json.utf8)), let members = value.members else { return }
    var more = more
    if let recordsDigest { more["recordsSha256"] = .string(recordsDigest) }
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
