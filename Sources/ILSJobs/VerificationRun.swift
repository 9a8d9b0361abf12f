import Glibc
import ILSCommand
import ILSRecord
import ILSStore

/// What ils-verify looks at: records beside their table, or all tables that are there.
public enum VerificationRun {
  /// Stdin, where somebody pipes records into it or gives a file; not a terminal, nor /dev/null.
  public static var pipedInput: [String]? {
    var status = stat()
    guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT != S_IFCHR else { return nil }
    return ["-"]
  }

  /// Compares the records of `inputs` with the rows that they came to.
  /// - Parameter isAsked: the inputs were named, and not found to be there.
  /// - Throws: `noInput` where none comes on the standard input all the same.
  public static func compare(
    _ inputs: [String], isAsked: Bool, _ reconciliation: Reconciliation, _ entity: LoadSchema, _ run: inout Pump
  ) throws(StopError) -> Digested.Sum {
    var stage = Digested(reconciliation)
    try run.pump(inputs, through: &stage)
    let sum = stage.sum()
    // A pipe whose other end died must not look like a source with nothing in it.
    guard sum.records > 0 || isAsked else {
      throw StopError(
        .noInput, VerifyFault.noRecords,
        "no record came on the standard input; to check the table alone: ils-verify \(entity.entity) < /dev/null")
    }
    try reconciliation.compare(unread: run.emitter.rejected - reconciliation.refused)
    return sum
  }

  /// Checks all entities whose tables are there: those that are installed, and those that jobs have loaded.
  /// - Throws: `configuration` where there is none.
  public static func checkAll(_ verification: Verification) throws(StopError) {
    try DataFiles.checkSet()
    var entities: [LoadSchema] = []
    for name in DataFiles.names(.entities) { entities.append(try LoadSchema.entity(name)) }
    // Where jobs have loaded a table by another entity than the installed one, it is theirs.
    let loaded = try verification.loaded()
    entities.removeAll { own in loaded.contains { $0.table == own.table && $0.entity != own.entity } }
    entities += loaded
    var seen: Set<String> = []
    for entity in entities where !seen.contains(entity.table) {
      guard try verification.hasTable(entity) else { continue }
      seen.insert(entity.table)
      try verification.check(entity, isWhole: true)
    }
    guard seen.isEmpty else { return }
    let tables = entities.map(\.table).joined(separator: ", ")
    throw StopError(
      .configuration, DatabaseFault.dbNoTable,
      "the database has no table of an entity (\(tables)): name yours with --schema")
  }
}
