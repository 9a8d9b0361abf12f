import ILSRecord

/// Takes records into the target table, on one connection or on several.
///
/// Of several, each has a batch. Records that go straight into the table have no key of a row or of a record before them, so
/// they may arrive in any order: their rows go in on all connections at once. All else waits until the batches before it are
/// committed: other records are looked up, users kept out, the batch noted and committed. So batches are committed in the
/// input's order, the job stands where the last one left it, and each record is judged by what one connection would see.
///
/// Whatever goes wrong with one takes back all that are on their way: the first connection goes on with them, alone.
final class LoadWriter {
  /// Works alone where there are no others or they cannot be used; else it keeps the table's turn and the fence.
  let primary: BatchWriter
  private var idle: [BatchWriter] = []
  /// Makes the others, once there is more than one batch; nil once they are made.
  private var makeLanes: (() -> [BatchWriter])?
  private var hasFilledABatch = false
  /// Batches on their way, the first to be settled first.
  private var flying: [BatchWriter] = []
  /// Gathers records.
  private var current: BatchWriter
  private let fence: Fence
  private let ring: KeyRing
  private let progress: LoadProgress
  private let isInterrupted: () -> Bool
  private var shape: Shape?
  /// Batches that the first connection takes alone; and how many the next time that something goes wrong.
  private var (rest, nextRest) = (0, 1)
  private static var longestRest: Int { 64 }
  /// How often it is waited that the server has done with connections that are lost.
  private static var mostWaits: Int { 20 }

  init(
    _ primary: BatchWriter, _ fence: Fence, isInterrupted: @escaping () -> Bool, lanes: (() -> [BatchWriter])?
  ) {
    (self.primary, current, self.fence) = (primary, primary, fence)
    (self.isInterrupted, makeLanes) = (isInterrupted, lanes)
    (ring, progress) = (primary.ring, primary.progress)
  }

  var isEmpty: Bool { current.isEmpty && flying.isEmpty }
  var isFull: Bool { current.isFull }
  var isCancelled: Bool { progress.isCancelled }
  var fields: [Int] { current.fields }

  /// Says of which shape the records are that come from now on. - Returns: whether it had not been met.
  func setShape(_ shape: Shape) -> Bool {
    self.shape = shape
    return current.setShape(shape)
  }

  private func gather(in writer: BatchWriter) {
    current = writer
    if let shape { current.setShape(shape) }
  }

  /// Adds a record to the batch that is gathered, as `BatchWriter.add` has it.
  func add(_ record: Record, number: Int, probes: Int, digest: UInt64, _ emit: borrowing Emitter) {
    if probes == 0, rest == 0, hasFilledABatch, isEmpty, current === primary, !emit.budget.isShare { spread() }
    current.batch.input = emit.inputName
    current.add(record, number: number, probes: probes, digest: digest)
  }

  /// Goes on with several connections, unless another loader has the table. What ails the first one shows when it works alone.
  private func spread() {
    if let makeLanes { (idle, self.makeLanes) = (makeLanes(), nil) }
    guard !idle.isEmpty else { return }
    if (try? fence.takeTurn(for: idle.map(\.connection))) == true { gather(in: idle.removeFirst()) }
  }

  // MARK: - Settling

  /// The gathered batch is full.
  func settle(_ emit: inout Emitter) throws(StageError) {
    // To make room for something that is told may have landed what stops the run.
    if isStopping(emit) { return }
    guard current !== primary else {
      (rest, hasFilledABatch) = (max(rest - 1, 0), true)
      return try primary.settle(&emit)
    }
    launch()
    if idle.isEmpty { try land(&emit) }
    if fence.isTurnWanted { return try landAll(&emit) }
    if fence.isTurnTaken, !idle.isEmpty { gather(in: idle.removeFirst()) }
  }

  /// All is in the table: gives the server its connections back, but for the first.
  func endLanes() { (idle, makeLanes) = ([], nil) }

  /// Nothing more comes for now.
  func sourceWaits(_ emit: inout Emitter) throws(StageError) {
    try landAll(&emit)
    try primary.sourceWaits(&emit)
  }

  /// Nothing more comes.
  func finish(_ emit: inout Emitter) throws(StageError) {
    try landAll(&emit)
    if !isStopping(emit) { try primary.settle(&emit) }
  }

