import ArgumentParser
import ILSRecord
import ILSStream

/// What the end of a pipe is told of its start, so that it knows that nothing was lost.
public struct LedgerOptions: ParsableArguments {
  @Option(
    help: .init(
      "Check at the end that every row of this manifest (ils-parse --manifest) is accounted for.", valueName: "file"),
    completion: .file())
  public var manifest: String?

  @Option(
    help: .init("Count the rejects of an earlier stage. May be repeated.", valueName: "file"), completion: .file())
  public var rejectsIn: [String] = []

  @Flag(help: "Rows that a filter dropped on the way are no fault.")
  public var allowDropped = false

  public init() {}

  /// What is read at the end.
  public var files: [String?] { [manifest] + rejectsIn }

  /// Whether any was given.
  public var isGiven: Bool { manifest != nil || !rejectsIn.isEmpty || allowDropped }

  /// The manifest's rows and text, and how many records the rejects files hold.
  public func read() throws(StopError) -> (rows: Int?, manifest: String?, rejected: Int) {
    var rejected = 0
    for file in rejectsIn { rejected += try countLines(file) }
    guard let manifest else { return (nil, nil, rejected) }
    let read = try Manifest(reading: manifest)
    return (read.rows, read.json.text, rejected)
  }

  private func countLines(_ path: String) throws(StopError) -> Int {
    var reader = LineReader(try ByteSource(path))
    var count = 0
    while true {
      switch reader.next() {
      case .line(let line): count += line.bytes.isEmpty ? 0 : 1
      case .tooLong: count += 1
      case .needsInput: try reader.fill()
      case .end: return count
      }
    }
  }
}
