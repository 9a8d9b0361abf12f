import ILSRecord

/// Takes batches of records into the target table: one transaction each, and each exactly once.
///
/// A batch is known by its number. After a lost connection, `ils.batches` says whether its commit arrived.
final class BatchWriter {
  let session: Session
  let job: Job
  private let sql: BatchSQL
  let straight: StraightCopy?
  let layout: Batch.Layout
  let ring: KeyRing
  private let matcher: Matcher
  private let turn: any Turn
  private let keepAliases: [String]
  private var ownSubxids: OwnSubxids?
  /// The record's field number for each staged field; -1 where it lacks one.
  var fields: [Int] = []
  /// The same for every shape that was met; forgotten when there are too many.
  private var fieldsOfShapes: [Int: [Int]] = [:]
  var batch = Batch()
  private let limit: Int
  let progress: LoadProgress
  /// Of one of several writers: what became of the batch that is on its way.
  var settled = Settled()
  let outcomes: OutcomeWriter
  /// A COPY is under way; and what went wrong with it, or before it.
  var isCopying = false
  private var copyFailure: DatabaseError?
  /// The writer is one of several, on a connection of its own.
  private let isLane: Bool
  /// What is tried before the batch is written: the batch before, or the attempt before, had refused rows.
  var care = Tries.Care.none
  /// The batch is in the table, and its notes are written: what fails now is no record's fault.
  private var isClosing = false
  /// Somebody met the batch, and may have brought one of its rows since its keys were looked up: its records are looked up
  /// by all of them, and nobody else writes from then on, or it would go on for ever beside busy users.
  private var isMet = false
  private let patience: Double
  private let who: [String?]
  /// Of a job that is one transaction: decisions that its end tells, and those of the attempt.
  private var heldDecisions: [String] = []
  private var untold: [String] = []
  /// Constraints that are looked at last are looked at with each batch: it will never be committed.
  private let checksAtOnce: Bool
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
    isLane = laneTurn != nil
    self.ring = ring
    matcher = Matcher(match, options.onDuplicate, ring)
    keepAliases = match.keepAliases(job.id.text)
    turn = laneTurn ?? TableTurn(session, sql.table.schema.table, patience: options.lockTimeout)
    self.session = session
    self.job = job
    self.sql = sql
    self.straight = straight
    self.progress = progress
    limit = options.batchSize
    ownSubxids = sql.ownSubxids(options)
    patience = options.lockTimeout
    who = [options.osUser, options.host]
    checksAtOnce = options.isDryRun
    layout = Batch.Layout(names: sql.stagedFields, stand: stand, checks: sql.checks)
    outcomes = OutcomeWriter(job: job.id, options.outcomes)
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
      guard probes == 0, care == .none, let straight,
        try batch.append(straight: record, number, fields, layout, straight)
      else {
        return try batch.stage(record, number, fields, layout, probes: probes)
      }
      if batch.straightRows.count >= Self.pieceSize { stream(straight) }
    } catch {
      batch.refuse(record, number, error)
    }
  }

  /// Sends rows ahead of the batch's end. What goes wrong shows when the batch is settled.
  func stream(_ straight: StraightCopy) {
    do throws(DatabaseError) {
      if !isCopying, copyFailure == nil {
        try session.open()
        // Another loader has the table: what is gathered waits for the end of its batch.
        guard try turn.take(waiting: false) else { return }
        if isLane {
          try ring.noteOwn(connection)
          try connection.startCopyBeside(straight.sql)
        } else {
          try connection.startCopy(straight.sql)
        }
        isCopying = true
        Batch.header.withUnsafeBytes { connection.putCopy($0) }
      }
    } catch {
      copyFailure = error
    }
    connection.putCopy(batch.straightRows)
    batch.removeStraightRows()
  }

  private func endStream() throws(DatabaseError) {
    defer { forgetCopy() }
    if let copyFailure { throw copyFailure }
    guard try endCopy() == batch.straightCount else { throw DatabaseError(state: DatabaseError.rowsLeftOut) }
  }

  /// Ends the COPY of straight rows; how many the table has taken.
  private func endCopy() throws(DatabaseError) -> Int {
    guard isLane else {
      Batch.trailer.withUnsafeBytes { connection.putCopy($0) }
      return try connection.endCopy()
    }
    let (taken, failure) = connection.answer()
    if let failure { throw failure }
    return taken
  }

  /// Nothing more comes for now: a transaction that is open, and may keep others waiting, ends.
  func sourceWaits(_ emit: inout Emitter) throws(StageError) { if isCopying { try settle(&emit) } }

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

  /// Rows of the batch were sent, or could not be.
  var hasBegun: Bool { isCopying || copyFailure != nil }

  func forgetCopy() { (isCopying, copyFailure) = (false, nil) }

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
    var settled = Settled()
    var tries = Tries(patience: patience, isSuspect: isSuspect)
    while let error = try attempt({ () throws(DatabaseError) in settled = try apply(range) }) {
      turn.end()
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
    heldDecisions += untold
    if !settled.wasNeeded { care = .none }
    outcomes.write(range, of: batch, settled.outcomes, &emit)
  }

  private func stop(_ error: DatabaseError) -> StopError {
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
      : RecordError(
        code: error.recordCode, field: error.column, message: error.explanation, value: error.text)
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

  /// Whether somebody has brought a row of a job that is one transaction; nobody does from here to its end.
  func isOvertaken() throws(DatabaseError) -> Bool {
    try (turn as? TableTurn)?.keepOthersOutOfWhole()
    _ = try ring.newcomers(connection)
    return ring.isOvertaken
  }

  // MARK: - In the transaction

  struct Settled {
    /// What must be told: the columns of `BatchSQL.outcomes`, in the order of the records.
    var outcomes: Rows?
    /// Some rows were refused by the database itself.
    var wasNeeded = false
  }

  func apply(_ range: Range<Int>) throws(DatabaseError) -> Settled {
    isClosing = false
    untold.removeAll()
    _ = try turn.take(waiting: true)
    try ring.begin(connection)
    if let straight, batch.straightCount > 0 {
      stream(straight)
      try endStream()
    }
    var made = Counts()
    var settled = Settled()
    if !batch.stagedRows(range).isEmpty {
      made = try settleStaged(range)
      for sql in keepAliases { try connection.run(sql) }
      let outcomes = try connection.query(BatchSQL.outcomes)
      settled.outcomes = outcomes
      if made.failed > 0 { settled.wasNeeded = try keepRefusals(outcomes, of: made.all) }
      if made.parked > 0, !job.isRelease { try park(outcomes) }
      if job.isRelease { try connection.run(sql.unpark) }
      if matcher.hasDecisions { try noteDecisions() }
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
    isClosing = false
    return settled
  }

  /// Tells the audit trail who a person said that records are. A dry run decides nothing.
  private func noteDecisions() throws(DatabaseError) {
    guard !checksAtOnce, let decisions = try connection.query(sql.decisions)[0]["decisions"] else { return }
    // The trail is locked up to the end of a transaction: one that is the whole job tells it all at its end.
    if session.isHeldOpen { untold.append(decisions) } else { try tell(decisions) }
  }

  private func tell(_ decisions: String) throws(DatabaseError) {
    _ = try connection.query("SELECT ils.note_decisions($1, $2, $3, $4)", [job.id.text] + who + [decisions])
  }

  /// Tells the audit trail what the batches of a job that is one transaction have left.
  func tellDecisions() throws(DatabaseError) {
    for decisions in heldDecisions { try tell(decisions) }
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

  /// Keeps what was refused in the server. - Returns: whether the database itself refused some.
  private func keepRefusals(_ outcomes: Rows, of count: Int) throws(DatabaseError) -> Bool {
    try connection.run(sql.keepErrors)
    let refused = outcomes.filter { $0["outcome"] == "refused" && OutcomeWriter.isOfDatabase($0) }
    guard let first = refused.first else { return false }
    let errors = refused.map { ($0.integer("n"), OutcomeWriter.refusal($0)) }
    if progress.lastBatch == 0, !job.isRelease, errors.count == count, count >= Self.evidence,
      errors.allSatisfy({ $0.1.message == errors[0].1.message && $0.1.field == errors[0].1.field })
    {
      let field = first["field"].map { "\($0): " } ?? ""
      throw DatabaseError(state: DatabaseError.everyRecord, text: field + errors[0].1.message)
    }
    try job.keep(errors.map { (batch.numbers[$0.0], batch.positions[$0.0], $0.1) })
    return true
  }

  /// How often records of a batch are judged anew within it.
  private static var reopenings: Int { 20 }

  /// Fewer records than these that are all refused say nothing of the table.
  private static var evidence: Int { 10 }

  /// Takes the staged records of a range into the table, in as many rounds as it needs.
  private func settleStaged(_ range: Range<Int>) throws(DatabaseError) -> Counts {
    if session.isHeldOpen { try connection.run("TRUNCATE ils_stage") }
    try connection.startCopy(sql.copyStage)
    Batch.header.withUnsafeBytes { connection.putCopy($0) }
    connection.putCopy(batch.stagedRows(range))
    Batch.trailer.withUnsafeBytes { connection.putCopy($0) }
    try connection.endCopy()
    if isMet { try connection.run(BatchSQL.lookUpAll) }
    // Without its size, the joins would be planned for an empty table.
    let probe = care > .none ? sql.probeCasts : []
    try connection.run((probe + ["ANALYZE ils_stage (n, outcome)"] + sql.begin).joined(separator: ";\n"))
    try matcher.begin(connection)
    var (open, reopenings) = (Int.max, 0)
    while true {
      try matcher.round(connection, guarding: isMet ? turn.keepOthersOut : nil)
      for step in sql.round { try run(step) }
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
  private func run(_ step: BatchSQL.Step) throws(DatabaseError) {
    switch step {
    case .prepare(let statements): try connection.run(statements.joined(separator: ";\n"))
    case .write(let write):
      let first = (care > .none ? [write.probe(care)] : []) + write.before
      if !first.isEmpty { try connection.run(first.joined(separator: ";\n")) }
      let made = try connection.query(write.all).affected
      guard try connection.query(write.done).affected == made else {
        throw DatabaseError(state: DatabaseError.rowsLeftOut)
      }
    }
  }

  /// Keeps the records whose other row is not there yet.
  private func park(_ outcomes: Rows) throws(DatabaseError) {
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

  /// Notes the batch and the job's progress.
  private func close(_ records: ClosedRange<Int>, _ made: Counts) throws(DatabaseError) {
    let subxids = try ownSubxids?.read(inserted: made.inserted, connection)
    let isCancelled = try job.close(batch: progress.lastBatch + 1, records, made, subxids: subxids)
    progress.isCancelled = isCancelled || progress.isCancelled
    if !job.isRelease {
      try job.note(digests[records.upperBound - batch.numbers[0]], ofFirst: records.upperBound)
    }
  }
}
