import ILSRecord

/// Takes batches of records into the target table: one transaction each, and each exactly once.
///
/// A batch is known by its number. After a lost connection, `ils.batches` says whether its commit arrived.
final class BatchWriter {
  let session: Session
  let job: Job
  private let sql: BatchSQL
  private let straight: StraightCopy?
  private let layout: Batch.Layout
  private let ring: KeyRing
  private let matcher: Matcher
  private let turn: TableTurn
  private let keepAliases: [String]
  private let ownSubxids: String?
  /// The record's field number for each staged field; -1 where it lacks one.
  private(set) var fields: [Int] = []
  /// The same for every shape that was met; forgotten when there are too many.
  private var fieldsOfShapes: [Int: [Int]] = [:]
  private var batch = Batch()
  private let limit: Int
  /// The last batch that was committed.
  private var number: Int
  private var outcomes: OutcomeWriter
  /// A COPY is under way; and what went wrong with it, or before it.
  private var isCopying = false
  private var copyFailure: DatabaseError?
  /// Somebody else has cancelled the job.
  private(set) var isCancelled = false

  private var connection: Connection { session.connection }

  /// Straight rows are sent once this much has gathered, so that the server works while the next are read.
  private static var pieceSize: Int { 1 << 16 }
  /// A batch ends here at the latest, however few its records are.
  private static var byteLimit: Int { 8 << 20 }
  private static var shapesKept: Int { 4096 }

