import ILSMapping
import ILSRecord

/// Runs a mapping's custom functions in `ils-script`, a process that may do nothing but answer.
///
/// A call that does not end is ended with its process, and refused; a new process gets the calls behind it. A process
/// that dies takes its batch with it: a new one gets the calls one by one, and the call that kills that one too is refused.
/// A function that does so again and again ends the run.
public final class ScriptWorker: ScriptEngine {
  private var scripts: [MappingScript] = []
  private var process: ScriptProcess?
  private var limits: ScriptLimits
  /// Calls that the process has been given and has not answered.
  private var outstanding = 0
  /// Whether calls go one by one, to find the one that kills.
  private var isCareful = false

  public init() { limits = ScriptLimits([]) }

  // MARK: - ScriptEngine

  public func compile(_ scripts: [MappingScript]) throws(StopError) -> [Bool] {
    self.scripts = scripts
    limits = ScriptLimits(scripts)
    return try start()
  }

  public func run(_ calls: UnsafeRawBufferPointer, count: Int, into replies: inout OutputBuffer) throws(StopError)
    -> Int
  {
    if let verdict = limits.verdict { throw verdict }
    let mark = replies.count
    let answered = try answer(calls, count, &replies)
    limits.count(calls, UnsafeRawBufferPointer(rebasing: replies.bytes[mark...]))
    if answered == count { isCareful = false }
    return answered
  }

  private func answer(_ calls: UnsafeRawBufferPointer, _ count: Int, _ replies: inout OutputBuffer) throws(StopError)
    -> Int
  {
    while true {
      guard let process else { throw ScriptWorker.lost() }
      if outstanding == 0 {
        outstanding = isCareful ? 1 : count
        process.send(isCareful ? firstLine(of: calls) : calls)
      }
      switch process.receive(into: &replies, longest: calls.count) {
      case .lines(let lines) where lines <= outstanding:
        outstanding -= lines
        return lines
      case .late:
        replies.append("!time\n" as StaticString)
        _ = try start()
        return 1
      case .lines, .gone:
        // More answers than calls, or too long a one, comes from no process of ours any more.
        let isFound = outstanding == 1
        _ = try start()
        if isFound {
          replies.append("!memory\n" as StaticString)
          isCareful = false
          return 1
        }
        isCareful = true
      }
    }
  }

  private func firstLine(of calls: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: calls[...(calls.lineFeed(from: 0) ?? calls.count - 1)])
  }

  // MARK: - The process

  /// Starts a process with the scripts, and returns which of them look at the record.
  private func start() throws(StopError) -> [Bool] {
    outstanding = 0
    let process = try ScriptProcess()
    self.process = process
    var sources = OutputBuffer()
    for script in scripts {
      sources.appendJSONString(script.source)
      sources.append(UInt8(ascii: "\n"))
    }
    process.send(sources.bytes)
    var answers = OutputBuffer()
    var count = 0
    while count < scripts.count {
      switch process.receive(into: &answers, longest: sources.count) {
      case .lines(let lines): count += lines
      case .late:
        answers.append("!time\n" as StaticString)
        count = scripts.count
      case .gone: throw ScriptWorker.lost()
      }
    }
    let lines = answers.string().split(separator: "\n")
    for (line, script) in zip(lines, scripts) where line.hasPrefix("!") {
      throw StopError(
        .configuration, CommandFault.scriptInvalid,
        line == "!time"
          ? "\(script.place): the function does not come to an end before it has a value"
          : "\(script.place): no JavaScript function: \(line.dropFirst().replacing("\t", with: ": "))")
    }
    return lines.map { $0 == "=1" }
  }

  private static func lost() -> StopError {
    StopError(.software, CommandFault.scriptWorker, "ils-script ended before it had read the custom functions")
  }
}
