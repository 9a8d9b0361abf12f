import ArgumentParser
import ILSCommand
import ILSFormats
import ILSRecord
import ILSStream

@main
struct Parse: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-parse", abstract: "Turn CSV and JSON exports into records, nothing guessed and nothing lost.",
    version: Toolkit.version)

  @OptionGroup var options: FilterOptions
  @OptionGroup var reading: ReadOptions
  @OptionGroup var sampling: SampleOptions

  @Option(
    help: .init("Write what was read (names, bytes, SHA-256, rows) to FILE before the output ends.", valueName: "file"))
  var manifest: String?

  @Argument(help: .init("Files to read; - or none: stdin.", valueName: "file"))
  var inputs: [String] = []

  func run() throws {
    try Toolkit.run("ils-parse", options.common) {
      let decoding = try reading.decoding()
      let gate = try sampling.gate(hasManifest: manifest != nil)
      var run = try StageRun("ils-parse", options, inputs: inputs)
      if let gate { run.pass(through: gate) }
      var files: [Manifest.File] = []
      for input in inputs.isEmpty ? ["-"] : inputs {
        let before = (emitted: run.emitter.emitted, rejected: run.emitter.rejected)
        var source = try ByteSource(input, digesting: manifest != nil)
        var decoder = TextDecoder(
          decoding, file: inputs.count > 1 || input != "-" ? input : nil, namesFile: inputs.count > 1)
        try run.decode(&source, with: &decoder)
        let rejected = run.emitter.rejected - before.rejected
        files.append(
          .init(
            name: input, bytes: source.bytesRead, sha256: source.finishDigest() ?? "",
            tables: [.init(rows: run.emitter.emitted - before.emitted + rejected, rejected: rejected)]))
      }
      return try run.close { () throws(StopError) in
        guard let manifest else { return }
        try Manifest(tool: "ils-parse \(Toolkit.version)", files: files).write(to: manifest)
      }
    }
  }
}
