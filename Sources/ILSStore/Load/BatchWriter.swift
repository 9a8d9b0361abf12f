import ILSRecord

/// Takes batches of records into the target table: one transaction each, and each exactly once.
///
/// A batch is known by its number. After a lost connection, `ils.batches` says whether its commit arrived.
final class BatchWriter {
  let session: Session
  let job: Job
  let layout: Batch.Layout
  let ring: KeyRing
  let stream: StraightStream
  let staged: StagedRows
  private let turn: any Turn
  private var ownSubxids: OwnSubxids?
  /// The record's field number for each staged field; -1 where it lacks one.
  var fields: [Int] = []
  /// The same for every shape that was met; forgotten when there are too many.
  private var fieldsOfShapes: [Int: [Int]] = [:]
  var batch = Batch()
  private let limit: Int
  let progress: LoadProgress
  /// What became of the batch that is written, or on its way.
  var settled = StagedRows.Settled()
  let outcomes: OutcomeWriter
  /// What is tried before the batch is written: the batch before, or the attempt before, had refused rows.
  var care = Tries.Care.none
  /// The batch is in the table, and its notes are being written: what fails now is no record's fault.
  private var isClosing = false
  /// Somebody met the batch, and may have brought one of its rows since its keys were looked up: its records are looked up
  /// by all of them, and nobody else writes from then on, or it would go on for ever beside busy users.
  private var isMet = false
  private let patience: Double
  /// Constraints that are looked at last are looked at with each batch: it will never be committed.
  private let checksAtOnce: Bool
  private let names: NameSettings?
  /// What the input's digest is behind each record of the batch.
  var digests: [UInt64] = []

  var connection: Connection { session.connection }

  /// Straight rows are sent once this much has gathered, so that the server works while the next are read.
  private static var pieceSize: Int { 1 << 16 }
  /// A batch ends here at the latest, however few its records are.
  private static var byteLimit: Int { 8 << 20 }
  private static var shapesKept: Int { 4096 }

  /// - Parameter stand: text for a field that is absent, by its place among the staged ones.
  /// - Parameter turn: of a writer that is one of several; else it keeps others out by itself.
  init(
    _ session: Session, _ job: Job, _ progress: LoadProgress, _ sql: BatchSQL, straight: StraightCopy?,
    _ options: JobOptions,
    _ ring: KeyRing, _ match: MatchSQL, stand: (index: Int, text: String)? = nil,
    turn laneTurn: (any Turn)? = nil
  ) {
    let turn = laneTurn ?? TableTurn(session, sql.table.schema.table, patience: options.lockTimeout)
    (self.session, self.job, self.progress, self.ring, self.turn) = (session, job, progress, ring, turn)
    stream = StraightStream(straight, session, turn, ring, isLane: laneTurn != nil)
    staged = StagedRows(session, job, progress, sql, options, ring, match, turn)
    limit = options.batchSize
    ownSubxids = sql.ownSubxids(options)
    patience = options.lockTimeout
    checksAtOnce = options.isDryRun
    names = sql.table.names
    layout = Batch.Layout(names: sql.stagedFields, stand: stand, checks: sql.checks, clears: sql.clears)
    outcomes = OutcomeWriter(job: job.id, options, sql.table)
  }

  // MARK: - Gathering

  /// Says where the fields of the records stand that come from now on. - Returns: whether the shape had not been met.
  @discardableResult
  func setShape(_ shape: Shape) -> Bool {
    if let known = fieldsOfShapes[shape.id] {
      fields = known
      return false
    }
    if fieldsOfShapes.count >= Self.shapesKept { fieldsOfShapes.removeAll() }
    fields = layout.places(in: shape)
    fieldsOfShapes[shape.id] = fields
    return true
  }

  var isEmpty: Bool { batch.count == 0 }

  var isFull: Bool { batch.count >= limit || batch.byteCount >= Self.byteLimit }

  /// Adds a record to the batch.
  /// - Parameters:
  ///   - number: its number in the input, from 1.
  ///   - probes: by which keys a row of the table, or an earlier record, may be found; 0 where none can.
  ///
  /// One that the database cannot hold as it is has its place in the batch, and is refused with it.
  ///
  /// `digest` is that of the input up to this record.
  func add(_ record: Record, number: Int, probes: Int, digest: UInt64 = 0) {
    digests.append(digest)
    do throws(RecordError) {
      guard probes == 0, care == .none, let copy = stream.copy,
        try batch.append(straight: record, number, fields, layout, copy)
      else {
        return try batch.stage(record, number, fields, layout, probes: probes)
      }
      if batch.straightRows.count >= Self.pieceSize { stream.send(&batch) }
    } catch {
      batch.refuse(record, number, error)
    }
  }

