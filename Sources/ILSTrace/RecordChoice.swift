import ILSCommand
import ILSMapping
import ILSRecord
import ILSStore

/// Chooses the record that a column's value comes from among those that have a key of the row, and says what became of it.
struct RecordChoice {
  private let row: RowLineage
  private let column: RowLineage.Column
  private let setter: RowLineage.Setter
  private let feed: ColumnFeed
  private let entity: LoadSchema
  private let replay: JobReplay
  private let catalogue: LineageCatalogue

  init(
    _ row: RowLineage, _ column: RowLineage.Column, _ setter: RowLineage.Setter, _ feed: ColumnFeed,
    _ entity: LoadSchema, _ replay: JobReplay, _ catalogue: LineageCatalogue
  ) {
    (self.row, self.column, self.setter, self.feed, self.entity) = (row, column, setter, feed, entity)
    (self.replay, self.catalogue) = (replay, catalogue)
  }

  /// What a record comes to in the column.
  private func stored(_ found: JobReplay.Found, _ feed: ColumnFeed, _ column: RowLineage.Column) -> String?? {
    let source = row.jobs.first { $0.id == setter.job }?.source
    guard let text = feed.text(of: found.loaded, entity, source: source) else { return .some(nil) }
    if text == column.value { return .some(text) }
    // A value that the column's type cannot read has not come to it as it is.
    return catalogue.stored(text, as: column).map { .some($0) } ?? nil
  }

  /// A column of type json keeps the white space that the record had, and the record's value is told without it.
  private func isEqual(_ loaded: String?, _ value: String?, _ column: RowLineage.Column) -> Bool {
    if loaded == value { return true }
    guard column.type == "json", let loaded, let value else { return false }
    let (a, b) = (try? JSONValue(parsing: Array(loaded.utf8)), try? JSONValue(parsing: Array(value.utf8)))
    return a != nil && a == b
  }

  private var isReference: Bool { if case .reference = feed { true } else { false } }

  func complete(_ answer: inout FieldAnswer) throws(StopError) {
    let own = replay.own
    guard let chosen = choose(own) else { return lost(&answer) }
    answer.found = chosen
    answer.others = replay.found.filter { !($0.position == chosen.position && $0.source.path == chosen.source.path) }
      .prefix(20).map { ($0.position, $0.source.path, became($0, beside: chosen)) }
    try trace(chosen, &answer)
    if case .reference(let reference) = feed { return try judge(reference, chosen, &answer) }
    let loaded = stored(chosen, feed, column) ?? nil
    if isUndecided(own, chosen) {
      answer.verdict = .ambiguous
      answer.says =
        "\(own.count) records have a key of the row and come to different values, and the row was written since by "
        + "something that is no job: which of them it was made of cannot be told"
      return
    }
    let isMade = column.defaultValue != nil || entity.computed.contains { $0.column == column.name }
    if loaded == nil, isMade, isInsert {
      (answer.verdict, answer.says) = UnfedColumn(row, column, setter, entity).judge("the record has no value for it")
      return
    }
    if isEqual(loaded, column.value, column) { return matched(chosen, &answer) }
    answer.loaded = .some(loaded)
    judge(&answer, own)
  }

  private var isInsert: Bool { job?.isInserter ?? false }
  private var job: WritingJob? { row.jobs.first { $0.id == setter.job } }

  /// The row that has the id must be known by what the record names it by.
  private func judge(
    _ reference: LoadSchema.Reference, _ found: JobReplay.Found, _ answer: inout FieldAnswer
  ) throws(StopError) {
    let text = feed.text(of: found.loaded, entity, source: nil)
    if column.value == nil, text == nil { return matched(found, &answer) }
    if let id = column.value, let text, try catalogue.isKnown(id, by: text, reference) {
      answer.verdict = .reference
      answer.says = "the id of the row that the record's \(reference.field) names"
      return
    }
    answer.verdict = setter.isWrittenSince ? .edited : .unexplained
    answer.says =
      "the record's \(reference.field) names another row of \(reference.table), or that row is known by it no more"
      + (setter.isWrittenSince ? "; the row was written since by something that is no job" : "")
  }

  private func matched(_ found: JobReplay.Found, _ answer: inout FieldAnswer) {
    answer.verdict = .loaded
    answer.says = column.value == nil ? "the record has no value for it" : "the record comes to this value"
    if column.value != nil, feed.text(of: found.loaded, entity, source: nil) == nil {
      answer.verdict = .constant
      answer.says = "the record names no source: it is the job's (--source)"
    }
    if setter.isWrittenSince {
      answer.says += "; the row was written since by something that is no job, and this value is still the loaded one"
    }
    if !row.knowsWriters { answer.says += "; whether somebody has edited the row since cannot be told" }
  }

