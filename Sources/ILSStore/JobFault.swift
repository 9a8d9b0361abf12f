import ILSRecord

/// What becomes of jobs.
public enum JobFault: String, FaultCodes {
  case jobStarted = "job.started"
  case jobHolds = "job.holds"
  case jobUnseen = "job.unseen"
  case jobPart = "job.part"
  case jobReleased = "job.released"
  case jobParked = "job.parked"
  case jobFailed = "job.failed"
  case jobInterrupted = "job.interrupted"
  case jobCancelled = "job.cancelled"
  case jobRowsLost = "job.rows_lost"
  case jobRefused = "job.refused"
  case jobOvertaken = "job.overtaken"
  case jobDropped = "job.dropped"
  case jobTooMany = "job.too_many"
  case jobUnknown = "job.unknown"
  case jobAmbiguous = "job.ambiguous"
  case jobExists = "job.exists"
  case jobEnded = "job.ended"
  case jobLocked = "job.locked"
  case jobOtherInput = "job.other_input"
  case jobOtherRecords = "job.other_records"
  case jobNotResumable = "job.not_resumable"
  case jobNotShared = "job.not_shared"
  case jobPartOpen = "job.part_open"
  case jobClose = "job.close"
  case jobExpired = "job.expired"
  case jobMissing = "job.missing"
  case jobStalled = "job.stalled"
  case rollback = "rollback"
  case rollbackKept = "rollback.kept"
  case rollbackDepends = "rollback.depends"
  case auditMissing = "audit.missing"
  case auditUnlinked = "audit.unlinked"
  case auditChanged = "audit.changed"
  case auditTruncated = "audit.truncated"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .jobStarted: ("The job's id.", "Nothing to mend: keep it, to go on or to undo.")
    case .jobUnseen:
      (
        "Nothing tells what others enter while a load into a view runs.",
        "Let nobody enter any meanwhile, or load into the table itself; ils-verify finds rows that may be one."
      )
    case .jobHolds:
      (
        "A load that is one transaction keeps others waiting up to its end.",
        "Load while nobody is at work on the table, or without --atomic and --dry-run."
      )
    case .jobPart: ("A part of a shared job is done.", "Nothing to mend; once all are: ils-jobs close.")
    case .jobReleased:
      ("How many parked records were released.", "Nothing to mend; what still waits needs the other entity.")
    case .jobParked: ("A job's parked records wait.", "Run ils-jobs release once its loader has ended.")
    case .jobFailed: ("The job came to no end.", "Give the whole input again with --resume.")
    case .jobInterrupted: ("The work was interrupted.", "Go on with --resume, or run the rollback again.")
    case .jobCancelled: ("Somebody cancelled the job.", "Go on with --resume, or roll it back.")
    case .jobRowsLost:
      (
        "Rows that the server has counted as inserted are not in the table.",
        "Look at the table's triggers: they may take rows away again, or mark them as no job's."
      )
    case .jobRefused: ("Records were refused, and the job is all or nothing.", "Mend them, or load without --atomic.")
    case .jobOvertaken:
      (
        "Somebody has entered a person of the job, which is all or nothing, while it ran.",
        "Load it again; where the message says that it is loaded, undo it first (ils-rollback)."
      )
    case .jobDropped:
      (
        "Rows of the sources never arrived.",
        "Name the rejects of earlier stages with --rejects-in, or allow a filter with --allow-dropped."
      )
    case .jobTooMany:
      (
        "More records arrived than the sources have rows.",
        "Look for a stage that makes records up, or an input that was given twice."
      )
    case .jobUnknown: ("There is no such job.", "ils-jobs list shows which there are.")
    case .jobAmbiguous: ("Several jobs start with that.", "Give more characters of the id.")
    case .jobExists: ("There is a job of that id.", "Go on with it by --resume, or take another id.")
    case .jobEnded: ("The job has ended.", "Nothing to cancel; ils-rollback undoes it.")
    case .jobLocked: ("Another process is at work on the job.", "Wait for it, or end it.")
    case .jobOtherInput: ("The input is not the job's.", "Give --resume the same input, whole.")
    case .jobOtherRecords:
      ("The records are not those that were planned.", "Plan again; what batches have loaded, ils-rollback takes back.")
    case .jobNotResumable: ("The job cannot go on.", "Load the rest as a new job, with --skip-duplicates.")
    case .jobNotShared: ("The job is a single loader's.", "Go on with ils-load --resume, or undo it.")
    case .jobPartOpen:
      (
        "Parts of the shared job did not come to their end.",
        "Load them again with the same --part, or close with --force."
      )
    case .jobClose: ("The job cannot be closed.", "Report it, with the job's record.")
    case .jobExpired: ("What the rollback would need was removed.", "It was ils-jobs cleanup; restore a backup.")
    case .jobMissing: ("The record names no job.", "Give records that ils-load or ils-jobs wrote.")
    case .jobStalled: ("The job does not move.", "Its loader may be gone: ils-load --resume goes on.")
    case .rollback: ("The rollback cannot go on as asked.", "Do as the message says.")
    case .rollbackKept:
      ("Rows of the job were kept.", "Look at the reasons that are written; --force takes edited rows too.")
    case .rollbackDepends:
      ("Rows of other jobs stand on those of this one.", "Roll those back first, or give --cascade.")
    case .auditMissing:
      ("An event of the audit trail is missing.", "Ask who may write to schema ils; compare with a backup.")
    case .auditUnlinked:
      ("An event does not continue the one before it.", "Ask who may write to schema ils; compare with a backup.")
    case .auditChanged:
      ("An event is not as it was written.", "Ask who may write to schema ils; compare with a backup.")
    case .auditTruncated:
      (
        "The trail's end was cut off, or all of it was written anew.",
        "Ask who may write to schema ils; compare with a backup."
      )
    }
  }
}
