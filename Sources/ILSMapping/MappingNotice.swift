import ILSRecord

/// What ils-map tells without refusing a record.
public enum MappingNotice: String, FaultCodes {
  case mapNoSource = "map.no_source"
  case mapDropped = "map.dropped"
  case dateAmbiguous = "date.ambiguous"
  case dateCentury = "date.century"
  case datePlaceholder = "date.placeholder"
  case numberAmbiguous = "number.ambiguous"
  case phoneRegion = "phone.region"
  case passedOver = "map.passed_over"
  case nulled = "map.nulled"
  case kept = "map.kept"
  case replaced = "map.otherwise"
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
    case .dateCentury:
      ("Years of two digits were read as of the last hundred.", "Say others with pivot in the mapping.")
    case .numberAmbiguous:
      ("A comma in some numbers was read as parting thousands.", "Say which it is with decimal in the mapping.")
    case .phoneRegion:
      (
        "Numbers without a country code were read as of the US.",
        "Say with region in the mapping where they are at home."
      )
    case .passedOver:
      (
        "A later source field of the mapping holds another value, which is left out.",
        "Map that field to one of its own, if both are wanted."
      )
    case .nulled: ("Values that could not be read became null.", "The mapping's onError asks for it; mend the source.")
    case .kept: ("Values that could not be read stayed as they came.", "The mapping's onError asks for it.")
    case .replaced: ("Values that could not be read became otherwise.", "The mapping asks for it; add them to values.")
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
