import ILSRecord

/// What ils-migrate tells of a run and of its plan.
public enum MigrationFault: String, FaultCodes {
  case migrationInvalid = "migration.invalid"
  case migrateFolder = "migrate.folder"
  case migrateResume = "migrate.resume"
  case migrateJob = "migrate.job"
  case migrateInterrupted = "migrate.interrupted"
  case migratePipe = "migrate.pipe"
  case migrateStage = "migrate.stage"
  case stageMessage = "stage.message"
  case planInvalid = "plan.invalid"
  case planChanged = "plan.changed"
  case planFailed = "plan.failed"
  case planApplied = "plan.applied"
  case planNotApplied = "plan.not_applied"
  case planOther = "plan.other"
  case planOutcome = "plan.outcome"
  case planStale = "plan.stale"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .migrationInvalid: ("The folder holds no migration.", "Name the folder that ils-migrate made.")
    case .migrateFolder: ("The folder is not an empty one of one's own.", "Name another by --folder, or empty it.")
    case .migrateResume: ("The run cannot be gone on with.", "Run it again as it was.")
    case .migrateJob: ("The job that is loaded.", "Nothing to mend: keep the id, to go on or to undo.")
    case .migrateInterrupted: ("Somebody asked the run to stop.", "Go on with ils-migrate --resume.")
    case .migratePipe: ("The system has no pipe for the stages.", "Close other programs, and run it again.")
    case .migrateStage: ("A stage cannot be started.", "Look whether all tools are installed beside ils-migrate.")
    case .stageMessage: ("What a stage said that is no diagnostic.", "Do as the message says.")
    case .planInvalid: ("The file is no plan.", "Name the file that ils-migrate plan wrote.")
    case .planChanged: ("The plan or an input was changed since.", "Plan again.")
    case .planFailed: ("No plan was made.", "Mend what was told before, and plan again.")
    case .planApplied:
      ("Which plan is applied, and where.", "Nothing to mend: compare the digest with the signed page's.")
    case .planNotApplied:
      ("No job has applied the plan that --delta names.", "Name one that was applied; or plan without --delta.")
    case .planOther: ("The plan is not the one that was approved.", "Name the plan whose SHA-256 was signed.")
    case .planOutcome: ("What was done differs from what was planned.", "Look who wrote to the table meanwhile.")
    case .planStale: ("The plan is not true any more.", "Plan again; nothing was loaded.")
    }
  }
}
