import ILSRecord

/// What all tools tell alike.
public enum CommandFault: String, FaultCodes {
  case dataUnknown = "data.unknown"
  case runRejected = "run.rejected"
  case runTooManyRejects = "run.too_many_rejects"
  case schemaFault = "schema.fault"
  case schemaInvalid = "schema.invalid"
  case mappingFault = "mapping.fault"
  case mappingInvalid = "mapping.invalid"
  case previewEntity = "preview.entity"
  case memorySpilled = "memory.spilled"
  case memoryNoFile = "memory.no_file"
  case reportEmpty = "report.empty"
  case inputNoRecords = "input.no_records"
  case parseNoRecords = "parse.no_records"
  case mapNoManifest = "map.no_manifest"
  case scriptWorker = "script.worker"
  case scriptInvalid = "script.invalid"
  case scriptLimits = "script.limits"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .dataUnknown: ("No data file has that name.", "Take one of those that the message lists, or set ILS_DATA.")
    case .runRejected:
      ("How many records were refused.", "Mend them by the reasons that are told: --rejects FILE keeps them.")
    case .runTooManyRejects:
      (
        "More records were refused than the run allows.",
        "Mend the cause that most of them share, or allow more with --max-errors."
      )
    case .schemaFault: ("A fault of the schema file.", "Correct it at the place that is named.")
    case .schemaInvalid: ("The schema file has faults.", "Correct those that were told before.")
    case .mappingFault: ("A fault of the mapping file.", "Correct it at the place that is named.")
    case .mappingInvalid: ("The mapping file has faults.", "Correct those that were told before.")
    case .previewEntity: ("For which entity mappings are suggested.", "Nothing to mend; --entity takes another.")
    case .memorySpilled: ("Identity keys go on in a temporary file.", "Nothing to mend; more --memory is faster.")
    case .memoryNoFile:
      ("There is no room for a temporary file.", "Name a folder with room in TMPDIR, or give more --memory.")
    case .reportEmpty:
      ("The folder holds nothing that can be reported.", "Name the folder that ils-migrate kept, or files.")
    case .inputNoRecords:
      ("The input is no records: a table, or a file of another program.", "Let ils-parse read it first.")
    case .parseNoRecords:
      ("An input holds no record, names at most.", "Look whether its export came to its end.")
    case .mapNoManifest:
      (
        "The manifest that the mapping was to be noted in is not there: the job will not know its mapping.",
        "Give ils-parse and ils-map one name for --manifest."
      )
    case .scriptWorker:
      ("ils-script, which runs custom functions, cannot work.", "Look whether it is installed beside ils-map.")
    case .scriptInvalid: ("A custom function is no JavaScript function.", "Correct it at the place that is named.")
    case .scriptLimits: ("A custom function was ended too often.", "Mend the function, then run it again.")
    }
  }
}
