import ArgumentParser
import CVersion
import ILSRecord
import Glibc

/// What all executables have in common.
public enum Toolkit {
  static let number = "0.1.0"

  /// `0.1.0 (c0ffee1)`: with the commit, where the build was told of it.
  public static let version = {
    let commit = String(cString: ils_commit())
    return commit.isEmpty ? number : "\(number) (\(commit))"
  }()

  /// Runs one tool's work and ends the process with its status; a `StopError` is told on stderr first.
  ///
  /// A filter dies quietly of SIGPIPE, also where its parent had SIGPIPE ignored.
  public static func run(_ tool: String, _ options: CommonOptions, _ work: () throws -> ExitStatus) throws {
    signal(SIGPIPE, SIG_DFL)
    let status: ExitStatus
    do {
      status = try work()
    } catch let stop as StopError {
      DiagnosticWriter(tool: tool, options).write(stop)
      throw ExitCode(stop.status.rawValue)
    }
    if status != .success { throw ExitCode(status.rawValue) }
  }
}

/// Options that every tool takes.
public struct CommonOptions: ParsableArguments {
  public enum LogFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
  public enum ProgressStyle: String, ExpressibleByArgument, CaseIterable { case auto, json, none }

  @Option(help: "Write diagnostics as text or as JSON lines.")
  public var logFormat = LogFormat.text

  @Flag(help: "Let diagnostics show values, which may be patient data.")
  public var showValues = false

  @Option(help: "Report progress on stderr: auto (on a terminal), json or none.")
  public var progress = ProgressStyle.auto

  public init() {}
}

/// Options of every tool that passes records on.
public struct FilterOptions: ParsableArguments {
  @OptionGroup public var common: CommonOptions

  @Option(
    name: .shortAndLong, help: .init("Write records to FILE instead of stdout.", valueName: "file"), completion: .file()
  )
  public var output: String?

  @Option(
    help: .init("Write each refused record, with the reasons, to FILE (mode 0600).", valueName: "file"),
    completion: .file())
  public var rejects: String?

  @Flag(help: "Stop at the first refused record.")
  public var failFast = false

  @Option(help: .init("Stop when more than N records, or N%, are refused.", valueName: "n"))
  public var maxErrors: RejectBudget?

  public init() {}

  var budget: RejectBudget { failFast ? .count(0) : maxErrors ?? .unlimited }
}

extension RejectBudget: ExpressibleByArgument {
  public init?(argument: String) {
    if argument.hasSuffix("%") {
      guard let share = Double(argument.dropLast()), (0...100).contains(share) else { return nil }
      self = .percent(share)
    } else {
      guard let count = Int(argument), count >= 0 else { return nil }
      self = .count(count)
    }
  }
}
