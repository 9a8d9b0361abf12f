import ILSCommand
import ILSMapping
import ILSReading
import ILSRecord
import ILSStore
import ILSStream

/// The records of a job's sources that can be those of one row.
struct JobReplay {
  /// One record that is the row's by a key.
  struct Found {
    let source: SourceFile
    var layout: InputReplay.Layout?
    let position: Position
    let strength: Int
    /// As it was parsed, and behind each stage of ils-map.
    let stages: [[UInt8]]
    /// What became of it, where it did not come to the row.
    var refusal: String?
    /// The last of the stages.
    let loaded: JSONValue
    let cells: CellFinder
  }

  /// A source that was given and is one of the job's.
  struct SourceFile {
    let path: String
    /// As the job knows it.
    let name: String
    let sha256: String?
    /// The digest is the one that the job has.
    let isSame: Bool
    let replay: InputReplay
  }

  let pipe: JobPipe
  private let catalogue: LineageCatalogue
  private(set) var found: [Found] = []
  /// Sources that were given and are none of the job's.
  private(set) var others: [(path: String, sha256: String?)] = []
  /// Sources that were given and are the job's.
  private(set) var sources: [SourceFile] = []
  /// There were more records than are kept.
  private(set) var isCut = false

  /// Records that are kept at most: thirty people may have one e-mail address.
  private static let limit = 256

  /// Reads the sources among `request` that are the job's.
  init(
    _ job: WritingJob, _ row: RowLineage, _ entity: LoadSchema, _ request: TraceRequest, _ catalogue: LineageCatalogue
  ) throws(StopError) {
    self.catalogue = catalogue
    pipe = try JobPipe(job, request)
    for path in request.sources { try read(path, job, row, entity) }
    found.sort { $0.strength > $1.strength }
  }

  private mutating func read(
    _ path: String, _ job: WritingJob, _ row: RowLineage, _ entity: LoadSchema
  ) throws(StopError) {
    let size = FileStatus(path: path).flatMap { $0.isRegular ? $0.size : nil }
    let alike = pipe.files.filter { $0.bytes == size }
    if pipe.knowsFiles, alike.isEmpty, size != nil { return others.append((path, nil)) }
    let named = alike.first { Self.base($0.name) == Self.base(path) } ?? alike.first
    let name = named?.name ?? path
    let replay = InputReplay(
      path, name: name == "-" && pipe.files.count < 2 ? nil : name, namesFile: pipe.files.count > 1, pipe.reading)
    let before = found.count
    var search = Search(IdentitySearch(row, entity, source: job.source), pipe)
    var layouts: [InputReplay.Layout] = []
    var noted = 0
    let outcome = try replay.read(digesting: true) { (line) throws(StopError) in
      try search.take(line)
    } note: { layout in
      // Of a workbook, those that came since belong to the sheet that is being read.
      for _ in noted..<search.hits.count { layouts.append(layout) }
      if case .text = layout { layouts = search.hits.map { _ in layout } }
      noted = search.hits.count
    }
    let isSame = alike.contains { $0.sha256 == outcome.sha256 }
    guard isSame || !pipe.knowsFiles else { return others.append((path, outcome.sha256)) }
    let source = SourceFile(path: path, name: name, sha256: outcome.sha256, isSame: isSame, replay: replay)
    sources.append(source)
    isCut = isCut || search.isCut
    for (hit, layout) in zip(search.hits, layouts) { found.append(try take(hit, layout, source)) }
    try noteRefusals(from: before, job)
  }

  private func take(_ hit: Search.Hit, _ layout: InputReplay.Layout, _ source: SourceFile) throws(StopError) -> Found {
    let mapped = try pipe.map(hit.record)
    return Found(
      source: source, layout: layout, position: hit.position, strength: hit.strength, stages: mapped.stages,
      refusal: mapped.refusal, loaded: (try? JSONValue(parsing: mapped.stages[mapped.stages.count - 1])) ?? .null,
      cells: CellFinder(source, layout, hit.position, hit.record))
  }