  /// Takes the batches into the database that are on their way.
  func landFlying(_ emit: inout Emitter) throws(StageError) {
    while !flying.isEmpty, !isStopping(emit) { try land(&emit) }
  }

  /// The same with what is gathered, and gives the table free.
  private func landAll(_ emit: inout Emitter) throws(StageError) {
    if current !== primary, current.hasBegun { launch() }
    try landFlying(&emit)
    if isStopping(emit) { takeBack() }
    // Only now: what went wrong meanwhile has needed the first connection.
    if current !== primary {
      idle.append(current)
      primary.takeOver(current)
      gather(in: primary)
    }
    // Where the first connection is lost, the turn is free.
    try? fence.releaseTurn()
  }

  /// The run ends with what is settled by now.
  private func isStopping(_ emit: borrowing Emitter) -> Bool {
    emit.isFull || progress.isCancelled || isInterrupted()
  }

  /// The gathered batch is on its way.
  private func launch() {
    current.closeStream()
    flying.append(current)
    ring.fly()
    gather(in: primary)
  }

  /// Settles the first batch on its way.
  private func land(_ emit: inout Emitter) throws(StageError) {
    let lane = flying[0]
    let others = flying.dropFirst() + (current === primary ? [] : [current])
    if let error = lane.settleOnce(beside: Array(others), &emit) {
      return try recover(isRecords: error.isAboutRecord && !error.isCollision, &emit)
    }
    landed(&emit)
    do throws(DatabaseError) { try fence.lower(by: lane.connection) } catch { return try recover(&emit) }
    if ring.isStraightKnown { return try recover(&emit) }
    nextRest = max(nextRest / 2, 1)
  }

  private func landed(_ emit: inout Emitter) {
    let lane = flying.removeFirst()
    ring.land()
    lane.tell(&emit)
    idle.append(lane)
  }

  // MARK: - What goes wrong

  /// Takes back all that is on its way or gathered, but for the records.
  func takeBack() {
    for lane in flying { lane.takeBack() }
    if current !== primary { current.takeBack() }
    fence.fall()
    try? fence.releaseTurn()
  }

  /// The same, and of the first connection too: it takes questions again.
  func abandon() {
    takeBack()
    primary.takeBack()
  }

  /// Goes on with the first connection, which looks up all records of the batches that were on their way.
  /// - Parameter isRecords: the database has refused a record: then, that nobody has the others is as true as before.
  private func recover(isRecords: Bool = false, _ emit: inout Emitter) throws(StageError) {
    takeBack()
    let lanes = idle + flying + (current === primary ? [] : [current])
    let isBroken = lanes.contains { $0.connection.isLost }
    if isBroken {
      do throws(DatabaseError) {
        if try disband(lanes), !flying.isEmpty { landed(&emit) }
      } catch {
        throw .stop(error.stop("loading a batch; go on with --resume \(primary.job.id)"))
      }
    }
    let (waiting, gathering) = (flying, current)
    flying.removeAll()
    current = primary
    if gathering !== primary { ring.fly() }
    if !isRecords { ring.forgetFlying() }
    for lane in waiting where !isStopping(emit) {
      adopt(lane)
      try primary.settle(&emit)
    }
    if gathering !== primary {
      adopt(gathering)
      gather(in: primary)
    }
    idle = isBroken ? [] : lanes
    (rest, nextRest) = (nextRest, min(nextRest * 2, Self.longestRest))
  }

  /// Takes over the first batch that was on its way.
  private func adopt(_ lane: BatchWriter) {
    if ring.isStraightKnown { ring.forgetFlying() }
    primary.adopt(lane, lookingUp: !ring.hasFlying)
    ring.takeFlying()
  }

  /// A connection is lost: all others end too, and the server's processes behind them.
  /// - Returns: whether the batch was committed whose answer is missing.
  private func disband(_ lanes: [BatchWriter]) throws(DatabaseError) -> Bool {
    for lane in lanes { lane.connection.close() }
    let lock = primary.job.laneLock
    var waits = 0
    while true {
      do throws(DatabaseError) {
        try primary.connection.run("\(lock.endHolders); \(lock.hold); \(lock.release)")
        return try primary.job.hasBatch(progress.lastBatch + 1)
      } catch {
        waits += error.isLockTimeout ? 1 : 0
        if error.isLockTimeout, waits < Self.mostWaits { continue }
        guard error.isLost else { throw error }
        try primary.session.reconnect(after: error)
      }
    }
  }
}
