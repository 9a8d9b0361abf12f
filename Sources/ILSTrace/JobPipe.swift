import ILSCommand
import ILSMapping
import ILSReading
import ILSRecord
import ILSStore
import ILSStream

/// The pipe that a job was loaded through, as far as it is known: how its sources were read and mapped.
struct JobPipe {
  /// One stage of ils-map.
  struct MapStep {
    let mapping: GivenMapping
    let unmapped: UnmappedFields
  }

  let files: [Manifest.File]
  /// What the sources were is known.
  let knowsFiles: Bool
  let reading: ReadingOptions
  let maps: [MapStep]
  /// What is not known and was taken, and what was given and is not taken.
  let notes: [Diagnostic]

  /// - Throws: `configuration` where what the job knows cannot be read by this version.
  init(_ job: WritingJob, _ request: TraceRequest) throws(StopError) {
    var manifest: Manifest?
    if let json = job.manifest {
      do throws(RecordError) { manifest = try Manifest(json) } catch {
        throw StopError(.configuration, code: error.code, "job \(job.id): \(error.message)")
      }
    }
    var notes: [Diagnostic] = []
    files = manifest?.files ?? []
    knowsFiles = manifest != nil
    if !knowsFiles {
      notes.append(
        Diagnostic(
          .warning, TraceFault.otherSource,
          "job \(job.id) was loaded without a manifest: whether the sources are those that it has loaded cannot be told"
        ))
    }
    let kept = manifest?.options ?? []
    let given = request.reading.arguments
    reading = kept.isEmpty ? request.reading : try ReadingOptions(kept: kept)
    if !kept.isEmpty, !given.isEmpty, kept != given {
      notes.append(
        Diagnostic(
          .warning, TraceFault.otherOptions,
          "job \(job.id) was read with \(kept.joined(separator: " ")): that is done, and not what was given"))
    }
    maps = try JobPipe.maps(job, manifest, request, &notes)
    self.notes = notes
  }

  /// The job's own mappings, else the one that was given.
  private static func maps(
    _ job: WritingJob, _ manifest: Manifest?, _ request: TraceRequest, _ notes: inout [Diagnostic]
  ) throws(StopError) -> [MapStep] {
    guard let stages = manifest?.stages, !stages.isEmpty else {
      return request.mapping.map { [MapStep(mapping: $0, unmapped: .drop)] } ?? []
    }
    if let given = request.mapping, !stages.contains(where: { $0.mapping.sha256 == given.sha256 }) {
      notes.append(
        Diagnostic(
          .warning, TraceFault.otherMapping,
          "\(given.name) is not the mapping that job \(job.id) was loaded by, or has changed since (SHA-256 "
            + "\(given.sha256.prefix(12)), the job's \(stages[0].mapping.sha256.prefix(12))): the job's own is used"))
    }
    return try stages.map { stage throws(StopError) in
      let extra = stage.options.first { $0.hasPrefix("--extra=") }.map { String($0.dropFirst("--extra=".count)) }
      return MapStep(
        mapping: try GivenMapping(
          name: stage.mapping.name, Array(stage.mapping.text.utf8), at: "the job's mapping", tool: "ils-why",
          request.common),
        unmapped: stage.options.contains("--keep-unmapped") ? .keep : extra.map { .gather(into: $0) } ?? .drop)
    }
  }

  /// The record as the loader got it, of one as it was parsed; nil where a stage refuses it, with the reason.
  func map(_ record: [UInt8]) throws(StopError) -> (stages: [[UInt8]], refusal: String?) {
    var stages = [record]
    for step in maps {
      let mapped = try step.mapping.file.map(stages[stages.count - 1], unmapped: step.unmapped) { ScriptWorker() }
      guard let record = mapped.record else { return (stages, mapped.refusal) }
      stages.append(record)
    }
    return (stages, nil)
  }
}
