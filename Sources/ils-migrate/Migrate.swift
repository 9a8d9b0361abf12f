import Glibc
import ILSCodes
import ILSCommand
import ILSMigration
import ILSRecord
import ILSStore

@main
struct Migrate {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.contains(where: { ["-h", "--help"].contains($0) }) {
      print(MigrationHelp.text, terminator: "")
      return
    }
    if arguments == ["--version"] { return print(Toolkit.version) }
    exit(run(arguments))
  }

  private static func run(_ arguments: [String]) -> Int32 {
    let diagnostics = DiagnosticWriter(tool: "ils-migrate")
    do throws(StopError) {
      switch arguments.first {
      case "plan": return try plan(Array(arguments.dropFirst()), diagnostics)
      case "apply": return try apply(Array(arguments.dropFirst()), diagnostics)
      case "rejects": return try rejects(Array(arguments.dropFirst()))
      case "mended": return try mended(Array(arguments.dropFirst()), diagnostics)
      default: break
      }
      let request = try MigrationRequest(arguments)
      if request.printsPipe {
        print(MigrationRun.pipe(of: request, job: JobID.make().text), terminator: "")
        return 0
      }
      return try MigrationRun(request, job: { JobID.make().text }, diagnostics).run().status
    } catch {
      diagnostics.write(error)
      return error.status.rawValue
    }
  }

  private static func rejects(_ arguments: [String]) throws(StopError) -> Int32 {
    let words = try Words(arguments, valued: ["--output", "--stage"], short: ["-o": "--output"])
    guard words.operands.count == 1, let path = words.values["--output"] else {
      throw StopError(.usage, UsageFault.usage, "name the folder and the table: ils-migrate rejects FOLDER -o TABLE")
    }
    let codes = Dictionary(FaultCode.everyRoom.map { ($0.code, $0.mending) }) { first, _ in first }
    try Mending(folder: words.operands[0]).write(to: path, stage: words.values["--stage"]) { codes[$0] }
    return 0
  }

  private static func mended(_ arguments: [String], _ diagnostics: DiagnosticWriter) throws(StopError) -> Int32 {
    let words = try Words(arguments, valued: ["--database", "--keep"])
    guard words.operands.count == 2 else {
      throw StopError(.usage, UsageFault.usage, "name the folder and the table: ils-migrate mended FOLDER TABLE")
    }
    return try Mending(folder: words.operands[0]).load(
      words.operands[1], database: words.values["--database"], keep: words.values["--keep"],
      job: { JobID.make().text }, diagnostics)
  }

  private static func plan(_ arguments: [String], _ diagnostics: DiagnosticWriter) throws(StopError) -> Int32 {
    var arguments = arguments
    guard let place = arguments.firstIndex(where: { ["-o", "--output"].contains($0) }), place + 1 < arguments.count
    else {
      throw StopError(.usage, UsageFault.usage, "say where the plan goes: ils-migrate plan TYPE FILE -o PLAN")
    }
    let path = arguments[place + 1]
    arguments.removeSubrange(place...place + 1)
    let applied = try take("--delta", from: &arguments)
    return try PlanAndApply.plan(arguments, since: applied, to: path, job: { JobID.make().text }, diagnostics)
  }

  /// Takes an option with its value away.
  private static func take(_ name: String, from words: inout [String]) throws(StopError) -> String? {
    guard let place = words.firstIndex(where: { $0 == name || $0.hasPrefix(name + "=") }) else { return nil }
    let word = words.remove(at: place)
    if word != name { return String(word.dropFirst(name.count + 1)) }
    guard place < words.count else { throw StopError(.usage, UsageFault.usage, "\(name) needs a value") }
    return words.remove(at: place)
  }

  private static func apply(_ arguments: [String], _ diagnostics: DiagnosticWriter) throws(StopError) -> Int32 {
    guard let path = arguments.first, !path.hasPrefix("-") else {
      throw StopError(.usage, UsageFault.usage, "name the plan: ils-migrate apply PLAN")
    }
    var more = Array(arguments.dropFirst())
    let approved = try Self.take("--approved", from: &more)
    let allowed = ["--database", "--keep", "--json"]
    var rest = more[...]
    while let option = rest.popFirst() {
      let name = option.split(separator: "=").first.map(String.init) ?? option
      guard allowed.contains(name) else {
        throw StopError(
          .usage, UsageFault.usage,
          "apply does what the plan says: it takes --approved, \(allowed.joined(separator: ", ")) and nothing else")
      }
      if name != "--json", !option.contains("=") { _ = rest.popFirst() }
    }
    return try PlanAndApply.apply(path, approved: approved, more, job: { JobID.make().text }, diagnostics)
  }
}
