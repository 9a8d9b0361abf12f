import ILSRecord

/// A row that an application keeps of each of its imports, which the job's column of the loaded rows points at (`x-ils.job`).
///
/// It is made with the job, has the job's id, and goes with the last of the job's rows.
struct JobRow: Sendable {
  let table: String
  let id: String
  /// Columns that have the same value in each such row, and those that take one of the load's.
  let values: [(column: String, value: String)]
  let borrowed: [(column: String, from: String)]
  /// Columns that take what became of the job, once it ends.
  let ends: [(column: String, from: String)]

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
    ends = try (job["end"]?.members ?? []).map { column, from throws(StopError) in
      guard let name = from.string, Self.ofEnd.contains(name) else {
        throw fault("takes status, endedAt, progress under end")
      }
      return (column, name)
    }
  }

  /// What a row may take of a job that ends.
  private static let ofEnd: Set = ["status", "endedAt", "progress"]

  private static let ofJob: Set = ["job", "source", "entity"]

  /// - Throws: `usage` where the load was not given what the row takes of it.
  func check() throws(StopError) {
    guard let (column, from) = borrowed.first(where: { !Self.ofJob.contains($0.from) }) else { return }
    throw StopError(
      .usage, UsageFault.usage,
      "column \(column) of \(table), where the application lists its imports, takes what --set \(from)=VALUE says: give it"
    )
  }
}
