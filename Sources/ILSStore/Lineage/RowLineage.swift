import ILSRecord

/// A row with all that is known of who wrote it: the jobs, which columns each of them set, and whether somebody else has
/// written it since.
public struct RowLineage: Sendable {
  /// A column with its value as its type writes it; nil is null.
  public struct Column: Equatable, Sendable {
    public let name: String
    public let number: Int
    public let type: String
    public let value: String?
    /// What the column has where nothing is given, or how the database makes it; SQL.
    public let defaultValue: String?
    /// The value that the default comes to, as the type writes it, where that is one for all rows.
    public let constantDefault: String?
    /// The database works the value out, whatever anybody writes.
    public let isGenerated: Bool

    init(
      name: String, number: Int, type: String, value: String?, defaultValue: String?, constantDefault: String? = nil,
      isGenerated: Bool = false
    ) {
      (self.name, self.number, self.type, self.value) = (name, number, type, value)
      (self.defaultValue, self.constantDefault, self.isGenerated) = (defaultValue, constantDefault, isGenerated)
    }
  }

  /// Who set a column last, as far as jobs know.
  public struct Setter: Equatable, Sendable {
    /// The job's id; nil where none did.
    public let job: JobID?
    /// What the column held behind that job.
    public let value: String?
    /// The row was written since by something that is no job.
    public let isWrittenSince: Bool
  }

  public let table: TracedTable
  public let id: String
  public let columns: [Column]
  /// All jobs that wrote the row, the latest first.
  public let jobs: [WritingJob]
  /// Who wrote the row is known: the database is the one that the jobs ran in, and has what they kept.
  public let knowsWriters: Bool
  /// When the row was written last, where the server keeps that.
  public let writtenAt: String?
  /// Ids under which sources know the row: names of fields, and their values.
  public let aliases: [(names: [String], values: [String])]
  /// Triggers of the table that may change a row: their names.
  public let triggers: [String]

  let writes: [Write]

  /// One job's write of the row: what it held before of the columns that the job changed; nil for the insert.
  struct Write: Sendable {
    let job: JobID
    let before: [Int: String?]?
    /// Something that is no job has written the row between this write and the next.
    let isFollowedByOthers: Bool
  }

  /// Who set column `column` last.
  public func setter(of column: Column) -> Setter {
    var value = column.value
    var isWrittenSince = false
    for write in writes {
      isWrittenSince = isWrittenSince || write.isFollowedByOthers
      guard let before = write.before else {
        return Setter(job: write.job, value: value, isWrittenSince: isWrittenSince)
      }
      guard let old = before[column.number] else { continue }
      // A table with triggers has images of all columns.
      if old != value { return Setter(job: write.job, value: value, isWrittenSince: isWrittenSince) }
      value = old
    }
    return Setter(job: nil, value: value, isWrittenSince: isWrittenSince)
  }

  /// All values that a column is known to have had.
  public func values(of name: String) -> [String] {
    guard let column = columns.first(where: { $0.name == name }) else { return [] }
    let old = writes.compactMap { $0.before?[column.number] ?? nil }
    return ([column.value] + old).compactMap { $0 }
  }
}

/// A table whose rows are traced.
public struct TracedTable: Sendable {
  public let name: String
  public let schema: String
  let oid: String
  public let id: String
  /// Holds the id of the job that inserted a row.
  public let jobColumn: String?
  /// Its entity's schema: that of its latest job, or the one that is installed.
  public let entity: LoadSchema?

  var sql: String { "\(schema.quotedIdentifier).\(name.quotedIdentifier)" }
}

/// A load job, as far as it concerns one row.
public struct WritingJob: Sendable {
  public let id: JobID
  /// `job`, `startedAt`, `endedAt`, `status`, `source`, `databaseUser`, `osUser`, `host`; and `batch`, where it is known:
  /// `number`, `part`, `endedAt`, and `records`, the first and last of the job's input.
  public let json: JSONValue
  public let source: String?
  /// What the end of the pipe was told of its start; nil where it was told nothing.
  public let manifest: JSONValue?
  public let entity: LoadSchema?
  /// It made the row, and did not only change it.
  public let isInserter: Bool
  /// Several of its records may have given values to one row; else the row was made of one.
  public let updates: Bool
}
