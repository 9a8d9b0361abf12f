import Glibc
import ILSCommand
import ILSMending
import ILSRecord
import ILSStream

/// Refused records go to a spreadsheet, people mend them there, and they come back as a job of their own.
public struct Mending {
  private let folder: String
  private let plan: MigrationPlan

  /// - Parameter folder: that of a run.
  /// - Throws: `noInput` or `dataError` where it is none.
  public init(folder: String) throws(StopError) {
    self.folder = folder
    plan = try MigrationFolder.plan(in: folder)
  }

  /// Writes what the run refused to a table.
  /// - Parameter advice: how a code is mended.
  public func write(to path: String, stage: String?, advice: (String) -> String?) throws(StopError) {
    _ = try RejectTables.Kind(of: path)
    let tables = try RejectTables(folder: folder, schema: try schema(), stage: stage)
    try tables.write(to: path, advice: advice)
    print(
      "\(tables.count) refused record\(tables.count == 1 ? " is" : "s are") in \(path); mended, \(tables.count == 1 ? "it goes" : "they go") in by: ils-migrate mended \(folder.shellQuoted) \(path.shellQuoted)"
    )
  }

  /// Loads what came back of a table.
  public func load(
    _ table: String, database: String?, keep: String?, job: () -> String, _ diagnostics: DiagnosticWriter
  ) throws(StopError) -> ExitStatusCode {
    guard plan.job != nil, !plan.isAtomic else {
      throw StopError(
        .usage, MendFault.mendRun,
        "that run loads all records or none: run it with --continue-on-error, which loads the good ones, and mend what is left",
        at: Position(file: folder))
    }
    try Descriptor.check([table])
    umask(0o077)
    var time = time_t()
    Glibc.time(&time)
    let tables = try RejectTables(folder: folder, schema: try schema())
    let made = try MigrationFolder(new: keep, entity: plan.entity, at: time).path
    let records = try records(of: table, tables, in: made, diagnostics)
    let again = plan.mended(file: table, folder: made, job: job(), records: records)
    return try MigrationRun(again, database: database, diagnostics).run().status
  }

  /// The records of the table, as files in the folder `made`.
  private func records(
    of table: String, _ tables: RejectTables, in made: String, _ diagnostics: DiagnosticWriter
  ) throws(StopError) -> (map: String?, validate: String?, count: Int) {
    let read = "\(made)/table.ndjson"
    let kind = try RejectTables.Kind(of: table)
    let status = try StagePipe.runAlone(
      ["ils-parse", "--header-row", "1", "--fail-fast"] + (kind == .xlsx ? ["--all-sheets"] : []) + ["--", table],
      environment: [:], output: read)
    guard status == 0 else {
      throw StopError(
        .dataError, MendFault.mendTable, "could not be read, and nothing was loaded", at: Position(file: table))
    }
    var mended = try MendedRecords(of: tables, file: table)
    var columns = try MendedFile("\(made)/mended.columns.ndjson")
    var fields = try MendedFile("\(made)/mended.fields.ndjson")
    var reader = LineReader(try ByteSource(read))
    reading: while true {
      switch reader.next() {
      case .line(let line):
        guard let row = try? JSONValue(parsing: Array(line.bytes)), let (stage, record) = try mended.take(row) else {
          continue
        }
        if stage == StageName.map.rawValue { try columns.write(record) } else { try fields.write(record) }
      case .tooLong: continue
      case .needsInput: try reader.fill()
      case .end: break reading
      }
    }
    try mended.finish()
    tell(mended, diagnostics)
    guard columns.count + fields.count > 0 else {
      throw StopError(.dataError, MendFault.mendNothing, "no record came back", at: Position(file: table))
    }
    return (try columns.close(), try fields.close(), columns.count + fields.count)
  }

  private func tell(_ mended: MendedRecords, _ diagnostics: DiagnosticWriter) {
    let columns = mended.changes.map { "\($0.count) in \($0.column)" }.joined(separator: ", ")
    diagnostics.write(
      Diagnostic(
        .info, MendFault.mendChanged,
        "\(mended.changed) record\(mended.changed == 1 ? " was" : "s were") changed\(columns.isEmpty ? "" : ": \(columns)")"
      ))
    if mended.leftOut > 0 {
      diagnostics.write(
        Diagnostic(
          .warning, MendFault.mendLeftOut, "\(mended.leftOut) refused records are not in the table: they stay refused"))
    }
  }

  /// The schema of the entity that the run loads.
  private func schema() throws(StopError) -> JSONValue {
    let arguments = plan.stages.first { $0.name == .validate }?.arguments ?? []
    let option = "--schema="
    if let given = arguments.last(where: { $0.hasPrefix(option) }) {
      return try DataFiles.json(at: String(given.dropFirst(option.count)))
    }
    return try DataFiles.entity(plan.entity)
  }
}

/// Records that go to one stage.
private struct MendedFile: ~Copyable {
  private let path: String
  private var file: OutputFile
  private var buffer = OutputBuffer()
  private(set) var count = 0

  init(_ path: String) throws(StopError) {
    self.path = path
    file = try OutputFile(path)
  }

  mutating func write(_ record: JSONValue) throws(StopError) {
    count += 1
    record.write(to: &buffer)
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count > 1 << 16 { try file.write(&buffer) }
  }

  /// - Returns: where they are; nil where there are none.
  mutating func close() throws(StopError) -> String? {
    try file.write(&buffer)
    try file.close()
    return count > 0 ? path : nil
  }
}
