import ILSRecord
import ILSMapping

/// What a person looks at before a migration: one JSON object in place of the records.
///
/// `headers` (field names), `records` (a sample), `totalRows`, `rejectedRows` (how many of them were refused), `entity` (the
/// one that `suggestedMappings` are for, null where none fits), `missing` (its required fields that nothing feeds),
/// `unmapped` (fields that feed nothing) and `decisions` (what was found out about the inputs).
public final class Preview: RecordGate {
  private let sampler: Sampler
  private var sample = OutputBuffer()
  private let entities: [(name: String, suggester: Suggester)]
  private var scanner = RecordScanner()
  private var profile = SourceProfile()
  private var profiled = 0

  public static let defaultSize = 10

  /// Values are looked at in so many records, the first; all are counted.
  private static let profileLimit = 10_000

  /// - Parameters:
  ///   - sampler: chooses the records that are shown.
  ///   - entity: the name of an entity, or a schema file; nil: whichever the fields fit best.
  public init(_ sampler: Sampler, entity: String?) throws(StopError) {
    self.sampler = sampler
    var entities: [(String, Suggester)] = []
    for name in entity.map({ [$0] }) ?? DataFiles.names(.entities) {
      let path = name.hasSuffix(".json") ? name : try DataFiles.path(.entities, name)
      entities.append((DataFiles.name(of: path), Suggester(try DataFiles.json(at: path))))
    }
    self.entities = entities
  }

  public var isSatisfied: Bool { false }

  public func filter(_ buffer: inout OutputBuffer) {
    if profiled < Self.profileLimit { look(at: buffer.padded) }
    if !sampler.isSatisfied {
      sampler.filter(&buffer)
      sample.append(buffer.bytes)
    }
    buffer.removeAll()
  }

  private func look(at records: PaddedBytes) {
    var start = 0
    while profiled < Self.profileLimit, let feed = records.bytes.lineFeed(from: start) {
      // The scanner refuses nothing that a decoder of ours writes; what it would refuse cannot be mapped either.
      if let record = try? scanner.scan(records[start..<feed], number: 1) {
        profile.add(record)
      }
      profiled += 1
      start = feed + 1
    }
  }

  public func finish(_ emitter: inout Emitter) {
    sampler.finish(&sample)
    for name in emitter.header { profile.add(column: name) }
    let headers = profile.columns.map(\.name).filter { !$0.hasPrefix("_") }
    let best = bestFit()
    tell(best, &emitter)
    write("{\"headers\":", .array(headers.map { .string($0) }), &emitter)
    emitter.output.append(",\"records\":[" as StaticString)
    writeSample(&emitter)
    write("],\"totalRows\":", .number("\(emitter.emitted + emitter.rejected)"), &emitter)
    write(",\"rejectedRows\":", .number("\(emitter.rejected)"), &emitter)
    write(",\"entity\":", best.map { .string($0.name) } ?? .null, &emitter)
    write(",\"suggestedMappings\":", .array(best?.mapping.suggestions.map(\.json) ?? []), &emitter)
    write(",\"missing\":", .array(best?.mapping.missing.map { .string($0) } ?? []), &emitter)
    write(",\"unmapped\":", .array((best?.mapping.unmapped ?? headers).map { .string($0) }), &emitter)
    write(",\"decisions\":", .array(emitter.decisions.map(\.json)), &emitter)
    emitter.output.append("}\n" as StaticString)
  }

  private func write(_ lead: StaticString, _ value: JSONValue, _ emitter: inout Emitter) {
    emitter.output.append(lead)
    value.write(to: &emitter.output)
  }

  private func writeSample(_ emitter: inout Emitter) {
    for (index, record) in sample.bytes.split(separator: 0x0A).enumerated() {
      if index > 0 { emitter.output.append(UInt8(ascii: ",")) }
      emitter.output.append(UnsafeRawBufferPointer(rebasing: record))
    }
  }

  /// The entity of whose required fields the largest share is fed; of two alike, the one with the surer suggestions.
  private func bestFit() -> (name: String, mapping: SuggestedMapping)? {
    var best: (name: String, mapping: SuggestedMapping, score: (Double, Double))?
    for (name, suggester) in entities {
      let mapping = suggester.suggest(profile.columns)
      guard !mapping.suggestions.isEmpty || entities.count == 1 else { continue }
      let fed = Double(mapping.suggestions.count { $0.isRequired })
      let required = fed + Double(mapping.missing.count)
      let score = (required == 0 ? 1 : fed / required, mapping.suggestions.reduce(0) { $0 + $1.confidence })
      if best.map({ score > $0.score }) ?? true { best = (name, mapping, score) }
    }
    return best.map { ($0.name, $0.mapping) }
  }

  private func tell(_ best: (name: String, mapping: SuggestedMapping)?, _ emitter: inout Emitter) {
    guard entities.count != 1 else { return }
    emitter.tell(
      Diagnostic(
        .info, CommandFault.previewEntity,
        best.map { "mappings are suggested for \($0.name), which fits best; --entity takes another" }
          ?? "no entity fits these fields; --entity names one"))
  }
}
