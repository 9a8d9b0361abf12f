import ILSDates
import ILSRecord

extension MappingReader {
  /// Every transform's name, and the options that it takes.
  static let transformOptions: [String: Set<String>] = [
    "none": [], "trim": [], "uppercase": [], "lowercase": [], "title_case": [], "normalize_unicode": [],
    "strip_control": [], "to_string": [], "to_integer": [], "diopter": [], "phone_format": [], "gender_normalize": [],
    "boolean_convert": [], "extract_first_name": [], "extract_last_name": [], "custom": [],
    "date_format": ["input", "pivot", "time"], "empty_to_null": ["also"], "phone_e164": ["region"],
    "split_name": ["part"], "append": ["prefix", "suffix"], "pad": ["width", "with", "side"], "to_float": ["decimal"],
  ]

  private static let plain: [String: [Transform]] = [
    "none": [], "trim": [.trim], "uppercase": [.uppercase], "lowercase": [.lowercase], "title_case": [.titleCase],
    "normalize_unicode": [.normalize], "strip_control": [.stripControl], "to_string": [.toString],
    "to_integer": [.integer], "diopter": [.diopter], "phone_format": [.phone], "gender_normalize": [.table(.genders)],
    "boolean_convert": [.table(.booleans)], "extract_first_name": [.namePart(.first)],
    "extract_last_name": [.namePart(.last)],
  ]

  /// The transform called `name`, with the options that `json` gives it.
  mutating func named(_ name: String, _ json: JSONValue, _ place: String) -> [Transform] {
    guard let options = Self.transformOptions[name] else {
      fault(place, "\"\(name)\" is no transform; there are: \(MappingFile.transformNames.joined(separator: ", "))")
      return []
    }
    for member in json.members ?? [] where member.name != "transform" && !options.contains(member.name) {
      fault(
        "\(place).\(member.name)",
        "is no option of \(name)\(options.isEmpty ? "" : "; there are: \(options.sorted().joined(separator: ", "))")")
    }
    if let plain = Self.plain[name] { return plain }
    switch name {
    case "date_format": return [.date(date(json, place))]
    case "empty_to_null": return [.emptyToNull(words: words(json, place))]
    case "phone_e164": return [.phoneE164(region(json, place))]
    case "split_name": return [.namePart(part(json, place))]
    case "append": return [append(json, place)]
    case "pad": return [pad(json, place)]
    case "to_float": return [.float(decimalComma: decimalComma(json, place))]
    default: return [.script(scripts.count)]
    }
  }

  private mutating func date(_ json: JSONValue, _ place: String) -> DateReader {
    var reader = DateReader()
    if let pattern = text(json, "input", place) {
      if pattern == "excel" || pattern == "excel1904" {
        reader.serials = pattern == "excel" ? .from1900 : .from1904
      } else if let order = DateReader.order(ofPattern: pattern) {
        reader.order = order
        reader.isOrderAssumed = false
      } else {
        fault(
          "\(place).input",
          "\"\(pattern)\" must name day, month and year once, such as DD/MM/YYYY, or be excel or excel1904")
      }
    }
    if let pivot = json["pivot"] {
      if let year = pivot.integer, (0...99).contains(year) {
        reader.pivot = year
      } else {
        fault("\(place).pivot", "must be a number from 0 to 99")
      }
    }
    if let time = json["time"] {
      reader.cutsTime = time.string == "cut"
      if !reader.cutsTime { fault("\(place).time", "can only be \"cut\"") }
    }
    return reader
  }

  private mutating func words(_ json: JSONValue, _ place: String) -> [String] {
    guard let also = json["also"] else { return [] }
    let words = (also.array ?? []).compactMap(\.string)
    if words.count != also.array?.count { fault("\(place).also", "must be an array of strings") }
    return words
  }

  private mutating func region(_ json: JSONValue, _ place: String) -> PhoneRegion {
    guard let name = text(json, "region", place) else { return .unitedStates }
    if let region = PhoneRegion(name) { return region }
    fault(
      "\(place).region",
      "\"\(name)\" is no region that is known; there are: \(PhoneRegion.names.joined(separator: ", "))")
    return .unitedStates
  }

  private mutating func part(_ json: JSONValue, _ place: String) -> PersonName.Part {
    let parts = PersonName.Part.allCases.map(\.rawValue).joined(separator: ", ")
    guard let name = text(json, "part", place) else {
      if json["part"] == nil { fault("\(place).part", "is missing; there are: \(parts)") }
      return .first
    }
    if let part = PersonName.Part(rawValue: name) { return part }
    fault("\(place).part", "\"\(name)\" is no part of a name; there are: \(parts)")
    return .first
  }

  private mutating func append(_ json: JSONValue, _ place: String) -> Transform {
    let prefix = text(json, "prefix", place)
    let suffix = text(json, "suffix", place)
    if json["prefix"] == nil, json["suffix"] == nil { fault(place, "append needs a prefix or a suffix") }
    return .append(prefix: prefix ?? "", suffix: suffix ?? "")
  }

  private mutating func pad(_ json: JSONValue, _ place: String) -> Transform {
    var width = 0
    if let given = json["width"]?.integer, (1...1000).contains(given) {
      width = given
    } else {
      fault("\(place).width", "must be a number from 1 to 1000")
    }
    var filler = UInt8(ascii: "0")
    if let with = text(json, "with", place) {
      if with.utf8.count == 1, let byte = with.utf8.first, byte >= 0x20 {
        filler = byte
      } else {
        fault("\(place).with", "must be one ASCII character")
      }
    }
    let side = text(json, "side", place) ?? "left"
    if side != "left", side != "right" { fault("\(place).side", "must be \"left\" or \"right\"") }
    return .pad(width: width, with: filler, atEnd: side == "right")
  }

  private mutating func decimalComma(_ json: JSONValue, _ place: String) -> Bool {
    guard let sign = text(json, "decimal", place) else { return false }
    if sign != ".", sign != "," { fault("\(place).decimal", "must be \".\" or \",\"") }
    return sign == ","
  }
}
