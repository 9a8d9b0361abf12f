import ILSRecord

/// A mapping file (ils-mapping(5)), read and checked.
public struct MappingFile: Equatable, Sendable {
  public let mappings: [FieldMapping]

  /// One thing that is wrong with a mapping file, and where: `mappings[3].transform`.
  public struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
    public let place: String
    public let message: String
    public var description: String { "\(place): \(message)" }
  }

  /// Every fault of the file, in its order.
  public struct Faults: Error, Equatable, Sendable {
    public let faults: [Fault]
  }

  /// - Throws: every fault, not the first.
  public init(_ json: JSONValue) throws(Faults) {
    var reader = MappingReader()
    mappings = reader.file(json)
    if !reader.faults.isEmpty { throw Faults(faults: reader.faults) }
  }
}

/// Reads a mapping file and gathers what is wrong with it.
struct MappingReader {
  private(set) var faults: [MappingFile.Fault] = []

  private static let fileKeys: Set<String> = ["mappings", "name", "description", "$schema"]
  private static let mappingKeys: Set<String> = [
    "sourceField", "sourceFields", "join", "constant", "targetField", "transform", "required", "defaultValue",
    "values", "otherwise", "customTransform", "description",
  ]

  private mutating func fault(_ place: String, _ message: String) {
    faults.append(MappingFile.Fault(place: place, message: message))
  }

  mutating func file(_ json: JSONValue) -> [FieldMapping] {
    guard let members = json.members, let list = json["mappings"]?.array else {
      fault("mappings", "a mapping file is an object with an array \"mappings\"")
      return []
    }
    for member in members where !Self.fileKeys.contains(member.name) { fault(member.name, "is not known here") }
    var targets: Set<String> = []
    return list.enumerated().compactMap { index, entry in
      let place = "mappings[\(index)]"
      let mapping = mapping(entry, place)
      if let target = mapping?.target, !targets.insert(target).inserted {
        fault(
          "\(place).targetField", "\"\(target)\" is the target of an earlier mapping: use sourceFields to combine them")
      }
      return mapping
    }
  }

  private mutating func mapping(_ json: JSONValue, _ place: String) -> FieldMapping? {
    guard let members = json.members else {
      fault(place, "must be an object, not \(json.kindName)")
      return nil
    }
    for member in members where !Self.mappingKeys.contains(member.name) {
      fault("\(place).\(member.name)", "is not known; there are: \(Self.mappingKeys.sorted().joined(separator: ", "))")
    }
    let source = source(json, place)
    guard let target = text(json, "targetField", place) else {
      if json["targetField"] == nil { fault("\(place).targetField", "is missing") }
      return nil
    }
    if target.isEmpty || target.hasPrefix("_") {
      fault("\(place).targetField", "must be a name that does not start with an underscore")
    }
    var transforms = transforms(json["transform"] ?? .null, "\(place).transform", json["customTransform"])
    if let values = json["values"] { transforms.append(contentsOf: lookup(values, json["otherwise"], place)) }
    if json["otherwise"] != nil, json["values"] == nil { fault("\(place).otherwise", "needs \"values\"") }
    if let required = json["required"], required.boolean == nil { fault("\(place).required", "must be true or false") }
    guard let source else { return nil }
    return FieldMapping(
      source: source, target: target, transforms: transforms, isRequired: json["required"]?.boolean ?? false,
      defaultValue: json["defaultValue"].flatMap { $0.isNull ? nil : $0.text })
  }

  private mutating func text(_ json: JSONValue, _ name: String, _ place: String) -> String? {
    guard let value = json[name] else { return nil }
    if let text = value.string { return text }
    fault("\(place).\(name)", "must be a string, not \(value.kindName)")
    return nil
  }

  private mutating func source(_ json: JSONValue, _ place: String) -> FieldMapping.Source? {
    let given = ["sourceField", "sourceFields", "constant"].filter { json[$0] != nil }
    guard given.count == 1 else {
      fault(
        place, "needs one of sourceField, sourceFields and constant\(given.isEmpty ? "" : ", and has \(given.count)")")
      return nil
    }
    if json["join"] != nil, given != ["sourceFields"] { fault("\(place).join", "needs \"sourceFields\"") }
    if let constant = json["constant"] { return .constant(constant.text) }
    if given == ["sourceField"] { return text(json, "sourceField", place).map { .field($0) } }
    let names = (json["sourceFields"]?.array ?? []).compactMap(\.string)
    guard names.count == json["sourceFields"]?.array?.count, !names.isEmpty else {
      fault("\(place).sourceFields", "must be an array of field names")
      return nil
    }
    return .fields(names, join: text(json, "join", place))
  }

  // MARK: - Transforms

  private mutating func transforms(_ json: JSONValue, _ place: String, _ script: JSONValue?) -> [Transform] {
    switch json {
    case .null: return []
    case .string(let name): return named(name, json, place)
    case .object:
      guard let name = text(json, "transform", place) else {
        if json["transform"] == nil {
          fault("\(place).transform", "is missing: a transform with options needs its name")
        }
        return []
      }
      return named(name, json, place)
    case .array(let list):
      return list.enumerated().flatMap { index, entry in transforms(entry, "\(place)[\(index)]", script) }
    default:
      fault(place, "must be a name, an object with a name, or a list of these, not \(json.kindName)")
      return []
    }
  }

  private mutating func named(_ name: String, _ json: JSONValue, _ place: String) -> [Transform] {
    guard let plain = Transform.plain[name] else {
      let known = Transform.plain.keys.sorted().joined(separator: ", ")
      fault(place, "\"\(name)\" is no transform; there are: \(known)")
      return []
    }
    let options: Set<String> = name == "date_format" ? ["transform", "input", "pivot", "time"] : ["transform"]
    for member in json.members ?? [] where !options.contains(member.name) {
      fault("\(place).\(member.name)", "is no option of \(name)")
    }
    return name == "date_format" ? [.date(date(json, place))] : plain
  }

  private mutating func date(_ json: JSONValue, _ place: String) -> DateReader {
    var reader = DateReader()
    if let pattern = text(json, "input", place) {
      if let order = DateReader.order(ofPattern: pattern) {
        reader.order = order
        reader.isOrderAssumed = false
      } else {
        fault("\(place).input", "\"\(pattern)\" must name day, month and year once, such as DD/MM/YYYY")
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

  private mutating func lookup(_ values: JSONValue, _ otherwise: JSONValue?, _ place: String) -> [Transform] {
    guard let members = values.members else {
      fault("\(place).values", "must be an object of old and new values, not \(values.kindName)")
      return []
    }
    let table = Dictionary(members.map { ($0.name, $0.value.text) }, uniquingKeysWith: { first, _ in first })
    return [.lookup(table, otherwise: otherwise?.text)]
  }
}
