import CLibPQ

/// What a query answered. Values are text, and are found by the name of their column.
final class Rows: RandomAccessCollection {
  private let result: OpaquePointer

  init(_ result: OpaquePointer) { self.result = result }

  deinit { PQclear(result) }

  var startIndex: Int { 0 }
  var endIndex: Int { Int(PQntuples(result)) }

  subscript(row: Int) -> Row { Row(rows: self, number: row) }

  /// What was done, as the server says it: `COMMIT`, `ROLLBACK`.
  var command: String { String(cString: PQcmdStatus(result)) }

  /// The number of rows that an INSERT, UPDATE or DELETE touched.
  var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

  fileprivate func value(_ row: Int, _ name: String) -> String? {
    let column = PQfnumber(result, name)
    precondition(column >= 0, "the statement answers no column \(name)")
    return PQgetisnull(result, Int32(row), column) == 1
      ? nil : String(cString: PQgetvalue(result, Int32(row), column))
  }
}

/// One row of what a query answered.
struct Row {
  fileprivate let rows: Rows
  fileprivate let number: Int

  /// The value of a column; nil for null.
  subscript(name: String) -> String? { rows.value(number, name) }

  /// The same for a column that holds no null.
  func text(_ name: String) -> String { self[name] ?? "" }

  /// A whole number; 0 for null.
  func integer(_ name: String) -> Int { self[name].flatMap { Int($0) } ?? 0 }

  func isTrue(_ name: String) -> Bool { self[name] == "t" }
}
