import ILSRecord

/// Reads a mapping file and gathers what is wrong with it.
struct MappingReader {
  private(set) var faults: [MappingFile.Fault] = []
  var scripts: [MappingScript] = []

  private static let fileKeys: Set<String> = ["mappings", "name", "description", "$schema", "missing", "unmapped"]
  private static let mappingKeys: Set<String> = [
    "sourceField", "sourceFields", "join", "constant", "targetField", "transform", "required", "defaultValue",
    "values", "otherwise", "onError", "customTransform", "description", "confidence", "reason",
  ]

  mutating func fault(_ place: String, _ message: String) {
    faults.append(MappingFile.Fault(place: place, message: message))
  }

  mutating func file(_ json: JSONValue) -> [FieldMapping] {
    guard let members = json.members else {
      fault("$", "a mapping file is an object with an array \"mappings\", not \(json.kindName)")
      return []
    }
    for member in members where !Self.fileKeys.contains(member.name) {
      fault(member.name, "is not known here; there are: \(Self.fileKeys.sorted().joined(separator: ", "))")
    }
    guard let list = json["mappings"]?.array else {
      fault("mappings", json["mappings"].map { "must be an array, not \($0.kindName)" } ?? "is missing")
      return []
    }
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
    let target = text(json, "targetField", place)
    if json["targetField"] == nil { fault("\(place).targetField", "is missing") }
    if let target, target.isEmpty || target.hasPrefix("_") {
      fault("\(place).targetField", "must be a name that does not start with an underscore")
    }
    let transforms = transforms(of: json, target ?? "", place)
    if let required = json["required"], required.boolean == nil { fault("\(place).required", "must be true or false") }
    if case .constant = source {
      for name in ["transform", "customTransform", "values", "defaultValue", "onError"]
      where json[name].map({ !$0.isNull }) == true {
        fault("\(place).\(name)", "has no effect on a constant")
      }
    }
    let onError = onError(json, place)
    guard let source, let target else { return nil }
    return FieldMapping(
      source: source, target: target, transforms: transforms.map(\.transform), labels: transforms.map(\.label),
      isRequired: json["required"]?.boolean ?? false,
      defaultValue: json["defaultValue"].flatMap { $0.isNull ? nil : $0.text }, onError: onError)
  }

  /// `otherwise` stands for what neither the table nor the transforms can read.
  private mutating func onError(_ json: JSONValue, _ place: String) -> FieldMapping.OnError {
    guard let given = json["onError"] else { return json["otherwise"].map { .use($0.text) } ?? .refuse }
    if json["otherwise"] != nil { fault("\(place).onError", "has no effect beside \"otherwise\"") }
    switch given.string {
    case "null": return .null
    case "keep": return .keep
    case "refuse": return .refuse
    default:
      fault("\(place).onError", "must be \"refuse\", \"null\" or \"keep\"")
      return .refuse
    }
  }

  mutating func text(_ json: JSONValue, _ name: String, _ place: String) -> String? {
    guard let value = json[name] else { return nil }
    if let text = value.string { return text }
    fault("\(place).\(name)", "must be a string, not \(value.kindName)")
    return nil
  }

  // MARK: - Sources

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

  // MARK: - Transforms of a mapping

  /// A transform, and how the file says it.
  private typealias Step = (label: String, transform: any Transform)

  private mutating func transforms(of json: JSONValue, _ target: String, _ place: String) -> [Step] {
    let script = text(json, "customTransform", place)
    var transforms = transforms(json["transform"] ?? .null, "\(place).transform")
    let calls = transforms.indices.filter { transforms[$0].transform is Custom }
    if let script {
      // A function alone is meant to be run.
      if calls.isEmpty { transforms.append(("customTransform", Custom(script: scripts.count))) }
      scripts.append(MappingScript(source: script, target: target, place: "\(place).customTransform"))
    } else if !calls.isEmpty, json["customTransform"] == nil {
      fault("\(place).customTransform", "is missing: \"custom\" needs a JavaScript function")
    }
    if calls.count > 1 { fault("\(place).transform", "names \"custom\" more than once") }
    if let values = json["values"] { look(up: values, in: &transforms, place) }
    if json["otherwise"] != nil, json["values"] == nil { fault("\(place).otherwise", "needs \"values\"") }
    return transforms
  }

  private mutating func transforms(_ json: JSONValue, _ place: String) -> [Step] {
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
      return list.enumerated().flatMap { index, entry -> [Step] in
        if entry.array != nil {
          fault("\(place)[\(index)]", "must be a name, or an object with a name, not an array")
          return []
        }
        return transforms(entry, "\(place)[\(index)]")
      }
    default:
      fault(place, "must be a name, an object with a name, or a list of these, not \(json.kindName)")
      return []
    }
  }

  /// The transform called `name`, with the options that `json` gives it.
  private mutating func named(_ name: String, _ json: JSONValue, _ place: String) -> [Step] {
    guard let transform = NamedTransform.byName[name] else {
      let names = MappingFile.transformNames
      let near = names.first { FieldName.differByOne($0, name.lowercased()) || $0 == name.lowercased() }
      let help = near.map { "did you mean \"\($0)\"?" } ?? "there are: \(names.joined(separator: ", "))"
      fault(place, "\"\(name)\" is no transform; \(help)")
      return []
    }
    var options = OptionReader(json, of: transform, at: place, script: scripts.count)
    let made = transform.make(&options)
    faults += options.faults
    return made.map { (json.string ?? json.text, $0) }
  }

  /// Puts the table behind the transforms, and in front of the first that reads what a value means.
  private mutating func look(up values: JSONValue, in transforms: inout [Step], _ place: String) {
    guard let members = values.members else {
      fault("\(place).values", "must be an object of old and new values, not \(values.kindName)")
      return
    }
    let entries = members.map { (key: $0.name, json: $0.value.text) }
    guard let reading = transforms.firstIndex(where: \.transform.readsMeaning) else {
      transforms.append(("values", ValueTable(entries, miss: .unknown)))
      return
    }
    // A table of what the transforms make is meant to hold all of that; one of what they cannot read is not.
    var run = TransformRun()
    let rest = transforms[reading...].map(\.transform)
    let isBehind = members.contains { member in
      member.value != .string(member.name) && run.text(of: member.name, rest[...]) == member.name
    }
    transforms.insert(("values", SettledValues(table: ValueTable(entries, miss: .pass))), at: reading)
    transforms.append(("values", ValueTable(entries, miss: isBehind ? .unknown : .pass)))
  }
}
