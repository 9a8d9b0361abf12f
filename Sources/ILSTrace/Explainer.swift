import ILSCommand
import ILSMapping
import ILSRecord
import ILSStore
import ILSStream

/// Tells of a row's values where they come from: who wrote them, by what the database has, and from what, by running the
/// pipe over the sources again.
public struct Explainer {
  private let catalogue: LineageCatalogue
  private let request: TraceRequest
  /// What was noticed on the way, once each.
  public private(set) var notes: [Diagnostic] = []

  public init(_ catalogue: LineageCatalogue, _ request: TraceRequest) {
    (self.catalogue, self.request) = (catalogue, request)
  }

  /// One answer a column, or the one of `field`.
  public mutating func answers(
    _ table: TracedTable, key: String, field: String?
  ) throws(StopError) -> [FieldAnswer] {
    let id = try catalogue.find(key, in: table)
    let wanted = try field.map { name throws(StopError) in try catalogue.column(name, of: table) }
    let row = try catalogue.lineage(of: id, in: table)
    let columns = row.columns.filter { wanted == nil || $0.name == wanted }
    if columns.isEmpty {
      throw StopError(
        .noPermission, LineageFault.rowUnknown, "this role may not read \(wanted ?? "any column") of \(table.name)")
    }
    let setters = columns.map { (column: $0, setter: row.setter(of: $0)) }
    var replays: [JobID: JobReplay] = [:]
    for job in row.jobs where setters.contains(where: { $0.setter.job == job.id }) {
      guard let entity = job.entity ?? table.entity, !request.sources.isEmpty else { continue }
      let replay = try JobReplay(job, row, entity, request, catalogue)
      for news in replay.pipe.notes where !notes.contains(news) { notes.append(news) }
      replays[job.id] = replay
    }
    noteOthers(replays, row)
    return try setters.map { column, setter throws(StopError) in
      try answer(row, column, setter, replays[setter.job ?? JobID.none])
    }
  }

  /// Says which of the given sources are no job's of the row. One that is of a job that was not asked is none of these.
  private mutating func noteOthers(_ replays: [JobID: JobReplay], _ row: RowLineage) {
    let taken = Set(replays.values.flatMap(\.sources).map(\.path))
    let unasked = row.jobs.filter { replays[$0.id] == nil }.flatMap { $0.manifest?["files"]?.array ?? [] }
    for path in request.sources where !replays.isEmpty && !taken.contains(path) {
      let size = FileStatus(path: path)?.size
      if unasked.contains(where: { $0["bytes"]?.integer == size }) { continue }
      let digest = replays.values.flatMap(\.others).first { $0.path == path && $0.sha256 != nil }?.sha256
      notes.append(
        Diagnostic(
          .warning, TraceFault.otherSource,
          "it is no source of the jobs that wrote this" + (digest.map { ": its SHA-256 is \($0)" } ?? ""),
          at: Position(file: path)))
    }
  }

  private func answer(
    _ row: RowLineage, _ column: RowLineage.Column, _ setter: RowLineage.Setter, _ replay: JobReplay?
  ) throws(StopError) -> FieldAnswer {
    guard let job = row.jobs.first(where: { $0.id == setter.job }), let entity = job.entity ?? row.table.entity else {
      return FieldAnswer(row, column, field: nil, .noJob, Self.says(noJob: row, setter))
    }
    let feed = ColumnFeed(column, entity, of: row.table)
    var answer = FieldAnswer(
      row, column, field: feed.fields.isEmpty ? nil : feed.fields.joined(separator: "+"), .mark, "")
    answer.job = job
    switch feed {
    case .constant(let value) where column.value == catalogue.stored(value, as: column):
      (answer.verdict, answer.says) = (.constant, "every row that the job inserted has this value")
      return answer
    case .mark:
      answer.says =
        "the loader writes it: the job, or the time of an update"
        + (setter.isWrittenSince
          ? "; the row was written since by something that is no job, which may have set it" : "")
      return answer
    case .nothing:
      (answer.verdict, answer.says) = UnfedColumn(row, column, setter, entity).judge("no field goes to this column")
      return answer
    default: break
    }
    guard let replay else {
      (answer.verdict, answer.says) = (.notGiven, "give its sources with --from: " + Self.names(of: job))
      return answer
    }
    guard !replay.sources.isEmpty else {
      (answer.verdict, answer.says) = (
        .otherSource, "no file that was given is the one that was loaded: the job's are " + Self.names(of: job)
      )
      return answer
    }
    try RecordChoice(row, column, setter, feed, entity, replay, catalogue).complete(&answer)
    return answer
  }

  // MARK: - Sentences

  private static func says(noJob row: RowLineage, _ setter: RowLineage.Setter) -> String {
    if !row.jobs.isEmpty, setter.isWrittenSince || !row.knowsWriters {
      return
        "no job set this column: it was so before the first job that changed the row, or something that is no job wrote it since"
    }
    return row.jobs.isEmpty
      ? "no job made or changed this row: it was written by the application, by hand, or by a job that was undone or removed, or its id was changed"
      : "no job set this column: it was so before the first job that changed the row"
  }

  /// The sources of a job as its manifest names them.
  private static func names(of job: WritingJob) -> String {
    let files = job.manifest?["files"]?.array ?? []
    if files.isEmpty { return "not known, since the job was loaded without a manifest" }
    return files.map { file in
      "\(file["name"]?.string ?? "?") (\(file["bytes"]?.integer ?? 0) bytes, SHA-256 \(file["sha256"]?.string ?? "?"))"
    }.joined(separator: ", ")
  }
}

extension JobID {
  fileprivate static let none = JobID("00000000-0000-0000-0000-000000000000")!
}
