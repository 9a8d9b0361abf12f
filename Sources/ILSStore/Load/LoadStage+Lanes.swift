extension LoadStage {
  /// Connections on which batches may be brought beside each other; none where there would be fewer than two, or one has to do
  /// it alone: in a job that is one transaction or that several loaders share; where the table's triggers, or
  /// its foreign keys, look at rows that are inserted, so that a batch might wait for a user who waits for the batch; and where
  /// the loader has not the right to lock the table.
  static func lanes(
    _ opened: Opened, _ options: JobOptions, _ connect: () throws -> Connection
  ) -> [Session] {
    let job = opened.job
    guard options.connections > 1, !options.isAtomic, !options.isDryRun, !job.isShared, !options.disablesTriggers,
      (try? mayStandBeside(opened.target, job.connection)) == true
    else { return [] }
    var setup = opened.sql.setup(options)
    setup.lock = nil
    setup.connection.append(job.laneLock.share)
    var lanes: [Session] = []
    for _ in 0..<options.connections {
      // The server may have no more connections to give.
      guard let connection = try? connect(),
        let session = try? Session(connection, setup, retry: 0, isInterrupted: { true })
      else { break }
      lanes.append(session)
    }
    return lanes.count > 1 ? lanes : []
  }

  private static func mayStandBeside(_ target: TargetTable, _ connection: Connection) throws(DatabaseError) -> Bool {
    try connection.query(
      """
      SELECT relkind = 'r' AND has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE')
        AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgtype & 4 <> 0) AS may
      FROM pg_class c WHERE oid = $1::oid
      """, [target.oid])[0].isTrue("may")
  }
}
