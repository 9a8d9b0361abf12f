import ILSRecord

/// Which job a loader works for.
public enum JobStart: Equatable, Sendable {
  /// A job of its own; `id` is given where others must know it before it begins.
  case new(id: JobID?)
  /// An earlier job, which goes on with the same input.
  case resume(JobID)
  /// A job that several loaders share, made by the first of them; `part` tells their inputs apart.
  case join(JobID, part: String)
}

extension JobStart {
  /// Nothing of the job was settled before.
  var isNew: Bool { if case .new = self { true } else { false } }

  /// The id of a job that `start` makes.
  /// - Throws: where a job with the given id is there: it would be loaded twice.
  static func newID(_ start: JobStart, _ connection: Connection) throws(StopError) -> JobID {
    guard case .new(let given?) = start else { return JobID.make() }
    do throws(DatabaseError) {
      if try connection.query("SELECT 1 FROM ils.jobs WHERE id = $1", [given.text]).count == 0 { return given }
    } catch {
      throw error.stop("opening the job")
    }
    throw StopError(.dataError, JobFault.jobExists, "there is a job \(given): go on with it by --resume")
  }
}
