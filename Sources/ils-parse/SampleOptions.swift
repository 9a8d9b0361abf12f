import ArgumentParser
import ILSCommand
import ILSRecord

/// How much of the inputs comes out, where that is not all.
struct SampleOptions: ParsableArguments {
  @Option(help: .init("Write N records only: the first ones, or with --random any.", valueName: "n"))
  var sample: Int?

  @Flag(help: "Take the sample at random.")
  var random = false

  @Option(help: .init("The same sample for the same number.", valueName: "number"))
  var seed: UInt64 = 1

  @Flag(help: "Write one JSON object instead: headers, a sample (10), number of rows, suggested mappings.")
  var preview = false

  @Option(help: .init("Suggest mappings for ENTITY (--preview); else for the one that fits best.", valueName: "entity"))
  var entity: String?

  @Flag(help: "Write instead what was found out about the inputs, what spoke for it and against: one object a line.")
  var explain = false

  /// What stands between the records and the output; nil where all come out.
  func gate(hasManifest: Bool) throws(StopError) -> (any RecordGate)? {
    guard !explain || (sample == nil && !preview && !random && !hasManifest) else {
      throw StopError(
        .usage, UsageFault.usage,
        "--explain writes no records: it takes no --sample, --random, --preview or --manifest")
    }
    if explain { return Explanation() }
    guard sample.map({ $0 >= 0 }) ?? (preview || !random) else {
      throw StopError(
        .usage, UsageFault.usage, "--sample takes a number from 0, and --random needs --sample or --preview")
    }
    guard entity == nil || preview else { throw StopError(.usage, UsageFault.usage, "--entity needs --preview") }
    guard preview || sample != nil else { return nil }
    guard !hasManifest else {
      throw StopError(.usage, UsageFault.usage, "--manifest speaks of all records: it takes no --sample or --preview")
    }
    let sampler = Sampler(size: sample ?? Preview.defaultSize, seed: random ? seed : nil)
    return preview ? try Preview(sampler, entity: entity) : sampler
  }
}