  /// What the loader refused is not the row's.
  private mutating func noteRefusals(from first: Int, _ job: WritingJob) throws(StopError) {
    let refused = try catalogue.refusals(of: job.id, atRows: found[first...].compactMap(\.position.row))
    // Of which sheet a refused row was, the job does not know.
    for index in found.indices[first...] where found[index].refusal == nil && found[index].position.sheet == nil {
      let position = found[index].position
      let code = refused.first { $0.row == position.row && ($0.file == nil || $0.file == found[index].position.file) }
      found[index].refusal = code.map { "refused by the loader [\($0.code)]" }
    }
  }

  private static func base(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }

  /// The records that may have come to the row, the surest of them.
  var own: [Found] {
    let taken = found.filter { $0.refusal == nil }
    return taken.filter { $0.strength == taken.first?.strength }
  }

  // MARK: - Searching

  /// Maps each record as far as its keys need it, and keeps those that are the row's.
  private struct Search: ~Copyable {
    struct Hit {
      let record: [UInt8]
      let position: Position
      let strength: Int
    }

    private(set) var hits: [Hit] = []
    private(set) var isCut = false
    private var identity: IdentitySearch
    private var stages: [KeyStage] = []
    private var scanner = RecordScanner()
    private var line = 0

    init(_ identity: consuming IdentitySearch, _ pipe: JobPipe) {
      for (index, step) in pipe.maps.enumerated() {
        // Keys need not wait for the other fields, where no field can take the place of a key's.
        let isLast = index == pipe.maps.count - 1 && step.unmapped == .drop
        let file = isLast ? step.mapping.file.only(Set(identity.fields)) : step.mapping.file
        stages.append(KeyStage(file, step.unmapped))
      }
      self.identity = identity
    }

    mutating func take(_ bytes: PaddedBytes) throws(StopError) -> Bool {
      line += 1
      guard let record = try? scanner.scan(bytes, number: line) else { return false }
      var strength: Int?
      if stages.isEmpty {
        strength = identity.strength(of: record)
      } else {
        strength = try stages[0].pass(record, behind: stages.dropFirst()) { identity.strength(of: $0) }
      }
      guard let strength else { return false }
      guard hits.count < JobReplay.limit || strength > 2 else {
        isCut = true
        return false
      }
      hits.append(Hit(record: Array(record.bytes), position: record.position, strength: strength))
      return true
    }
  }
}

/// One stage of ils-map, to which records come one by one and whose answer is waited for.
final class KeyStage {
  private var stage: MapStage
  private let runsScripts: Bool
  private var emitter = Emitter(stage: "ils-map")
  private var scanner = RecordScanner()

  init(_ file: MappingFile, _ unmapped: UnmappedFields) {
    runsScripts = file.runsScripts
    stage = MapStage(file, unmapped: unmapped, engine: runsScripts ? ScriptWorker() : nil)
    emitter.keepsRejects = false
  }

  /// What `answer` says of the record behind this stage and the next ones; nil where one of them refuses it.
  func pass(
    _ record: Record, behind next: ArraySlice<KeyStage>, _ answer: (Record) -> Int?
  ) throws(StopError) -> Int? {
    emitter.output.removeAll()
    do throws(StageError) {
      try stage.process(record, emit: &emitter)
      if runsScripts {
        try stage.sourceWaits(emit: &emitter)
        while stage.hasMore { try stage.goOn(emit: &emitter) }
      }
    } catch {
      if case .stop(let stop) = error { throw stop }
      return nil
    }
    _ = emitter.takeDiagnostics()
    guard emitter.output.count > 1,
      let mapped = try? scanner.scan(emitter.output.padded[0..<(emitter.output.count - 1)], number: record.line)
    else { return nil }
    guard let following = next.first else { return answer(mapped) }
    return try following.pass(mapped, behind: next.dropFirst(), answer)
  }
}
