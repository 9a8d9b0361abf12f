import Glibc
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
      let request = try MigrationRequest(arguments)
      if request.printsPipe {
        print(MigrationRun.pipe(of: request, job: JobID.make().text), terminator: "")
        return 0
      }
      return try MigrationRun(request, job: { JobID.make().text }, diagnostics).run()
    } catch {
      diagnostics.write(error)
      return error.status.rawValue
    }
  }
}
