import ArgumentParser
import ILSCommand
import ILSFormats
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
      let decoding = (text: try reading.decoding(), workbook: try workbook.decoding(reading))
      guard manifest == nil || !workbook.listSheets else {
        throw StopError(.usage, UsageFault.usage, "--manifest speaks of records: it takes no --list-sheets")
      }
      var run = try Pump("ils-parse", options, inputs: inputs, manifest: manifest)
      if let gate { run.pass(through: gate) }
      var files: [Manifest.File] = []
      do throws(StopError) {
        for input in inputs.isEmpty ? ["-"] : inputs { files.append(try read(input, decoding, &run)) }
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

  private func read(
    _ input: String, _ decoding: (text: TextOptions, workbook: WorkbookOptions), _ run: inout Pump
  ) throws(StopError) -> Manifest.File {
    var source = try ByteSource(input, digesting: manifest != nil)
    let head = reading.format == nil ? try source.peek(while: WorkbookFormat.isOpen) : []
    let known = run.emitter.decisions.count
    let tables =
      head.withUnsafeBytes({ WorkbookFormat($0) }) == nil
      ? try readText(&source, decoding.text, head, &run) : try readWorkbook(&source, decoding.workbook, &run)
    if !tables.contains(where: { $0.rows > 0 }), !workbook.listSheets, sampling.sample != 0 {
      run.tell(
        Diagnostic(
          .warning, CommandFault.parseNoRecords, "no record in it, names at most: is that all that was to be exported?",
          at: Position(file: name(source))))
    }
    return .init(
      name: input, bytes: source.bytesRead, sha256: source.finishDigest() ?? "", tables: tables,
      decisions: run.emitter.decisions[known...].map(\.json))
  }

  /// The input's name for messages.
  private func name(_ source: borrowing ByteSource) -> String? {
    inputs.count > 1 || source.name != "-" ? source.name : nil
  }

  private func readText(
    _ source: inout ByteSource, _ decoding: TextOptions, _ head: [UInt8], _ run: inout Pump
  ) throws(StopError) -> [Manifest.Table] {
    if reading.format == nil { try workbook.check(text: head, named: source.name) }
    let before = (
      emitted: run.emitter.emitted, rejected: run.emitter.rejected, passedOver: run.emitter.passedOver
    )
    var decoder = TextDecoder(decoding, file: name(source), namesFile: inputs.count > 1)
    try run.decode(&source, with: &decoder)
    let rejected = run.emitter.rejected - before.rejected
    return [
      .init(
        rows: run.emitter.emitted - before.emitted + rejected, rejected: rejected,
        passedOver: run.emitter.passedOver - before.passedOver)
    ]
  }

  private func readWorkbook(_ source: inout ByteSource, _ decoding: WorkbookOptions, _ run: inout Pump)
    throws(StopError) -> [Manifest.Table]
  {
    let whole = try source.whole()
    var decoder = try WorkbookDecoder(whole.bytes, decoding, file: name(source), namesFile: inputs.count > 1) {
      whole.release($0)
    }
    let lists = workbook.listSheets
    try run.pull(bytes: source.bytesRead) { (emit) throws(StopError) in
      if lists {
        try decoder.list(emit: &emit)
        return nil
      }
      return try decoder.read(emit: &emit) ? decoder.position : nil
    }
    return withExtendedLifetime(whole) {
      decoder.tables.map { .init(sheet: $0.sheet, rows: $0.rows, rejected: 0, passedOver: $0.passedOver) }
    }
  }
}
