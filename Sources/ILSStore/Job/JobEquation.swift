import ILSRecord

extension Job {
  /// Fills in the job's equation, and says what is wrong with it.
  /// - Parameters:
  ///   - ledger: what the start of the pipe says.
  ///   - unreadable: records that never reached the loader, since they were no records, and are not counted yet.
  /// - Returns: why the job has failed; nil where every row is accounted for.
  func account(_ ledger: Ledger, unreadable: Int, isAtomic: Bool, allowsDropped: Bool) throws(DatabaseError)
    -> StopError?
  {
    let sums = try connection.query(
      "SELECT sums[1] AS settled, sums[2] AS refused FROM ils.account_job($1, $2, $3, $4, $5) AS sums",
      [id.text, "\(unreadable)", "\(ledger.rejected)", ledger.rows.map { "\($0)" }, ledger.manifest])[0]
    if isAtomic, sums.integer("refused") > 0 {
      return StopError(
        .dataError, JobFault.jobRefused, "\(sums.integer("refused")) records were refused: nothing was loaded")
    }
    guard let rows = ledger.rows else { return nil }
    let dropped = rows - sums.integer("settled")
    if dropped < 0 {
      return StopError(
        .dataError, JobFault.jobTooMany,
        "\(-dropped) records more than the manifest's \(rows) rows: a stage made some up, or counted some twice")
    }
    if dropped > 0, !allowsDropped {
      return StopError(
        .dataError, JobFault.jobDropped,
        "\(dropped) of \(rows) rows never arrived and are in no rejects file: name the files with --rejects-in, or allow a filter's losses with --allow-dropped"
      )
    }
    return nil
  }
}
