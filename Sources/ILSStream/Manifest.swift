import ILSRecord
import Glibc

/// What ils-parse read, so that the end of the pipe can tell that nothing was lost on the way.
public struct Manifest: Equatable, Sendable {
  /// One table of one file.
  public struct Table: Equatable, Sendable {
    /// The sheet's name, for a workbook.
    public var sheet: String?
    /// Rows that hold data: `emitted + rejected`.
    public var rows: Int
    public var rejected: Int
    /// Rows that hold something and are none of data: titles, notes, the names of groups, remarks. Not among `rows`.
    public var passedOver: Int

    public init(sheet: String? = nil, rows: Int, rejected: Int, passedOver: Int = 0) {
      self.sheet = sheet
      self.rows = rows
      self.rejected = rejected
      self.passedOver = passedOver
    }
  }

  public struct File: Equatable, Sendable {
    /// As the user named it; `-` is stdin.
    public var name: String
    /// Bytes as they are stored, compressed if they are; `sha256` is theirs.
    public var bytes: Int
    public var sha256: String
    public var tables: [Table]
    /// What was found out about the file, as `Decision.json` has it.
    public var decisions: [JSONValue]

    public init(name: String, bytes: Int, sha256: String, tables: [Table], decisions: [JSONValue] = []) {
      self.name = name
      self.bytes = bytes
      self.sha256 = sha256
      self.tables = tables
      self.decisions = decisions
    }
  }

  /// What a stage behind the parser does to records: it has to be done again to tell where a value comes from.
  public struct Stage: Equatable, Sendable {
    public var tool: String
    public var options: [String]
    /// The mapping's name as it was given, the SHA-256 of its file, and all of that file's text: JSON that a database keeps
    /// as a value of its own comes back in other words.
    public var mapping: (name: String, sha256: String, text: String)

    public init(tool: String, options: [String], mapping: (name: String, sha256: String, text: String)) {
      self.tool = tool
      self.options = options
      self.mapping = mapping
    }

    public static func == (a: Stage, b: Stage) -> Bool {
      a.tool == b.tool && a.options == b.options && a.mapping == b.mapping
    }
  }

  public var tool: String
  public var files: [File]
  /// How the files were read, where that was said: options of ils-parse.
  public var options: [String]
  /// In the order of the pipe.
  public var stages: [Stage] = []

  public init(tool: String, files: [File], options: [String] = []) {
    self.tool = tool
    self.files = files
    self.options = options
  }

  public var rows: Int { files.reduce(0) { $0 + $1.tables.reduce(0) { $0 + $1.rows } } }
  public var rejected: Int { files.reduce(0) { $0 + $1.tables.reduce(0) { $0 + $1.rejected } } }

  public var json: JSONValue {
    .object(
      [
        ("manifest", .number("1")),
        ("tool", .string(tool)),
        ("rows", .number("\(rows)")),
        ("rejected", .number("\(rejected)")),
      ] + (options.isEmpty ? [] : [("options", .array(options.map { .string($0) }))]) + [
        ("files", .array(files.map(\.json)))
      ] + (stages.isEmpty ? [] : [("stages", .array(stages.map(\.json)))]))
  }

  /// - Throws: `manifest.invalid` where `value` is none.
  public init(_ value: JSONValue) throws(RecordError) {
    guard value["manifest"]?.integer == 1, let tool = value["tool"]?.string, let files = value["files"]?.array else {
      throw RecordError(StreamFault.manifestInvalid, message: "not a manifest that ils-parse --manifest wrote")
    }
    self.tool = tool
    self.files = []
    options = (value["options"]?.array ?? []).compactMap(\.string)
    for file in files { self.files.append(try File(file)) }
    for stage in value["stages"]?.array ?? [] { stages.append(try Stage(stage)) }
  }

  /// Writes the manifest under `path`, whole or not at all.
  public func write(to path: String) throws(StopError) {
    var buffer = OutputBuffer()
    json.write(to: &buffer)
    buffer.append(UInt8(ascii: "\n"))
    var file = try OutputFile(path)
    try file.write(&buffer)
    try file.close()
  }

  /// Reads the manifest at `path`.
  /// - Throws: `noInput` where there is none: then the parser has not finished.
  public init(reading path: String) throws(StopError) {
    do {
      try self.init(JSONValue(parsing: try readWhole(path)))
    } catch let error as StopError {
      throw error
    } catch {
      let message = (error as? RecordError)?.message ?? "cannot be read"
      throw StopError(.dataError, StreamFault.manifestInvalid, message, at: Position(file: path))
    }
  }
}

extension Manifest.Stage {
  var json: JSONValue {
    let mapping = [("name", mapping.name), ("sha256", mapping.sha256), ("text", mapping.text)]
    return .object([
      ("tool", .string(tool)), ("options", .array(options.map { .string($0) })),
      ("mapping", .object(mapping.map { ($0.0, .string($0.1)) })),
    ])
  }

  init(_ value: JSONValue) throws(RecordError) {
    guard let tool = value["tool"]?.string, let name = value["mapping"]?["name"]?.string,
      let sha256 = value["mapping"]?["sha256"]?.string, let text = value["mapping"]?["text"]?.string
    else {
      throw RecordError(
        StreamFault.manifestInvalid, message: "a stage of the manifest lacks tool, or its mapping name, sha256 or text")
    }
    let options = (value["options"]?.array ?? []).compactMap(\.string)
    self.init(tool: tool, options: options, mapping: (name, sha256, text))
  }
}

extension Manifest.File {
  var json: JSONValue {
    .object([
      ("name", .string(name)),
      ("bytes", .number("\(bytes)")),
      ("sha256", .string(sha256)),
      (
        "tables",
        .array(
          tables.map { table in
            .object(
              (table.sheet.map { [("sheet", .string($0))] } ?? []) + [
                ("rows", .number("\(table.rows)")), ("rejected", .number("\(table.rejected)")),
                ("passedOver", .number("\(table.passedOver)")),
              ])
          })
      ),
      ("decisions", .array(decisions)),
    ])
  }

  init(_ value: JSONValue) throws(RecordError) {
    guard let name = value["name"]?.string, let bytes = value["bytes"]?.integer, let sha256 = value["sha256"]?.string,
      let tables = value["tables"]?.array
    else {
      throw RecordError(
        StreamFault.manifestInvalid, message: "a file of the manifest lacks name, bytes, sha256 or tables")
    }
    self.init(
      name: name, bytes: bytes, sha256: sha256, tables: [], decisions: value["decisions"]?.array ?? [])
    for table in tables {
      guard let rows = table["rows"]?.integer, let rejected = table["rejected"]?.integer else {
        throw RecordError(StreamFault.manifestInvalid, message: "a table of the manifest lacks rows or rejected")
      }
      self.tables.append(
        .init(
          sheet: table["sheet"]?.string, rows: rows, rejected: rejected,
          passedOver: table["passedOver"]?.integer ?? 0))
    }
  }
}

/// All bytes of a small file, such as a mapping, a schema or a manifest.
/// - Parameter limit: a file beyond it is refused (`io.too_large`).
public func readWhole(_ path: String, limit: Int = 16 << 20) throws(StopError) -> [UInt8] {
  var source = try ByteSource(path)
  var all: [UInt8] = []
  let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  defer { block.deallocate() }
  while true {
    let got = try source.read(into: block)
    if got == 0 { return all }
    all.append(contentsOf: block[..<got])
    if all.count > limit {
      throw StopError(.dataError, StreamFault.ioTooLarge, "larger than \(limit >> 20) MiB", at: Position(file: path))
    }
  }
}