  /// - Parameter stand: text for a field that is absent, by its place among the staged ones.
  init(
    _ session: Session, _ job: Job, lastBatch: Int, _ sql: BatchSQL, straight: StraightCopy?, _ options: JobOptions,
    _ ring: KeyRing, _ match: MatchSQL, stand: (index: Int, text: String)? = nil
  ) {
    self.ring = ring
    matcher = Matcher(match, options.onDuplicate, ring)
    keepAliases = match.keepAliases(job.id.text)
    turn = TableTurn(session, sql.table.schema.table, patience: options.lockTimeout)
    self.session = session
    self.job = job
    self.sql = sql
    self.straight = straight
    number = lastBatch
    limit = options.batchSize
    ownSubxids = sql.ownSubxids(options)
    layout = Batch.Layout(names: sql.stagedFields, stand: stand)
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
  /// - Throws: for text that no PostgreSQL database can hold.
  func add(_ record: Record, number: Int, probes: Int) throws(RecordError) {
    guard probes == 0, let straight, try batch.append(straight: record, number, fields, layout, straight) else {
      return try batch.stage(record, number, fields, layout, probes: probes)
    }
    if batch.straightRows.count >= Self.pieceSize { stream(straight) }
  }

  /// Sends rows ahead of the batch's end. What goes wrong shows when the batch is settled.
  private func stream(_ straight: StraightCopy) {
    do throws(DatabaseError) {
      if !isCopying, copyFailure == nil {
        try session.open()
        // Another loader has the table: what is gathered waits for the end of its batch.
        guard try turn.take(waiting: false) else { return }
        try connection.startCopy(straight.sql)
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
    defer {
      isCopying = false
      copyFailure = nil
    }
    if let copyFailure { throw copyFailure }
    Batch.trailer.withUnsafeBytes { connection.putCopy($0) }
    try connection.endCopy()
  }

  /// Nothing more comes for now: a transaction that is open, and may keep others waiting, ends.
  func sourceWaits(_ emit: inout Emitter) throws(StageError) { if isCopying { try settle(&emit) } }

  // MARK: - Settling

  /// Takes the gathered batch into the database.
  func settle(_ emit: inout Emitter) throws(StageError) {
    if batch.count > 0 { try settle(0..<batch.count, &emit) }
    batch.removeAll()
  }

  /// One transaction; if the data of one record is at fault, two of half the size. None once the run's budget of
  /// refusals is spent: what is left of the batch is not loaded, and the run stops.
  private func settle(_ range: Range<Int>, _ emit: inout Emitter) throws(StageError) {
    if emit.isFull { return }
    var settled = Settled()
    var collisions = 0
    while let error = try attempt({ () throws(DatabaseError) in settled = try apply(range) }) {
      turn.end()
      if batch.straightCount > 0, error.isLost || error.isAboutData || error.isCollision {
        // What seemed new was not, or cannot be stored: now each record is looked at.
        batch.restage(layout)
        ring.forgetStraight()
      } else if error.isCollision, collisions < 8, !session.isHeldOpen {
        // Another loader may have brought the same row a moment ago: then it is found the second time.
        collisions += 1
      } else if !error.isLost {
        guard error.isAboutData else { throw .stop(error.stop("loading a batch; go on with --resume \(job.id)")) }
        if range.count == 1 { return try refuse(range.lowerBound, error, &emit) }
        let middle = range.lowerBound + range.count / 2
        try settle(range.lowerBound..<middle, &emit)
        return try settle(middle..<range.upperBound, &emit)
      }
    }
    turn.end()
    ring.settle()
    outcomes.write(range, of: batch, settled.outcomes, &emit)
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
    number += 1
    return nil
  }

  /// Whether the batch arrived whose answer was lost; asked again, where the new connection is lost over the question.
  private func isCommitted(after loss: DatabaseError) throws(DatabaseError) -> Bool {
    while true {
      try session.reconnect(after: loss)
      do throws(DatabaseError) { return try job.hasBatch(number + 1) } catch { guard error.isLost else { throw error } }
    }
  }

  /// The record that is left when a batch was split until it could be split no more.
  private func refuse(_ index: Int, _ error: DatabaseError, _ emit: inout Emitter) throws(StageError) {
    let refusal = RecordError(
      code: "db.\(error.state)", field: error.column, message: error.explanation, value: error.text)
    try refuse(refusal, number: batch.numbers[index], batch.positions[index], batch.record(index), &emit)
  }

  /// Refuses a record that cannot be loaded: a batch of its own, so that the checkpoint counts it.
  func refuse(
    _ refusal: RecordError, number input: Int, _ position: Position, _ record: UnsafeRawBufferPointer,
    _ emit: inout Emitter
  ) throws(StageError) {
    while let error = try attempt({ () throws(DatabaseError) in
      try job.keep(refusal, number: input, position)
      if job.isRelease { try job.unpark(input) }
      try close(input...input, Counts(failed: 1))
    }) {
      guard error.isLost else { throw .stop(error.stop("keeping a refusal; go on with --resume \(job.id)")) }
    }
    emit.reject(Rejection(refusal), at: position, input: .record(record))
    outcomes.write("failed", position, [("code", refusal.code), ("field", refusal.field)], &emit)
  }

  // MARK: - In the transaction

  private struct Settled {
    /// What must be told: the columns of `BatchSQL.outcomes`, in the order of the records.
    var outcomes: Rows?
  }

  private func apply(_ range: Range<Int>) throws(DatabaseError) -> Settled {
    _ = try turn.take(waiting: true)
    try ring.begin(connection)
    if isCopying || copyFailure != nil || !batch.straightRows.isEmpty, let straight {
      stream(straight)
      try endStream()
    }
    var made = Counts()
    var settled = Settled()
    if range.count > batch.straightCount {
      made = try settleStaged(range)
      for sql in keepAliases { try connection.run(sql) }
      settled.outcomes = try connection.query(BatchSQL.outcomes)
      if made.failed > 0 { try connection.run(sql.keepErrors) }
      if let outcomes = settled.outcomes, made.parked > 0, !job.isRelease { try park(outcomes) }
      if job.isRelease { try connection.run(sql.unpark) }
    }
    made.inserted += batch.straightCount
    if made.inserted > 0 {
      try turn.keepOthersOut()
      if try ring.meets(connection) { throw DatabaseError(meeting: "somebody has brought one of its rows meanwhile") }
    }
    try close(batch.numbers[range.lowerBound]...batch.numbers[range.upperBound - 1], made)
    return settled
  }

  /// Takes the staged records of a range into the table, in as many rounds as it needs.
  private func settleStaged(_ range: Range<Int>) throws(DatabaseError) -> Counts {
    if session.isHeldOpen { try connection.run("TRUNCATE ils_stage") }
    try connection.startCopy(sql.copyStage)
    Batch.header.withUnsafeBytes { connection.putCopy($0) }
    connection.putCopy(batch.stagedRows(range))
    Batch.trailer.withUnsafeBytes { connection.putCopy($0) }
    try connection.endCopy()
    // Without its size, the joins would be planned for an empty table.
    try connection.run((["ANALYZE ils_stage (n, outcome)"] + sql.begin).joined(separator: ";\n"))
    let round = sql.round
    try matcher.begin(connection)
    while true {
      try matcher.round(connection)
      try connection.run(round)
      let sums = try connection.query(BatchSQL.counts)[0]
      if sums.integer("open") > 0 { continue }
      return Counts(
        inserted: sums.integer("inserted"), updated: sums.integer("updated"), skipped: sums.integer("skipped"),
        failed: sums.integer("refused"), parked: sums.integer("parked"))
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
    let subxids = try ownSubxids.map { sql throws(DatabaseError) in try connection.query(sql)[0]["xids"] } ?? nil
    isCancelled = try job.close(batch: number + 1, records, made, subxids: subxids) || isCancelled
  }
}
