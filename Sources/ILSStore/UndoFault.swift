import ILSRecord

/// What keeps a job from being undone, and what its seal in the audit trail proves.
public enum UndoFault: String, FaultCodes {
  case jobNoTable = "job.no_table"
  case jobNoColumn = "job.no_column"
  case jobElsewhere = "job.elsewhere"
  case rollbackUnseen = "rollback.unseen"
  case rollbackColumn = "rollback.column"
  case rollbackGone = "rollback.gone"
  case rollbackUnbalanced = "rollback.unbalanced"
  case auditFunctionChanged = "audit.function_changed"
  case auditTablesChanged = "audit.tables_changed"
  case auditJobMissing = "audit.job_missing"
  case auditJobUnknown = "audit.job_unknown"
  case auditJobChanged = "audit.job_changed"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .jobNoTable: ("The table that the job loaded is not there.", "Name the database that the job was loaded into.")
    case .jobNoColumn:
      (
        "The column that held the ids of jobs is not there any more.",
        "Restore it from a backup: nothing else tells the job's rows from others."
      )
    case .jobElsewhere:
      (
        "The table is not the one that the job loaded: made anew, or restored from a dump.",
        "Look at its rows; --force undoes the job by their keys, edited or not."
      )
    case .rollbackUnseen:
      (
        "The role does not see all rows that the rollback would reach.",
        "Grant it what the message says, or take a role that row level security does not bind."
      )
    case .rollbackColumn:
      ("A column that the job changed is not there any more.", "Nothing to mend: its old values have no place.")
    case .rollbackGone:
      ("Rows of the job are not found.", "Ask who deleted them, or marked them as another job's.")
    case .rollbackUnbalanced:
      ("The rollback's equation does not close.", "Run ils-jobs audit --verify; ask who wrote in schema ils.")
    case .auditFunctionChanged:
      ("The function that seals jobs is another one.", "Run ils-load --init of this version, or ask who changed it.")
    case .auditTablesChanged:
      ("A table that belongs to no job was changed.", "Ask who may write to schema ils; compare with a backup.")
    case .auditJobMissing:
      ("A job of which the trail tells is gone.", "Ask who may write to schema ils; compare with a backup.")
    case .auditJobUnknown:
      ("A job is there of which the trail does not tell.", "Ask who may write to schema ils; compare with a backup.")
    case .auditJobChanged:
      ("A job is not as it was sealed.", "Ask who may write to schema ils; compare with a backup.")
    }
  }
}
