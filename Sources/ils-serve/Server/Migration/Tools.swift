import Foundation
import ILSRecord
import ILSStore
import Subprocess
import SystemPackage

/// The executables that do the work.
struct Tools: Sendable {
  let folder: String?
  let database: String?

  /// What a tool left when it ended.
  struct Outcome: Sendable {
    var status: Int
    var output: [UInt8]
    var log: [UInt8]

    /// The last error among its diagnostics, which hold no values of records.
    var complaint: String { Diagnostics(log).complaint ?? "it ended with status \(status)" }
  }

  /// What works on files gives way to what answers requests: nice(1) becomes the tool.
  private static let nice = Executable.name("nice")

  private func words(_ tool: String, _ arguments: [String]) -> Arguments {
    Arguments(["-n", "10", folder.map { "\($0)/\(tool)" } ?? tool] + arguments)
  }

  /// The stages find the database in their environment, never among their arguments, which all users of a machine see;
  /// there too, who asked: the name goes into the audit trail.
  private func environment(_ caller: String?) -> Subprocess.Environment {
    var changes: [Subprocess.Environment.Key: String?] = ["NO_COLOR": "1", "ILS_ACTOR": caller]
    if let database { changes["DATABASE_URL"] = database }
    return .inherit.updating(changes)
  }

  /// Runs one tool, and takes what it writes: 64 MiB at most. Where the task is cancelled, the tool is ended.
  /// - Parameter seconds: it is ended if it takes longer.
  func run(
    _ tool: String, _ arguments: [String], in workFolder: String? = nil, by caller: String? = nil, seconds: Int? = 600
  ) async throws -> Outcome {
    guard let seconds else { return try await unlimited(tool, arguments, workFolder, caller) }
    return try await Limited(seconds: seconds).run { try await unlimited(tool, arguments, workFolder, caller) }
  }

  private func unlimited(_ tool: String, _ arguments: [String], _ workFolder: String?, _ caller: String?) async throws
    -> Outcome
  {
    let result = try await Subprocess.run(
      Tools.nice, arguments: words(tool, arguments), environment: environment(caller),
      workingDirectory: workFolder.map { FilePath($0) }, platformOptions: Tools.options(), input: .none,
      output: .bytes(limit: 64 << 20), error: .bytes(limit: 16 << 20))
    return Outcome(
      status: Tools.number(result.terminationStatus), output: result.standardOutput, log: result.standardError)
  }

  /// Runs one stage of a pipe between two descriptors, which are closed here.
  /// - Parameter begun: gets the process's id.
  func stage(
    _ tool: String, _ arguments: [String], in workFolder: String, from input: FileDescriptor?,
    to output: FileDescriptor,
    log: FileDescriptor, by caller: String?, begun: @Sendable (pid_t) async -> Void
  ) async throws -> Int {
    let options = Tools.options()
    if let input {
      let result = try await Subprocess.run(
        Tools.nice, arguments: words(tool, arguments), environment: environment(caller),
        workingDirectory: FilePath(workFolder), platformOptions: options,
        input: .fileDescriptor(input, closeAfterSpawningProcess: true),
        output: .fileDescriptor(output, closeAfterSpawningProcess: true),
        error: .fileDescriptor(log, closeAfterSpawningProcess: true)
      ) { execution in await begun(execution.processIdentifier.value) }
      return Tools.number(result.terminationStatus)
    }
    let result = try await Subprocess.run(
      Tools.nice, arguments: words(tool, arguments), environment: environment(caller),
      workingDirectory: FilePath(workFolder), platformOptions: options, input: .none,
      output: .fileDescriptor(output, closeAfterSpawningProcess: true),
      error: .fileDescriptor(log, closeAfterSpawningProcess: true)
    ) { execution in await begun(execution.processIdentifier.value) }
    return Tools.number(result.terminationStatus)
  }

  /// Stages have a session of their own: a Ctrl-C for the server is not theirs, and they outlive a server that is killed.
  private static func options() -> PlatformOptions {
    var options = PlatformOptions()
    options.createSession = true
    return options
  }

  /// As a shell counts: 128 and the signal.
  private static func number(_ status: TerminationStatus) -> Int {
    switch status {
    case .exited(let code): Int(code)
    case .signaled(let signal): 128 + Int(signal)
    }
  }
}

/// What a tool said, with `--log-format json`.
struct Diagnostics: Sendable {
  private let lines: [JSONValue]

  init(_ log: some Collection<UInt8>) { lines = jsonLines(Array(log)) }

  /// Of a log in a file.
  init(of path: String) { self.init(FileManager.default.contents(atPath: path) ?? Data()) }

  /// The last error with its code. Where the database is, is nobody's business who asks over HTTP.
  var complaint: String? {
    guard let line = lines.last(where: { $0["level"]?.string == "error" }), let message = line["message"]?.string else {
      return nil
    }
    let code = line["code"]?.string
    let isPlace = [DatabaseFault.dbConnect, .dbUrl, .dbSession].contains { $0.rawValue == code }
    return (isPlace ? "the database is away" : message) + (code.map { " [\($0)]" } ?? "")
  }

  var codes: Set<String> { Set(lines.compactMap { $0["code"]?.string }) }

  /// All messages, in their order.
  var messages: [String] { lines.compactMap { $0["message"]?.string } }
}
