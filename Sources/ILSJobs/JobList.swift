import ILSRecord
import ILSStore

/// Gathers the `job` of each record, each once, the last first: what was loaded last is undone first.
public struct JobList: Stage {
  public private(set) var jobs: [String] = []

  public init() {}

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    guard let job = record["job"] else {
      throw .reject(Rejection(RecordError(JobFault.jobMissing, field: "job", message: "names no job to undo")))
    }
    do throws(RecordError) {
      let id = try job.string()
      if !jobs.contains(id) { jobs.insert(id, at: 0) }
    } catch {
      throw .reject(Rejection(error))
    }
  }
}
