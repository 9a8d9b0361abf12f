import ILSMapping
import ILSRecord
import ILSStore

/// Where the value of one column of one row comes from.
public struct FieldAnswer {
  public enum Verdict: String, Sendable {
    /// The pipe makes this value of the record.
    case loaded
    /// Another value than the job loaded, and the row was written since by something that is no job.
    case edited
    /// Another value than the record came to, and nobody has written the row since: a trigger of the table made it.
    case trigger
    /// Another value than the record comes to, for no reason that is known here.
    case unexplained
    /// A value that every row of the job has.
    case constant
    /// The record has none: the column's default, or what the database makes.
    case fallback = "default"
    /// The toolkit's own: the job's id, the time of the update.
    case mark
    /// The id of the row that a field of the record names.
    case reference
    /// No job set it.
    case noJob = "no_job"
    /// Sources were given, and none is the job's.
    case otherSource = "other_source"
    /// No source was given.
    case notGiven = "not_given"
    /// No record of the sources has a key of the row.
    case notFound = "not_found"
    /// Several records have its key, and they come to different values.
    case ambiguous

    /// The question is left open.
    var isOpen: Bool { [.unexplained, .otherSource, .notGiven, .notFound, .ambiguous].contains(self) }
  }

  public let table: String
  public let id: String
  public let column: RowLineage.Column
  /// The field of the entity that goes to the column.
  public var field: String?
  public var verdict: Verdict
  /// One sentence, for people.
  public var says: String
  public var job: WritingJob?
  /// What the pipe makes of the record, as the column holds it; where that is another value.
  public var loaded: String??
  /// Through the stages of the pipe, the first first.
  public var traces: [FieldTrace] = []
  var found: JobReplay.Found?
  var places: [CellPlace] = []
  /// Other records with the row's key: their places, and what became of them.
  var others: [(position: Position, file: String, became: String)] = []

  init(_ row: RowLineage, _ column: RowLineage.Column, field: String?, _ verdict: Verdict, _ says: String) {
    (table, id, self.column, self.field, self.verdict) = (row.table.name, row.id, column, field, verdict)
    self.says = says
  }

  public var isOpen: Bool { verdict.isOpen }

  // MARK: - As JSON

  public var json: JSONValue {
    var members: [(name: String, value: JSONValue)] = [
      ("table", .string(table)), ("id", .string(id)), ("column", .string(column.name)),
    ]
    if let field { members.append(("field", .string(field))) }
    members += [
      ("value", Self.text(column.value)), ("verdict", .string(verdict.rawValue)), ("says", .string(says)),
    ]
    if let loaded { members.append(("loaded", Self.text(loaded))) }
    if let job { members.append(("job", job.json)) }
    if !traces.isEmpty { members.append(("mapping", .array(traces.map(\.json)))) }
    if let found { members.append(("source", source(found))) }
    if !others.isEmpty { members.append(("others", .array(others.map(Self.other)))) }
    return .object(members)
  }

  private func source(_ found: JobReplay.Found) -> JSONValue {
    var members: [(name: String, value: JSONValue)] = [
      ("file", .string(found.source.path)), ("loadedAs", .string(found.source.name)),
      ("sha256", Self.text(found.source.sha256)), ("isTheLoaded", found.source.isSame ? .boolean(true) : .null),
    ]
    if let sheet = sheet(found) { members.append(("sheet", .string(sheet))) }
    if let row = found.position.row { members.append(("row", .number("\(row)"))) }
    members.append(("cells", .array(places.map(\.json))))
    members.append(("record", (try? JSONValue(parsing: found.stages[0])) ?? .null))
    return .object(members)
  }

  func sheet(_ found: JobReplay.Found) -> String? {
    if case .workbook(let sheet, _) = found.layout { return sheet }
    return nil
  }

  private static func other(_ other: (position: Position, file: String, became: String)) -> JSONValue {
    var members: [(name: String, value: JSONValue)] = [("file", .string(other.file))]
    if let sheet = other.position.sheet { members.append(("sheet", .string(sheet))) }
    if let row = other.position.row { members.append(("row", .number("\(row)"))) }
    return .object(members + [("became", .string(other.became))])
  }

  private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}

extension FieldTrace {
  var json: JSONValue {
    func value(_ value: FieldTrace.Value) -> JSONValue {
      value.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null
    }
    func step(_ step: Step) -> JSONValue {
      var members: [(name: String, value: JSONValue)] = [
        ("transform", (try? JSONValue(parsing: Array(step.label.utf8))) ?? .string(step.label)),
        ("in", value(step.before)),
      ]
      if let refusal = step.refusal {
        members.append(("refused", .string(refusal)))
      } else {
        members.append(("out", value(step.after)))
      }
      return .object(members)
    }
    return .object([
      ("sources", .object(sources.map { ($0.name, value($0.value)) })), ("steps", .array(steps.map(step))),
      ("outcome", value(outcome)),
    ])
  }
}
