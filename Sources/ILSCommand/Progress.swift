import ILSRecord
import ILSStream
import Glibc

/// How far a run has come, on stderr: a line that is written over for people, NDJSON for programs.
///
/// People see it only from the last stage of a pipe and only on a terminal, so that stages do not write over each other.
struct Progress {
  private enum Style { case none, line, json }

  private let tool: String
  private let style: Style
  private let total: Int?
  private let started = Progress.now()
  private var next: Double
  private var isShown = false
  private var bytesOfEarlierSources = 0

  /// Seconds between two reports.
  private static let interval = 0.5

  init(_ tool: String, _ asked: CommonOptions.ProgressStyle, inputs: [String]) {
    self.tool = tool
    style =
      switch asked {
      case .none: .none
      case .json: .json
      case .auto: isatty(STDERR_FILENO) == 1 && Progress.isLastStage ? .line : .none
      }
    total = style == .none ? nil : Progress.totalBytes(inputs)
    next = started + Progress.interval
  }

  /// Not followed by another stage, nor by a person who reads the records themselves.
  private static var isLastStage: Bool {
    isatty(STDOUT_FILENO) == 0 && !Descriptor(STDOUT_FILENO, owned: false).status.isPipe
  }

  private static func totalBytes(_ inputs: [String]) -> Int? {
    var sum = 0
    for input in inputs.isEmpty ? ["/dev/stdin"] : inputs.map({ $0 == "-" ? "/dev/stdin" : $0 }) {
      guard let status = FileStatus(path: input), status.isRegular else { return nil }
      sum += status.size
    }
    return sum
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// - Parameter bytes: of the source that is being read.
  mutating func update(records: Int, bytes: Int) {
    guard style != .none else { return }
    let time = Progress.now()
    guard time >= next else { return }
    next = time + Progress.interval
    report(records: records, bytes: bytesOfEarlierSources + bytes, seconds: time - started, isLast: false)
  }

  mutating func endSource(bytes: Int) { bytesOfEarlierSources += bytes }

  mutating func finish(records: Int) {
    clear()
    if style == .json { report(records: records, bytes: nil, seconds: Progress.now() - started, isLast: true) }
  }

  /// Takes the line away, so that something else can be told.
  mutating func clear() {
    guard isShown else { return }
    isShown = false
    write("\r\u{1B}[K")
  }

  private mutating func report(records: Int, bytes: Int?, seconds: Double, isLast: Bool) {
    let rate = Int(Double(records) / max(seconds, 0.001))
    let share = bytes.flatMap { bytes in total.map { $0 > 0 ? Double(bytes) / Double($0) : 1 } }
    if style == .json {
      var members: [(name: String, value: JSONValue)] = [
        ("progress", .string(tool)), ("records", .number("\(records)")), ("perSecond", .number("\(rate)")),
      ]
      if let share { members.append(("share", .number("\(Double(Int(share * 1000)) / 1000)"))) }
      members.append(("done", .boolean(isLast)))
      write(JSONValue.object(members).text + "\n")
    } else {
      var line = "\r\u{1B}[K\(tool): \(records) records, \(rate)/s"
      if let share, share > 0 {
        line += ", \(Int(share * 100))%, \(Int(seconds / share - seconds)) s left"
      }
      isShown = true
      write(line)
    }
  }

  private func write(_ text: String) {
    var buffer = OutputBuffer(capacity: 256)
    buffer.append(text)
    _ = Descriptor(STDERR_FILENO, owned: false).writeAll(buffer.bytes)
  }
}
