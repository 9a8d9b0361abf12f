import ILSRecord

/// What ils-map tells without refusing a record.
public enum MappingNotice: String, FaultCodes {
  case mapNoSource = "map.no_source"
  case mapDropped = "map.dropped"
  case dateAmbiguous = "date.ambiguous"
  case datePlaceholder = "date.placeholder"
  case suggestMissing = "suggest.missing"
  case suggestUnmapped = "suggest.unmapped"
  case suggestNationalNumber = "suggest.national_number"
  case scriptNoEngine = "script.no_engine"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .mapNoSource:
      ("No record has the mapping's source field.", "Check its spelling; ils-map --suggest shows the names.")
    case .mapDropped:
      ("No mapping names these fields; they are dropped.", "Map them, or say --keep-unmapped or --extra.")
    case .dateAmbiguous: ("Some dates could be day or month first.", "Say which with input in the mapping.")
    case .datePlaceholder: ("Dates of all nines or zeros became null.", "Nothing to mend: they stand for no date.")
    case .suggestMissing:
      (
        "A required field is fed by nothing that looks like it.",
        "Name its source in the mapping, or give it a constant."
      )
    case .suggestUnmapped: ("These source fields feed nothing.", "Map them by hand, if they matter.")
    case .suggestNationalNumber:
      ("The field holds numbers by which a state knows its people.", "Map it to no key of the clinic.")
    case .scriptNoEngine: ("This tool runs no custom functions.", "Run the mapping with ils-map.")
    }
  }
}
