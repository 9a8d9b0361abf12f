/// Where a record stands in its source.
public struct Position: Equatable, Sendable {
  /// The input's name, where there are several or the source is named.
  public var file: String?
  public var sheet: String?
  /// The record's number as a spreadsheet counts it (header = 1), or the input line where a record has no `_row`.
  public var row: Int?

  public init(file: String? = nil, sheet: String? = nil, row: Int? = nil) {
    self.file = file
    self.sheet = sheet
    self.row = row
  }
}

/// One thing that is wrong with one record: the record is rejected, the stage goes on.
///
/// `message` never holds patient data; a value that would help goes into `value`, which only `--show-values` prints.
public struct RecordError: Error, Equatable, Sendable {
  /// Stable and documented, such as `csv.ragged` or `date.unreadable`.
  public var code: String
  /// The field, by the name that the stage knows it by; nil where the whole record is meant.
  public var field: String?
  /// A sentence for people, with how to mend it.
  public var message: String
  public var value: String?
  /// Who the record may be; nil where that is not the question.
  public var candidates: Candidates?

  public init(
    code: String, field: String? = nil, message: String, value: String? = nil, candidates: Candidates? = nil
  ) {
    self.code = code
    self.field = field
    self.message = message
    self.value = value
    self.candidates = candidates
  }

  /// Rows that a record may be, and the names of fields that agree and differ.
  public struct Candidates: Equatable, Sendable {
    public var rows: [String]
    public var agreed: [String]
    public var differed: [String]

    public init(rows: [String], agreed: [String], differed: [String]) {
      (self.rows, self.agreed, self.differed) = (rows, agreed, differed)
    }

    /// The fields that agree and those that differ, for the end of a message; never a value.
    public var evidence: String {
      (agreed.isEmpty ? "" : "; agree: \(agreed.joined(separator: ", "))")
        + (differed.isEmpty ? "" : "; differ: \(differed.joined(separator: ", "))")
    }
  }
}

/// Every reason why one record was refused.
public struct Rejection: Error, Equatable, Sendable {
  public var errors: [RecordError]

  public init(_ errors: [RecordError]) { self.errors = errors }
  public init(_ error: RecordError) { errors = [error] }
}

/// How a tool ends: 0 and 1 for finished work, the names and numbers of sysexits(3) for the rest.
public enum ExitStatus: Int32, Sendable {
  case success = 0
  /// Finished, and some records were rejected.
  case rejected = 1
  case usage = 64
  /// The data cannot be read.
  case dataError = 65
  case noInput = 66
  /// The database is away.
  case unavailable = 69
  case software = 70
  case cannotCreate = 73
  case ioError = 74
  /// Try again.
  case temporaryFailure = 75
  case noPermission = 77
  /// A bad mapping or schema.
  case configuration = 78
}

/// What stops a stage altogether.
public struct StopError: Error, Equatable, Sendable {
  public var status: ExitStatus
  public var code: String
  public var message: String
  public var position: Position

  public init(_ status: ExitStatus, code: String, _ message: String, at position: Position = Position()) {
    self.status = status
    self.code = code
    self.message = message
    self.position = position
  }
}

/// Something to tell a person. Diagnostics go to stderr and never hold patient data outside `value`.
public struct Diagnostic: Equatable, Sendable {
  public enum Severity: Int, Sendable, Comparable {
    case error, warning, info, debug
    public static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
  }

  public var severity: Severity
  public var code: String
  public var message: String
  public var field: String?
  public var position: Position
  public var value: String?

  public init(
    _ severity: Severity, code: String, _ message: String, field: String? = nil, at position: Position = Position(),
    value: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.field = field
    self.position = position
    self.value = value
  }
}