  /// Says why the column holds another value than the record.
  private func judge(_ answer: inout FieldAnswer, _ own: [JobReplay.Found]) {
    let triggers = row.triggers.joined(separator: ", ")
    if setter.isWrittenSince {
      answer.verdict = .edited
      answer.says =
        "the job loaded another value, and the row was written since by something that is no job"
        + (row.writtenAt.map { ", last at \($0)" } ?? "")
        + (triggers.isEmpty ? "" : " (or by its triggers: \(triggers))")
    } else if !row.knowsWriters {
      answer.verdict = .unexplained
      answer.says =
        "the record comes to another value, and who wrote the row since cannot be told: what jobs had kept was removed "
        + "(ils-jobs cleanup), or the rows were moved here"
    } else if own.count > 1, answer.found?.strength ?? 0 < 3 {
      answer.verdict = .ambiguous
      answer.says = "\(own.count) records could be this row's by what they have in common, and none comes to this value"
    } else if !triggers.isEmpty {
      answer.verdict = .trigger
      answer.says =
        "the record comes to another value, and nobody has written the row since: a trigger made it (\(triggers))"
    } else {
      answer.verdict = .unexplained
      answer.says =
        "the record comes to another value, and nobody has written the row since: "
        + (replay.pipe.maps.isEmpty
          ? "no mapping is known (--map FILE), or something in the pipe changed it"
          : "something between the stages changed it, such as jq")
    }
  }

  private func lost(_ answer: inout FieldAnswer) {
    answer.verdict = .notFound
    let refused = replay.found.filter { $0.refusal != nil }
    answer.says =
      replay.isCut
      ? "too many records share what the row could be known by"
      : refused.isEmpty
        ? "no record of what was given has a key of this row"
          + (replay.pipe.maps.isEmpty ? "; no mapping is known: --map FILE names it" : "")
          + (replay.sources.count < replay.pipe.files.count ? "; the job has other sources" : "")
        : "the records that have a key of this row were refused"
    answer.others = refused.prefix(20).map { ($0.position, $0.source.path, $0.refusal ?? "") }
  }

  // MARK: - Choosing

  /// Where a job updates rows, each record of an identifier may have given a column its value: the one that comes to it.
  /// Else the one that agrees with the row in most columns made all of it.
  private func choose(_ own: [JobReplay.Found]) -> JobReplay.Found? {
    guard own.count > 1, let first = own.first else { return own.first }
    if job?.updates ?? true, first.strength >= 3, !isReference {
      if let exact = own.first(where: { comesToValue($0) }) { return exact }
    }
    let scores = own.prefix(50).map { agreement($0) }
    return scores.firstIndex(of: scores.max() ?? 0).map { own[$0] }
  }

  private func comesToValue(_ found: JobReplay.Found) -> Bool {
    isEqual(stored(found, feed, column) ?? nil, column.value, column)
  }

  /// What records of an identifier a row was made of, its columns tell. Once it was edited, they may tell another's.
  private func isUndecided(_ own: [JobReplay.Found], _ chosen: JobReplay.Found) -> Bool {
    guard own.count > 1, chosen.strength >= 3, setter.isWrittenSince || !row.knowsWriters else { return false }
    // The first makes the row; where rows are updated, the last that has a value for it gives it.
    let sure = job?.updates ?? true ? own.last { (stored($0, feed, column) ?? nil) != nil } ?? own.last : own.first
    guard let sure else { return false }
    return comesToValue(sure) != comesToValue(chosen)
  }

  /// How many columns of the row the record comes to.
  private func agreement(_ found: JobReplay.Found) -> Int {
    row.columns.count { column in
      let feed = ColumnFeed(column, entity, of: row.table)
      if feed.fields.isEmpty { return false }
      if case .reference = feed { return false }
      guard let stored = stored(found, feed, column) ?? nil else { return false }
      return isEqual(stored, column.value, column)
    }
  }

  private func became(_ found: JobReplay.Found, beside chosen: JobReplay.Found) -> String {
    if let refusal = found.refusal { return refusal }
    if found.strength != chosen.strength { return "has a weaker key in common: may be another's" }
    return setter.isWrittenSince
      ? "has the same key: may be the one that made the row, which was edited since"
      : "has the same key: skipped, or an update of the same row"
  }

  // MARK: - Tracing

  /// From the loaded record back through the stages of ils-map, and to the cells.
  private func trace(_ found: JobReplay.Found, _ answer: inout FieldAnswer) throws(StopError) {
    var wanted = feed.fields
    var traces: [FieldTrace] = []
    for (index, step) in replay.pipe.maps.enumerated().reversed() where index < found.stages.count - 1 {
      var sources: [String] = []
      for target in wanted {
        let trace = try step.mapping.file.trace(target, of: found.stages[index]) { ScriptWorker() }
        if let trace { traces.append(trace) }
        // What no mapping names passes by as it is, where it does.
        sources += trace?.sources.map(\.name) ?? (step.unmapped == .keep ? [target] : [])
      }
      wanted = sources
    }
    answer.traces = traces.reversed()
    let parsed = try? JSONValue(parsing: found.stages[0])
    answer.places = try found.cells.places(of: wanted.filter { parsed?[$0] != nil })
  }
}
