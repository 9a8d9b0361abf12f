import ILSCommand
import ILSRecord
import ILSStore

/// Undoes jobs one after another: writes a record for each and for each row that is kept, and tells why rows are.
public struct Undoing {
  /// How many rows were kept, not found, or lack a column.
  public private(set) var kept = 0
  /// The first equation that did not come out.
  public private(set) var verdict: StopError?
  private let session: RollbackSession
  private let plan: RollbackPlan

  public init(_ session: RollbackSession, _ plan: RollbackPlan) {
    (self.session, self.plan) = (session, plan)
  }

  public mutating func undo(_ job: JobID, _ run: inout Pump) throws(StopError) {
    let rollback = try RollbackRun(undoes: job, session)
    tellLostColumns(rollback, job, &run)
    try rollback.undo()
    try rollback.tellKept { value throws(StopError) in try run.write(value) }
    if rollback.kept > 0 { try tellKept(rollback, job, &run) }
    if rollback.gone > 0 {
      run.tell(
        Diagnostic(
          .warning, UndoFault.rollbackGone,
          "\(rollback.gone) rows of job \(job) are not found: they were deleted since, or are marked as another job's"))
    }
    let (record, verdict) = try rollback.finish()
    try run.write(record)
    try run.deliver(waiting: true)
    kept += rollback.kept + max(rollback.gone, 0) + rollback.lostColumns.count
    self.verdict = self.verdict ?? verdict
  }

  private func tellLostColumns(_ rollback: borrowing RollbackRun, _ job: JobID, _ run: inout Pump) {
    guard !rollback.lostColumns.isEmpty else { return }
    run.tell(
      Diagnostic(
        .warning, UndoFault.rollbackColumn,
        "columns that job \(job) changed are not there any more, their old values cannot go back: "
          + rollback.lostColumns.joined(separator: ", ")))
  }

  private func tellKept(_ rollback: borrowing RollbackRun, _ job: JobID, _ run: inout Pump) throws(StopError) {
    for other in try plan.dependents(of: job) {
      run.tell(
        Diagnostic(
          .error, JobFault.rollbackDepends,
          "\(other.rows) rows of job \(other.job) (\(other.entity)) stand on rows of job \(job): "
            + "roll that one back first, or give --cascade"))
    }
    run.tell(
      Diagnostic(
        .warning, JobFault.rollbackKept, "\(rollback.kept) rows of job \(job) are kept, for the reasons given"))
  }
}

extension Pump {
  /// Writes one record of the tool's own.
  fileprivate mutating func write(_ value: JSONValue) throws(StopError) {
    value.write(to: &emitter.output)
    emitter.endRecord()
    try deliver(waiting: false)
  }
}
