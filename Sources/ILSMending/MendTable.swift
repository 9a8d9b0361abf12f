import ILSRecord

/// The refused records of one stage as a table: which columns it has, and what a reject's cells hold.
///
/// What comes back is compared with what was written, cell by cell: a cell that nobody changed is the record's own value,
/// whatever its JSON form was, so that a way through a spreadsheet can change nothing by itself.
struct MendTable {
  /// Columns of the table itself.
  enum Own: String, CaseIterable {
    case reject = "ils reject"
    case row = "ils row"
    case file = "ils file"
    case why = "ils why"
    case mending = "ils how to mend"
    case identity = "ils _is"
  }

  /// A field of the records, and how its column is called.
  struct Field {
    let name: String
    let header: String
    /// What a changed value may be beside a text, as the schema has it.
    let types: Set<String>
  }

  let rejects: Rejects
  let fields: [Field]
  /// For rows that never became records: their text, not to be changed.
  var isRaw: Bool { rejects.stage == "parse" }
  static let raw = "raw"

  /// - Parameter schema: of the entity; nil where records have the source's columns.
  init(_ rejects: Rejects, schema: JSONValue?) throws(StopError) {
    self.rejects = rejects
    if rejects.stage == "parse" {
      fields = [Field(name: Self.raw, header: Self.raw, types: [])]
      return
    }
    let properties = schema?["properties"]?.members ?? []
    var names = properties.map(\.name)
    var known = Set(names)
    for number in 1...rejects.count {
      for (name, _) in try rejects[number].record?.members ?? []
      where !name.hasPrefix("_") && known.insert(name).inserted { names.append(name) }
    }
    var headers = Set(Own.allCases.map(\.rawValue))
    var fields: [Field] = []
    for name in names {
      let header = Self.isPlain(name) && !headers.contains(name) ? name : "field \(fields.count + 1)"
      headers.insert(header)
      let type = properties.first { $0.name == name }?.value["type"]
      let types = type?.string.map { [$0] } ?? type?.array?.compactMap(\.string) ?? []
      fields.append(Field(name: name, header: header, types: Set(types)))
    }
    self.fields = fields
  }

  /// A name that comes back from a spreadsheet as it was.
  private static func isPlain(_ name: String) -> Bool {
    guard let first = name.utf8.first, let last = name.utf8.last, first != 0x20, last != 0x20 else { return false }
    return !"=+-@_'".utf8.contains(first) && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0xFEFF }
  }

  var headers: [String] {
    (isRaw ? Own.allCases.filter { $0 != .identity } : Own.allCases).map(\.rawValue) + fields.map(\.header)
  }

  // MARK: - Cells

  /// The cells of a reject, in the order of `headers`.
  /// - Parameter advice: how a code is mended.
  func cells(_ reject: Rejects.Reject, advice: (String) -> String?) -> [String] {
    let errors = reject.json["errors"]?.array ?? []
    let why = errors.map { error in
      (error["field"]?.string.map { "\($0): " } ?? "") + (error["message"]?.string ?? "")
        + (error["code"]?.string.map { " [\($0)]" } ?? "")
    }
    var codes: [String] = []
    for code in errors.compactMap({ $0["code"]?.string }) where !codes.contains(code) { codes.append(code) }
    let place = [reject.json["_file"]?.string, reject.json["_sheet"]?.string].compactMap(\.self)
    var cells = [
      key(of: reject), reject.json["_row"].map(Self.text) ?? "", place.joined(separator: " "),
      why.joined(separator: "\n"), codes.compactMap(advice).joined(separator: "\n"),
    ]
    if isRaw { return cells + [rawText(reject)] }
    cells.append(Self.text(reject.record?["_is"]))
    return cells + fields.map { Self.text(reject.record?[$0.name]) }
  }

  func rawText(_ reject: Rejects.Reject) -> String {
    reject.json[Self.raw]?.string ?? (reject.json["raw_base64"]?.string).map { "(in base 64) \($0)" }
      ?? reject.record?.text ?? ""
  }

  /// Names the reject, and tells whether it is of the file that it is looked for in.
  func key(of reject: Rejects.Reject) -> String {
    let sum = String(reject.sum, radix: 16)
    return "\(rejects.stage) \(reject.number) \(String(repeating: "0", count: 8 - sum.count))\(sum)"
  }

  /// A value as a cell shows it.
  static func text(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null: ""
    case .string(let text): text
    case .number(let text): text
    case .some(let other): other.text
    }
  }
}
