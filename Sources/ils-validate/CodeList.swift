import ILSCodes
import ILSCommand
import ILSRecord
import ILSValidation
import ILSStream
import Glibc

/// The codes of faults: a list for people at a terminal, NDJSON for programs.
struct CodeList {
  private let options: FilterOptions

  init(_ options: FilterOptions) { self.options = options }

  /// - Parameter schema: the path of a schema whose own codes are listed too.
  func write(_ schema: String?) throws(StopError) -> ExitStatus {
    var codes = FaultCode.everyRoom
    if let schema { codes += FaultCode.own(try DataFiles.json(at: schema)) }
    var buffer = OutputBuffer()
    let isForPeople = options.output == nil && isatty(STDOUT_FILENO) == 1
    for code in codes {
      if isForPeople {
        buffer.append("\(code.code)\n    \(code.meaning)\n    \(code.mending)\n")
      } else {
        JSONValue.object([
          ("code", .string(code.code)), ("meaning", .string(code.meaning)), ("mending", .string(code.mending)),
        ]).write(to: &buffer)
        buffer.append("\n" as StaticString)
      }
    }
    var output = try OutputFile(options.output)
    try output.write(&buffer)
    try output.close()
    return .success
  }
}
