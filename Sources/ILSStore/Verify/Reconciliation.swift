import ILSRecord

/// Compares records with the rows that they came to: the rules that decide which row a record is are those of the loader.
///
/// Records are staged and matched in batches, as for a load; what is kept of them waits in a temporary table, which goes
/// with the transaction. So memory does not grow with their number, and all is compared with one state of the database.
public final class Reconciliation: Stage {
  private let verification: Verification
  private let scope: VerifyScope
  private let sql: BatchSQL
  private let layout: Batch.Layout
  private let matcher: Matcher
  private let source: String?
  private let showsValues: Bool
  private var batch = Batch()
  private var fields: [Int] = []
  private var shape = -1
  /// Records that were read, and those of them that no column takes as they are.
  public private(set) var read = 0
  public private(set) var refused = 0
  /// Fields that no column takes.
  private var unloaded: Set<String> = []

  private var connection: Connection { verification.connection }
  private static var batchSize: Int { 10_000 }
  private static var byteLimit: Int { 8 << 20 }

  /// - Parameters:
  ///   - source: the import source of records that name none, and the one whose rows are looked at.
  ///   - showsValues: checks hold values.
  public init(
    _ schema: LoadSchema, _ verification: Verification, source: String?, showsValues: Bool
  ) throws(StopError) {
    self.verification = verification
    (self.source, self.showsValues) = (source, showsValues)
    let connection = verification.connection
    let table = try TargetTable(schema, connection, isWritten: false)
    scope = VerifyScope(table: table, source: source)
    var options = JobOptions()
    options.source = source
    sql = BatchSQL(table, options, Job(existing: JobID.make(), connection))
    let names = sql.stagedFields
    let stand = source == nil ? nil : schema.sourceField.flatMap { names.firstIndex(of: $0) }
    layout = Batch.Layout(names: names, stand: stand.map { ($0, source ?? "") }, checks: sql.checks, clears: sql.clears)
    let match = MatchSQL(IdentityTerms(table))
    matcher = Matcher(match, .skip, KeyRing(match), isThorough: false)
    do throws(DatabaseError) {
      // The last of what a loader's session needs is its staging table.
      for statement in sql.setup(options).connection { try connection.run(statement) }
      try connection.run(SourceTable(scope.table).create)
    } catch {
      throw error.stop("making a temporary table for the records")
    }
  }

  // MARK: - Records

  public func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    read += 1
    if record.shape.id != shape { choose(record, &emit) }
    do throws(RecordError) {
      try batch.stage(record, read, fields, layout, probes: NewcomerFilter.all)
    } catch {
      refused += 1
      throw .reject(Rejection(error))
    }
    if batch.count >= Self.batchSize || batch.byteCount >= Self.byteLimit { try settle() }
  }

  private func choose(_ record: Record, _ emit: inout Emitter) {
    shape = record.shape.id
    fields = layout.places(in: record.shape)
    let unknown = record.shape.names.filter {
      !$0.hasPrefix("_") && !layout.names.contains($0) && !unloaded.contains($0)
    }
    guard !unknown.isEmpty, unloaded.count < 4096 else { return }
    unloaded.formUnion(unknown)
    emit.tell(
      Diagnostic(
        .warning, RefusalFault.loadNoColumn,
        "no column takes these fields, they are not compared: \(unknown.joined(separator: ", "))"))
  }

  public func finish(emit: inout Emitter) throws(StageError) { try settle() }

  private func settle() throws(StageError) {
    guard batch.count > 0 else { return }
    defer { batch.removeAll() }
    do throws(DatabaseError) {
      // Where the table was made, it is emptied in place.
      try connection.run("TRUNCATE ils_stage; SAVEPOINT batch")
      try send()
      do throws(DatabaseError) {
        try match()
      } catch {
        // Some value is none of its column's type: which, is found by trying each.
        guard error.isAboutRecord else { throw error }
        try connection.run("ROLLBACK TO SAVEPOINT batch")
        try send()
        for statement in sql.probeCasts { try connection.run(statement) }
        try match()
      }
      try connection.run("RELEASE SAVEPOINT batch")
    } catch {
      throw .stop(error.stop("comparing records with the table"))
    }
  }

  private func send() throws(DatabaseError) {
    try connection.startCopy(sql.copyStage)
    Batch.header.withUnsafeBytes { connection.putCopy($0) }
    connection.putCopy(batch.stagedRows(0..<batch.count))
    Batch.trailer.withUnsafeBytes { connection.putCopy($0) }
    try connection.endCopy()
  }

  /// Finds each record's row, and keeps what is compared later.
  private func match() throws(DatabaseError) {
    let staged = SourceTable(scope.table)
    for statement in sql.begin + [staged.forgetNew] { try connection.run(statement) }
    try matcher.begin(connection)
    var open = try staged.open(connection)
    while open > 0 {
      try matcher.round(connection, guarding: nil)
      let left = try staged.open(connection)
      guard left < open else { break }
      open = left
    }
    try connection.run(staged.keep)
  }

  // MARK: - What they come to

  /// Compares all that was read, and adds what that found to the checks.
  /// - Parameter unread: how many lines there were beside, which are no records.
  public func compare(unread: Int) throws(StopError) {
    do throws(DatabaseError) {
      let comparison = try SourceComparison(verification, scope)
      try comparison.compareRecords(read: read, refused: refused)
      comparison.tellUncompared(lines: unread, fields: unloaded.sorted())
      try FieldComparison(verification, scope, comparison.writers, showsValues: showsValues).compare()
    } catch {
      throw error.stop("comparing the source with the table")
    }
  }
}
