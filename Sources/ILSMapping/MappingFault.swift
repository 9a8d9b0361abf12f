import ILSRecord

/// Why ils-map refuses records, with what each code means and how it is mended.
public enum MappingFault: String, FaultCodes {
  case mapRequired = "map.required"
  case mapCollision = "map.collision"
  case transformNested = "transform.nested"
  case valuesUnknown = "values.unknown"
  case dateUnreadable = "date.unreadable"
  case dateHasTime = "date.has_time"
  case phoneUnreadable = "phone.unreadable"
  case genderUnreadable = "gender.unreadable"
  case booleanUnreadable = "boolean.unreadable"
  case numberUnreadable = "number.unreadable"
  case numberNotWhole = "number.not_whole"
  case diopterUnreadable = "diopter.unreadable"
  case axisUnreadable = "axis.unreadable"
  case prescriptionUnreadable = "prescription.unreadable"
  case distanceUnreadable = "distance.unreadable"
  case acuityUnreadable = "acuity.unreadable"
  case pressureUnreadable = "pressure.unreadable"
  case lensUnreadable = "lens.unreadable"
  case intervalUnreadable = "interval.unreadable"
  case nhsUnreadable = "nhs.unreadable"
  case postcodeUnreadable = "postcode.unreadable"
  case scriptError = "script.error"
  case scriptTime = "script.time"
  case scriptMemory = "script.memory"
  case scriptSize = "script.size"
  case scriptValue = "script.value"
  case scriptLost = "script.lost"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .mapRequired:
      (
        "The mapping requires a value, and there is none.",
        "Fill it in the source, give the mapping a defaultValue, or take away required."
      )
    case .mapCollision:
      ("A field that is kept has the name of a mapping's target.", "Map it to another name, or drop it.")
    case .transformNested: ("An object or array cannot be transformed.", "Flatten it: ils-parse --flatten .")
    case .valuesUnknown: ("The value is not in the mapping's table.", "Add it, or give the table an otherwise.")
    case .dateUnreadable:
      (
        "The text is no date in the order that the mapping names.",
        "Name the order as input (DD/MM/YYYY), or correct the value."
      )
    case .dateHasTime: ("The date has a time, which nobody asked to cut off.", "Say time: cut in the mapping.")
    case .phoneUnreadable: ("The text is no telephone number.", "Correct it, or load it without the transform.")
    case .genderUnreadable: ("The word is none of the known ones.", "Give the mapping a values table.")
    case .booleanUnreadable: ("The word is neither yes nor no.", "Give the mapping a values table.")
    case .numberUnreadable: ("The text is no number.", "Correct it, or name the decimal sign.")
    case .numberNotWhole: ("The number has a fraction.", "Use to_float.")
    case .diopterUnreadable: ("The text is no power of a lens.", "Correct it in the source.")
    case .axisUnreadable: ("The text is no axis of a cylinder.", "Correct it in the source: 0 to 180 degrees.")
    case .prescriptionUnreadable:
      (
        "The text is not the prescription of one lens.",
        "Say which eye is meant where the field has both, and give each cylinder its axis."
      )
    case .distanceUnreadable:
      ("The text is no pupillary distance.", "Correct it in the source: millimetres, with one decimal at most.")
    case .acuityUnreadable:
      ("The text is no visual acuity, or a number that may be of two kinds.", "Say what a number alone is as input.")
    case .pressureUnreadable:
      (
        "The text is no pressure within one eye, or not those of both.",
        "Correct it in the source: mmHg, and say which eye is meant where the field has both."
      )
    case .lensUnreadable:
      (
        "The text is not the shape of a contact lens.",
        "Correct it in the source: base curve and diameter in millimetres, or the name before a number that stands alone."
      )
    case .intervalUnreadable:
      ("The text is no recall interval, or a number of no unit.", "Say what a number alone counts as unit.")
    case .nhsUnreadable: ("The text is no NHS number.", "Correct it in the source: ten digits.")
    case .postcodeUnreadable: ("The text is no postcode of the United Kingdom.", "Correct it in the source.")
    case .scriptError: ("The custom function failed.", "Correct the function; the row shows for which value.")
    case .scriptTime: ("The custom function took too long.", "Look for a loop that does not end.")
    case .scriptMemory: ("The custom function took too much memory.", "Look for text that grows in a loop.")
    case .scriptSize: ("The custom function returned more than a value may hold.", "Return less of it.")
    case .scriptValue:
      (
        "The custom function returned something that is no JSON value.",
        "Return a string, a number, true, false or null."
      )
    case .scriptLost:
      ("The custom function gave no answer.", "Run it again; if it stays, leave the row out and report it.")
    }
  }
}

extension RecordError {
  init(_ fault: MappingFault, field: String? = nil, _ message: String, value: String? = nil) {
    self.init(code: fault.rawValue, field: field, message: message, value: value)
  }
}
