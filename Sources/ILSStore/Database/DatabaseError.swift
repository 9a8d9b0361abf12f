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

  /// The data is at fault, not the statement or the server: class 22, 23, or raised by a trigger.
  var isAboutData: Bool { state.hasPrefix("22") || state.hasPrefix("23") || state == "P0001" }

  /// The connection is gone, or about to go, or cannot be made just now.
  var isLost: Bool {
    isDisconnected || state.hasPrefix("57P") || state.hasPrefix("08") || state == "53300"
  }

  /// Two loaders met, or a lock was waited for in vain: the same again may succeed.
  var isCollision: Bool { state.hasPrefix("40") || state == "23505" || state == "55P03" }

  /// Two loaders met, or the server is about to stop: the same again may succeed.
  var isTransient: Bool {
    isDisconnected || state.hasPrefix("40") || state.hasPrefix("57P") || state.hasPrefix("08") || state == "55P03"
      || state.hasPrefix("53")
  }

  /// What the state means, with the names that help to find it.
  var explanation: String {
    let meaning =
      switch state {
      case "23505": "another row has the same unique value"
      case "23502": "a value is required"
      case "23503": "it points at a row that is not there"
      case "23514": "a check of the table forbids it"
      case "22001": "a value is too long for its column"
      case "22007", "22008": "a date or time cannot be read or is out of range"
      case "22P02": "a value does not fit its column's type"
      case "22021": "a value holds a character that the database cannot store"
      case "P0001": "a trigger refuses it"
      default: "SQLSTATE \(state)"
      }
    let names = [("table", table), ("column", column), ("constraint", constraint)]
      .compactMap { kind, name in name.map { "\(kind) \($0)" } }
    return "the database refuses it: \(meaning)" + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
  }
}

extension DatabaseError {
  /// The error as one that ends the run.
  func stop(_ doing: String) -> StopError {
    if isTransient {
      return StopError(.unavailable, code: "db.lost", "the database went away while \(doing) [\(state)]")
    }
    switch state {
    case "42501": return StopError(.noPermission, code: "db.permission", "no permission while \(doing): \(explanation)")
    case "3F000", "42P01":
      return StopError(
        .configuration, code: "db.not_ready",
        "a table is missing while \(doing): make the toolkit's with ils-load --init, and the targets with scripts/schema.sql"
      )
    default: return StopError(.dataError, code: "db.error", "\(explanation), while \(doing) [\(state)]")
    }
  }
}