  /// Nothing more comes for now: a transaction that is open, and may keep others waiting, ends.
  func sourceWaits(_ emit: inout Emitter) throws(StageError) { if stream.isCopying { try settle(&emit) } }

  // MARK: - Settling

  /// Takes the gathered batch into the database.
  func settle(_ emit: inout Emitter) throws(StageError) {
    tellZones(&emit)
    if batch.count > 0 { try settle(0..<batch.count, &emit) }
    forget()
  }

  /// Is ready for the next batch.
  func forget() {
    batch.removeAll()
    isMet = false
    digests.removeAll(keepingCapacity: true)
  }

  /// Says once of each field that its values name no offset from UTC.
  func tellZones(_ emit: inout Emitter) {
    for place in batch.takenAsUTC.subtracting(progress.zonesTold).sorted() {
      progress.zonesTold.insert(place)
      emit.tell(
        Diagnostic(
          .warning, RefusalFault.valueNoOffset,
          "values name no offset from UTC, and the column keeps a moment: they are taken as UTC; write +01:00 or the like behind the time, if the clinic's clock is another",
          field: layout.names[place]))
    }
  }

  /// One transaction; where the database takes it back, others, up to one for each record.
  private func settle(_ range: Range<Int>, isSuspect: Bool = false, _ emit: inout Emitter) throws(StageError) {
    var tries = Tries(patience: patience, isSuspect: isSuspect)
    while let error = try attempt({ () throws(DatabaseError) in try apply(range) }) {
      turn.end()
      stream.forget()
      if error.isCollision { isMet = true }
      let step =
        isClosing && !error.isLost && !error.isLockTimeout && !error.isCollision
        ? .stop
        : tries.next(
          error, count: range.count, isStraight: batch.straightCount > 0, care: care,
          lock: session.lockTimeout)
      switch step {
      case .again: continue
      case .restage:
        batch.restage(layout, lookingUp: true)
        ring.forgetStraight()
      case .carefully(let more):
        if batch.straightCount > 0 { batch.restage(layout, lookingUp: false) }
        care = more
      case .split:
        let middle = range.lowerBound + range.count / 2
        try settle(range.lowerBound..<middle, isSuspect: error.isLost, &emit)
        return try settle(middle..<range.upperBound, isSuspect: error.isLost, &emit)
      case .refuse: return try refuse(range.lowerBound, error, &emit)
      case .stop: throw .stop(stop(error))
      }
    }
    turn.end()
    ring.settle()
    staged.isCommitted()
    if !settled.wasNeeded { care = .none }
    outcomes.write(range, of: batch, settled.outcomes, &emit)
  }

  private func stop(_ error: DatabaseError) -> StopError {
    if error.isOfSession {
      return StopError(
        .configuration, DatabaseFault.dbSession,
        "a trigger or function of the table gives the session another \(error.text), by which later names or values would be read: have "
          + "the function say SET \(error.text) for itself alone (CREATE FUNCTION ... SET); then go on with --resume \(job.id)"
      )
    }
    guard error.state == DatabaseError.everyRecord else {
      return error.stop("loading a batch; go on with --resume \(job.id)")
    }
    return StopError(
      .configuration, DatabaseFault.dbEveryRecord,
      "\(error.text): none of the first batch's records was taken, for one reason, which is the table's; mend it, then go on "
        + "with --resume \(job.id)")
  }

  /// Runs `body` in a transaction that becomes the next batch.
  /// - Returns: nil once it is committed; the error that took it back, for another attempt.
  private func attempt(_ body: () throws(DatabaseError) -> Void) throws(StageError) -> DatabaseError? {
    do throws(DatabaseError) {
      try session.transaction(body)
    } catch {
      guard error.isLost else { return error }
      let loss = error
      do throws(DatabaseError) {
        guard try isCommitted(after: loss) else { return loss }
      } catch {
        throw .stop(error.stop("loading a batch; go on with --resume \(job.id)"))
      }
    }
    progress.lastBatch += 1
    return nil
  }

  /// Whether the batch arrived whose answer was lost; asked again, where the new connection is lost over the question.
  private func isCommitted(after loss: DatabaseError) throws(DatabaseError) -> Bool {
    while true {
      try session.reconnect(after: loss)
      do throws(DatabaseError) { return try job.hasBatch(progress.lastBatch + 1) } catch {
        guard error.isLost else { throw error }
      }
    }
  }

