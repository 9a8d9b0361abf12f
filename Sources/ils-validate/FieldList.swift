import ILSCommand
import ILSJobs
import ILSRecord

/// The fields of an entity: a table for people at a terminal, NDJSON for programs.
struct FieldList {
  private let options: FilterOptions

  init(_ options: FilterOptions) { self.options = options }

  /// - Parameter path: that of the schema.
  func write(_ path: String) throws(StopError) -> ExitStatus {
    let schema = try DataFiles.json(at: path)
    let required = (schema["required"]?.array ?? []).compactMap(\.string)
    let roles = Self.roles(schema["x-ils"] ?? .null)
    var printer = try Printer(to: options.output, isJSON: false, columns: Self.columns, yields: Self.yields)
    for (name, rule) in schema["properties"]?.members ?? [] {
      try printer.write(
        .object([
          ("field", .string(name)), ("type", .string(Self.type(rule))), ("required", .boolean(required.contains(name))),
          ("limits", .string(Self.limits(rule))), ("format", .string(Self.format(rule))),
          ("column", rule["x-ils"]?["column"] ?? .null), ("identity", .string(roles[name] ?? "")),
        ]))
    }
    try printer.close()
    return .success
  }

  private static let columns: [Printer.Column] = [
    .init("FIELD", "field"), .init("TYPE", "type"), .init("REQUIRED", "required"), .init("LIMITS", "limits"),
    .init("FORMAT", "format"), .init("COLUMN", "column"), .init("WHO IT IS", "identity"),
  ]

  private static let yields: [(title: String, how: Table.Yield)] = [
    ("FORMAT", .cut(to: 20)), ("WHO IT IS", .cut(to: 20)), ("COLUMN", .leftOut),
  ]

  // MARK: - One field

  private static func type(_ rule: JSONValue) -> String {
    if let type = rule["type"]?.string { return type }
    return (rule["type"]?.array ?? []).compactMap(\.string).joined(separator: " or ")
  }

  /// Lengths and bounds, as the schema has them.
  private static func limits(_ rule: JSONValue) -> String {
    var limits: [String] = []
    func span(_ least: String, _ most: String, _ unit: String) {
      let texts = [rule[least]?.text, rule[most]?.text].map { $0?.trimmingQuotes }
      switch (texts[0], texts[1]) {
      case (nil, nil): return
      case (let from?, let to?): limits.append("\(from) to \(to)\(unit)")
      case (let from?, nil): limits.append("\(from)\(unit) or more")
      case (nil, let to?): limits.append("up to \(to)\(unit)")
      }
    }
    span("minLength", "maxLength", " characters")
    span("minimum", "maximum", "")
    span("minItems", "maxItems", " items")
    if let from = rule["x-ils"]?["notBefore"]?.string { limits.append("from \(from)") }
    if let to = rule["x-ils"]?["notAfter"]?.string { limits.append("not after \(to)") }
    return limits.joined(separator: ", ")
  }

  /// How a value is written, or which values there are.
  private static func format(_ rule: JSONValue) -> String {
    var parts: [String] = []
    if let format = rule["format"]?.string { parts.append(format) }
    if let pattern = rule["pattern"]?.string { parts.append("matches \(pattern)") }
    if let one = rule["const"] { parts.append(one.text.trimmingQuotes) }
    if let values = rule["enum"]?.array { parts.append(values.map(\.text.trimmingQuotes).joined(separator: ", ")) }
    return parts.joined(separator: "; ")
  }

  // MARK: - Identity

  /// What each field says of who, or what, a record is.
  private static func roles(_ rules: JSONValue) -> [String: String] {
    var roles: [String: [String]] = [:]
    func add(_ fields: JSONValue?, _ role: String) {
      for field in (fields?.array ?? []).compactMap(\.string) { roles[field, default: []].append(role) }
    }
    for key in rules["identity"]?.array ?? [] {
      let kind = key["kind"]?.string ?? "key"
      let count = key["fields"]?.array?.count ?? 0
      add(key["fields"], count > 1 ? "\(kind), with \(count - 1) more" : kind)
      add(key["scope"], "scope of an \(kind)")
    }
    for group in rules["agreement"]?.array ?? [] { add(group.array == nil ? group["fields"] : group, "must agree") }
    for reference in rules["references"]?.array ?? [] {
      guard let field = reference["field"]?.string, let entity = reference["entity"]?.string else { continue }
      roles[field, default: []].append("names one of \(entity)")
    }
    return roles.mapValues { $0.joined(separator: "; ") }
  }
}

extension String {
  /// What stands between the quotes of JSON text.
  fileprivate var trimmingQuotes: String {
    count > 1 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
  }
}
