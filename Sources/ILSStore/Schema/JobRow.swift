import ILSRecord

/// A row that an application keeps of each of its imports, which the job's column of the loaded rows points at (`x-ils.job`).
///
/// It is made with the job, has the job's id, and goes with the last of the job's rows.
struct JobRow: Sendable {
  let table: String
  let id: String
  /// Columns that have the same value in each such row, and those that take one of the load's.
  private let values: [(column: String, value: String)]
  private let borrowed: [(column: String, from: String)]

  /// Nil where a schema's `job` is no more than the name of a column.
  /// - Parameter constants: what the load puts into every row, and behind the table's name and a point into this one.
  init?(
    _ job: JSONValue?, _ constants: [(column: String, value: String)], _ fault: (String) -> StopError
  ) throws(StopError) {
    guard let job, job.members != nil else { return nil }
    guard job["column"]?.string != nil, let table = job["table"]?.string else {
      throw fault("needs column, and table: whose rows the column points at")
    }
    self.table = table
    id = job["id"]?.string ?? "id"
    var values = (job["set"]?.members ?? []).map { (column: $0.name, value: $0.value.string ?? $0.value.text) }
    var borrowed: [(column: String, from: String)] = []
    for (column, from) in job["from"]?.members ?? [] {
      guard let name = from.string else { throw fault("takes names under from") }
      if Self.ofJob.contains(name) {
        borrowed.append((column, name))
      } else if let constant = constants.first(where: { $0.column == name }) {
        values.append((column, constant.value))
      } else {
        // Only a load must know it: a schema that is read for another reason need not.
        borrowed.append((column, name))
      }
    }
    for (name, value) in constants where name.hasPrefix(table + ".") {
      let column = String(name.dropFirst(table.count + 1))
      values.removeAll { $0.column == column }
      borrowed.removeAll { $0.column == column }
      values.append((column, value))
    }
    (self.values, self.borrowed) = (values, borrowed)
  }

  private static let ofJob: Set = ["job", "source", "entity"]

  /// - Throws: `usage` where the load was not given what the row takes of it.
  func check() throws(StopError) {
    guard let (column, from) = borrowed.first(where: { !Self.ofJob.contains($0.from) }) else { return }
    throw StopError(
      .usage, UsageFault.usage,
      "column \(column) of \(table), where the application lists its imports, takes what --set \(from)=VALUE says: give it"
    )
  }

  /// Makes the row, unless it is there.
  func making(_ job: JobID, source: String?, entity: String) -> Question {
    let taken = borrowed.compactMap { column, from -> (column: String, value: String?)? in
      switch from {
      case "job": (column, job.text)
      case "entity": (column, entity)
      case "source": (column, source)
      default: nil
      }
    }
    var all: [(column: String, value: String?)] = [(id, job.text)]
    all += values.map { (column: $0.column, value: $0.value) }
    all += taken
    return Question(
      """
      INSERT INTO \(table.quotedIdentifier) (\(all.map(\.column.quotedIdentifier).joined(separator: ", ")))
      VALUES (\(all.map { $0.value.map(\.quotedLiteral) ?? "NULL" }.joined(separator: ", ")))
      ON CONFLICT (\(id.quotedIdentifier)) DO NOTHING
      """, [])
  }

  /// Takes the row away once none of `table` has the job's id any more.
  func removing(_ job: JobID, from target: String, jobColumn: String) -> String {
    """
    DELETE FROM \(table.quotedIdentifier) j WHERE j.\(id.quotedIdentifier) = \(job.quotedLiteral)
      AND NOT EXISTS (SELECT FROM \(target) t WHERE t.\(jobColumn.quotedIdentifier) = \(job.quotedLiteral))
    """
  }
}
