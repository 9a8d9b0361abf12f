import ILSRecord

/// Records that stand as arrays under one of names: `[["id","name"],["71","Hale"]]`.
struct JSONRows {
  /// The fields' names; nil while no row of names was met.
  private(set) var names: [String]?
  /// What was changed of the names.
  private(set) var notes: [String] = []

  /// Takes the first array for the names, if it holds nothing but texts that could be names.
  init?(header: JSONValue) {
    guard let cells = header.array, cells.count > 1 else { return nil }
    let texts = cells.compactMap(\.string)
    guard texts.count == cells.count, Set(texts).count == texts.count else { return nil }
    guard SampleRow(texts.map { Array($0.utf8) }).isNameLike(texts.count) else { return nil }
    let header = CSVHeader(texts)
    names = header.names
    notes = header.notes
  }

  /// The row as an object.
  /// - Throws: `json.ragged` where it has more or fewer values than there are names.
  func object(_ row: JSONValue) throws(RecordError) -> JSONValue? {
    guard let names, let cells = row.array else { return nil }
    guard cells.count == names.count else {
      throw RecordError(
        TextFault.jsonRagged, message: "\(cells.count) values where the row of names has \(names.count): mend the row")
    }
    return .object(zip(names, cells).map { (name: $0, value: $1) })
  }
}

/// Arrays of objects inside the one record that a text seems to be: an envelope of which --path would read one.
enum JSONEnvelope {
  /// Their paths, the longest array first, as far as two levels down.
  static func arrays(in value: JSONValue) -> [(path: String, count: Int)] {
    var found: [(path: String, count: Int)] = []
    func look(_ value: JSONValue, _ path: String, _ depth: Int) {
      for member in value.members ?? [] {
        let name = member.name.replacing("~", with: "~0").replacing("/", with: "~1")
        if let items = member.value.array {
          let path = path + "/" + name
          if items.contains(where: { $0.members != nil || $0.array != nil }) || items.isEmpty && isPage(path) {
            found.append((path, items.count))
          }
        } else if depth < 2 {
          look(member.value, path + "/" + name, depth + 1)
        }
      }
    }
    look(value, "", 0)
    return found.sorted { $0.count > $1.count }
  }

  /// Whether an array at `path` is called as those are that hold an API's records.
  static func isPage(_ path: String) -> Bool {
    path.split(separator: "/").last.map { pages.contains($0.lowercased()) } ?? false
  }

  private static let pages: Set<String> = [
    "data", "items", "results", "records", "entry", "entries", "rows", "hits", "value", "values", "patients", "orders",
    "features", "resources", "content",
  ]

  /// The names that lead to the object inside objects of one member each, none where `value` has more; and that object.
  static func only(in value: JSONValue) -> (steps: [String], value: JSONValue) {
    var (value, steps) = (value, [String]())
    while let members = value.members, members.count == 1, let inner = members.first, inner.value.members != nil {
      steps.append(inner.name)
      value = inner.value
    }
    return (steps, value)
  }

  /// How many objects `value` holds under keys, where they are two or more and share names with the first.
  static func keyed(_ value: JSONValue) -> Int? {
    let shapes = (value.members ?? []).map { $0.value.members.map { Set($0.map(\.name)) } }
    guard shapes.count > 1, let first = shapes.first ?? nil, !first.isEmpty else { return nil }
    return shapes.allSatisfy { $0.map { !$0.isDisjoint(with: first) } ?? false } ? shapes.count : nil
  }

  /// Whether an object holds nothing but what answers hold that say what went wrong: `{"error":"unauthorized"}`.
  static func isFailure(_ value: JSONValue) -> Bool {
    let names = (value.members ?? []).map { $0.name.lowercased() }
    return names.contains(where: failures.contains)
      && names.allSatisfy { failures.contains($0) || beside.contains($0) }
  }

  private static let failures: Set<String> = [
    "error", "errors", "message", "error_description", "errormessage", "fault", "exception", "detail", "details",
  ]

  private static let beside: Set<String> = [
    "status", "statuscode", "code", "title", "type", "timestamp", "path", "success", "ok", "error_code", "errorcode",
    "instance", "requestid", "request_id", "trace", "data",
  ]
}
