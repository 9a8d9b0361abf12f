/// Who takes the job's batches into the table.
extension OpenedJob {
  /// Writers of batches that share what they know of keys, and how far the job has come.
  struct Writers {
    let opened: OpenedJob
    let ring: KeyRing
    let match: MatchSQL
    let straight: StraightCopy?
    let fence: Fence
    let progress: LoadProgress

    init(_ opened: OpenedJob) {
      self.opened = opened
      match = MatchSQL(IdentityTerms(opened.table))
      ring = KeyRing(match, isHeld: opened.options.isAtomic && !opened.options.isDryRun)
      // What the server makes of a row that goes straight, nobody is told.
      straight = KeptKeys(opened.table, opened.options) == nil ? StraightCopy(opened.table, job: opened.job) : nil
      fence = Fence(opened.session, opened.table.schema.table)
      progress = LoadProgress(lastBatch: opened.checkpoint.batch)
    }

    /// A writer on a connection of its own, or on the job's first.
    private func writer(_ session: Session, turn: (any Turn)? = nil) -> BatchWriter {
      BatchWriter(
        session, Job(opened.job, on: session.connection), progress, opened.sql, straight: straight, opened.options,
        ring, match, stand: opened.stand, turn: turn)
    }

    /// Writes on the first connection, and on the others once there is more than one batch.
    func whole(isInterrupted: @escaping () -> Bool) -> LoadWriter {
      let isAlone = straight == nil || !opened.mayHaveLanes
      return LoadWriter(
        writer(opened.session), fence, isInterrupted: isInterrupted,
        lanes: isAlone ? nil : { opened.lanes().map { writer($0, turn: LaneTurn(fence, $0.connection)) } })
    }
  }

  /// Text for the field that names the import source, where a record has none, by its place among the staged ones.
  var stand: (index: Int, text: String)? {
    guard let source = options.source else { return nil }
    return table.schema.sourceField.flatMap { sql.stagedFields.firstIndex(of: $0) }.map { ($0, source) }
  }

  /// Whether batches may be brought on several connections beside each other. One has to do it alone in a job that is one
  /// transaction or that several loaders share, and where the table does not allow it.
  private var mayHaveLanes: Bool {
    options.connections > 1 && !options.isAtomic && !options.isDryRun && !job.isShared && !options.disablesTriggers
      && table.standsBeside
  }

  /// Connections on which batches are brought beside each other; none where there would be fewer than two.
  private func lanes() -> [Session] {
    var setup = sql.setup(options)
    setup.lock = nil
    setup.connection.append(job.laneLock.share)
    let connections = Connection.sideBySide(options.connections, database, Session.preparing(setup))
    guard connections.count > 1 else { return [] }
    return connections.map { Session(prepared: $0, setup, retry: 0, isInterrupted: { true }) }
  }
}