  /// The record that is left when a batch was split until it could be split no more.
  private func refuse(_ index: Int, _ error: DatabaseError, _ emit: inout Emitter) throws(StageError) {
    let refusal =
      error.isLost
      ? RecordError(
        RefusalFault.endsServer,
        message: "the server's process ended each time that it was loaded: see the server's log"
      )
      : outcomes.ofDatabase.error(error, of: unwritableField(of: index, error))
    let number = batch.numbers[index]
    var losses = 0
    while let error = try attempt({ () throws(DatabaseError) in
      try job.keep([(number, batch.positions[index], refusal)])
      if job.isRelease { try job.unpark(number) }
      try close(number...number, Counts(failed: 1))
    }) {
      losses += 1
      guard error.isLost, losses < 5 else {
        throw .stop(error.stop("keeping a refusal; go on with --resume \(job.id)"))
      }
    }
    outcomes.refuse(refusal, index, of: batch, &emit)
  }

  /// Waits, before a job ends that is one transaction, for those who may be bringing a row of it.
  /// - Throws: a collision where they do not end.
  func waitForOthers() throws(DatabaseError) { try (turn as? TableTurn)?.keepOthersOutOfWhole() }

  /// How a job ended that is one transaction.
  enum WholeEnd {
    case committed
    /// Somebody has brought one of its rows: it is not committed.
    case overtaken
    /// It is committed, and somebody may have brought one of its rows the moment before.
    case doubtful
  }

  /// Commits a job that is one transaction. Those who wait for one of its rows while it ends may have brought another before,
  /// which is seen once they have ended.
  func commitWhole() throws(DatabaseError) -> WholeEnd {
    try ring.noteParts(connection)
    _ = try ring.newcomers(connection)
    if ring.isOvertaken { return .overtaken }
    try session.endHold(committing: true)
    // It is committed: what goes wrong from here on leaves doubt, and nothing else.
    do throws(DatabaseError) {
      let end = try Snapshot(connection)
      try (turn as? TableTurn)?.waitForOthersOfWhole()
      return try ring.wasOvertaken(before: end, connection) ? .doubtful : .committed
    } catch {
      return .doubtful
    }
  }

  // MARK: - In the transaction

  /// Writes records, notes what became of them in `settled`, and commits: an answer that is lost with the connection takes
  /// nothing along that must be told.
  func apply(_ range: Range<Int>) throws(DatabaseError) {
    isClosing = false
    settled = StagedRows.Settled()
    staged.begin()
    ring.forgetChanged()
    _ = try turn.take(waiting: true)
    try ring.begin(connection)
    if batch.straightCount > 0 {
      try stream.end(&batch)
      try names?.check(connection)
    }
    var made = Counts()
    if !batch.stagedRows(range).isEmpty {
      (made, settled) = try staged.settle(range, of: &batch, care, isMet: isMet)
    }
    try connection.checkStillPinned()
    if batch.straightCount > 0, ring.isStraightChanged {
      throw DatabaseError(meeting: "a row got by an update what a record of the batch is known by")
    }
    if checksAtOnce { try checkDeferred() }
    made.inserted += batch.straightCount
    if made.inserted > 0 { try turn.keepOthersOut() }
    // A row that the database has refused may be one that somebody has brought: then it is known, and no fault.
    if made.inserted > 0 || settled.wasNeeded, try ring.meets(connection) {
      throw DatabaseError(meeting: "somebody has brought one of its rows meanwhile")
    }
    made.failed += try keepOwnRefusals(range)
    isClosing = true
    try close(batch.numbers[range.lowerBound]...batch.numbers[range.upperBound - 1], made)
  }

  /// Looks at the constraints that the end of a transaction would look at, and lets it look again.
  private func checkDeferred() throws(DatabaseError) {
    try connection.run(
      "SAVEPOINT deferred; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO SAVEPOINT deferred; RELEASE SAVEPOINT deferred")
  }

  /// Keeps what this side refused. - Returns: how many records.
  private func keepOwnRefusals(_ range: Range<Int>) throws(DatabaseError) -> Int {
    let own = range.filter { batch.refusals[$0] != nil }
    try job.keep(own.map { (batch.numbers[$0], batch.positions[$0], batch.refusals[$0]!) })
    return own.count
  }

  /// Notes the batch and the job's progress, and commits it.
  private func close(_ records: ClosedRange<Int>, _ made: Counts) throws(DatabaseError) {
    let subxids = try ownSubxids?.read(inserted: made.inserted, connection)
    var last = [job.closing(batch: progress.lastBatch + 1, records, made, subxids: subxids)]
    if !job.isRelease {
      last.append(job.noting(digests[records.upperBound - batch.numbers[0]], ofFirst: records.upperBound))
    }
    var answers: [Rows] = []
    defer { isClosing = isClosing && answers.count < last.count }
    try session.commit(behind: last, &answers)
    progress.isCancelled = answers[0][0]["status"] == "cancelled" || progress.isCancelled
  }
}
