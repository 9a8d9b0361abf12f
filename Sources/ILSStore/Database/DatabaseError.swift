import ILSRecord

/// An error that the database answered with, stripped of everything that may hold patient data.
///
/// PostgreSQL puts values into its messages and details: `text` is for `--show-values` alone.
struct DatabaseError: Error, Equatable, Sendable {
  /// SQLSTATE (PostgreSQL, appendix A).
  let state: String
  let table: String?
  let column: String?
  let constraint: String?
  let text: String
  /// The connection is gone, not just the statement.
  let isDisconnected: Bool

  /// States that are about the session, the server or others who are at work, as a regular expression: connections, lock
  /// time-outs, transactions, roles, resources, operators, the system, and what this toolkit raises itself.
  static let sessionStates = "^(08|25|28|40|53|57|58|F0|XX|IL|55P03|3D|3B|0B)"

  private static let sessionPrefixes = sessionStates.dropFirst(2).dropLast().split(separator: "|")

  /// Whatever else goes wrong concerns the record that it went wrong with: triggers may raise any state.
  var isAboutRecord: Bool { !isDisconnected && !Self.sessionPrefixes.contains { state.hasPrefix($0) } }

  /// The connection is gone, or about to go, or cannot be made just now.
  var isLost: Bool { isDisconnected || state.hasPrefix("57P") || state.hasPrefix("08") || state == "53300" }

  /// Two loaders met: the same again may succeed.
  var isCollision: Bool { state.hasPrefix("40") || state == "23505" }

  /// A lock was waited for in vain.
  var isLockTimeout: Bool { state == "55P03" }

  /// A statement left out rows that it was given, or all records are refused for one reason.
  static let rowsLeftOut = "RL001"
  static let rowsRekeyed = "RL002"
  static let everyRecord = "ILS02"

  init(
    state: String, table: String? = nil, column: String? = nil, constraint: String? = nil, text: String = "",
    isDisconnected: Bool = false
  ) {
    (self.state, self.table, self.column, self.constraint) = (state, table, column, constraint)
    (self.text, self.isDisconnected) = (text, isDisconnected)
  }

  /// The code of a record that is refused with it.
  var recordCode: String { Self.ownCodes[state]?.rawValue ?? Self.codePrefix + state }

  private static let ownCodes: [String: RefusalFault] = [rowsLeftOut: .rowLeftOut, rowsRekeyed: .rowRekeyed]

  /// The SQLSTATE in the code of a refused record; nil where it was not the database that refused it.
  static func state(of code: String) -> String? {
    if let own = ownCodes.first(where: { $0.value.rawValue == code }) { return own.key }
    return code.hasPrefix(codePrefix) ? String(code.dropFirst(codePrefix.count)) : nil
  }

  private static let codePrefix = "db."

  /// What the state means, with the names that help to find it.
  var explanation: String { explanation(meaning) }

  /// The same with other words for what it means.
  func explanation(_ meaning: String) -> String {
    let names = [("table", table), ("column", column), ("constraint", constraint)]
      .compactMap { kind, name in name.map { "\(kind) \($0)" } }
    return "the database refuses it: \(meaning)" + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
  }

  private var meaning: String {
    switch state {
    case "23505": "another row has the same unique value"
    case "23502": "a value is required"
    case "23503": "it points at a row that is not there"
    case "23514": "a check of the table forbids it"
    case "23P01": "another row excludes it"
    case "22001": "a value is too long for its column"
    case "22003": "a number is out of its column's range"
    case "22007", "22008": "a date or time cannot be read or is out of range"
    case "22026": "a bit string has another length than its column"
    case "22P02", "22P03": "a value does not fit its column's type"
    case "22021", "22P05": "a value holds a character that the database cannot store"
    case "22030", "22032": "a value is no JSON that the database takes"
    case "42501": "a policy of the table, or a right that is missing, forbids it"
    case "428C9": "a column that the database fills itself was given a value"
    case "54000": "a value is too large for an index"
    case "P0001": "a trigger refuses it"
    case Self.rowsLeftOut: "a trigger or rule of the table leaves it out"
    case Self.rowsRekeyed:
      "a trigger or rule changes what it is known by, or takes its row away: it would not be found again; map it to what the table "
        + "keeps"
    case "42601": "a trigger or function of the table holds SQL that cannot be read: mend it"
    case "42702", "42703", "42704", "42725", "42804", "42809", "42846", "42883", "42P01", "42P02":
      "a trigger or function of the table names something that is not there, or is of another kind: mend it"
    case "55000": "the table, or what a trigger or function of it uses, is not ready for it"
    default: "a trigger or function of the table raises an error of its own, SQLSTATE \(state)"
    }
  }
}

extension DatabaseError {
  /// The error as one that ends the run.
  func stop(_ doing: String) -> StopError {
    func stop(_ status: ExitStatus, _ fault: DatabaseFault, _ what: String) -> StopError {
      StopError(status, fault, "\(what), while \(doing) [\(state)]")
    }
    if isLost {
      return StopError(.unavailable, DatabaseFault.dbLost, "the database went away while \(doing) [\(state)]")
    }
    if isLockTimeout {
      return stop(
        .temporaryFailure, .dbLocked,
        "a lock was waited for in vain: another session holds rows or the table (pg_stat_activity names those that are "
          + "idle in transaction); end it, or wait longer with --lock-timeout")
    }
    switch (state.prefix(2), state) {
    case ("40", _): return stop(.temporaryFailure, .dbCollision, "others change the same rows at the same time")
    case (_, "57014"):
      return stop(
        .temporaryFailure, .dbCancelled, "an administrator or a time limit of the server cancelled a statement")
    case ("53", _): return stop(.unavailable, .dbResources, "the server has no disk, memory or connections left")
    case (_, "25006"):
      return stop(
        .configuration, .dbReadOnly, "the database is read-only: a standby, or default_transaction_read_only")
    case (_, "42501"):
      // The server's words and the toolkit's own name a table, a function or a job; those of a trigger may hold a value.
      let isNamed = text.hasPrefix("permission denied") || text.hasPrefix("the job")
      return StopError(
        .noPermission, DatabaseFault.dbPermission,
        "no permission while \(doing): \(isNamed ? text : meaning) (scripts/roles.sql grants all that the tools need)")
    case (_, "3F000"), (_, "42P01"):
      return StopError(
        .configuration, DatabaseFault.dbNotReady,
        "a table is missing while \(doing): make the toolkit's with ils-load --init, and the targets with scripts/schema.sql"
      )
    case ("42", _):
      return stop(
        .dataError, .dbError,
        "the database does not take the toolkit's own statement: bring its tables up to date with ils-load --init, or report "
          + "it with the server's version")
    default: return stop(.dataError, .dbError, explanation)
    }
  }
}
