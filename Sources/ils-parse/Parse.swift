import ArgumentParser
import ILSCommand
import ILSReading
import ILSRecord
import ILSStream

@main
struct Parse: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-parse",
    abstract: "Turn CSV, Excel and JSON exports into records, nothing guessed and nothing lost.",
    version: Toolkit.version)

  @OptionGroup var options: FilterOptions
  @OptionGroup var reading: ReadOptions
  @OptionGroup var workbook: WorkbookReadOptions
  @OptionGroup var sampling: SampleOptions

  @Option(
    help: .init("Write what was read (names, bytes, SHA-256, rows) to FILE before the output ends.", valueName: "file"),
    completion: .file())
  var manifest: String?

  @Argument(help: .init("Files to read; - or none: stdin.", valueName: "file"), completion: .file())
  var inputs: [String] = []

  func run() throws {
    try Toolkit.run("ils-parse", options.common) {
      let gate = try sampling.gate(hasManifest: manifest != nil)
      guard manifest == nil || !workbook.listSheets else {
        throw StopError(.usage, UsageFault.usage, "--manifest speaks of records: it takes no --list-sheets")
      }
      let parser = try InputParser(
        reading, workbook, isOnly: inputs.count < 2, digests: manifest != nil, warnsOfNone: sampling.sample != 0)
      var run = try Pump("ils-parse", options, inputs: inputs, manifest: manifest)
      if let gate { run.pass(through: gate) }
      var files: [Manifest.File] = []
      do throws(StopError) {
        for input in inputs.isEmpty ? ["-"] : inputs { files.append(try parser.parse(input, into: &run)) }
      } catch {
        // Why it could not be decided is what was asked for.
        if sampling.explain { _ = try run.close() }
        throw error
      }
      return try run.close { () throws(StopError) in
        guard let manifest else { return }
        try Manifest(
          tool: "ils-parse \(Toolkit.version)", files: files, options: ReadingOptions.arguments(reading, workbook)
        ).write(to: manifest)
      }
    }
  }
}
