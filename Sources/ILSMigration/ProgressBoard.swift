import Glibc
import ILSRecord
import ILSStream

/// How many records each stage has done, on one line of the terminal that is written over.
///
/// The parser's share of the source is the whole's: the other stages are never far behind.
struct ProgressBoard {
  private let plan: MigrationPlan
  private let isShown = isatty(STDERR_FILENO) == 1
  private let begun = ProgressBoard.now()
  private var next: Double
  private var isDrawn = false

  private static let interval = 0.5
  /// A line of progress is shorter.
  private static let tail = 4096

  init(_ plan: MigrationPlan) {
    self.plan = plan
    next = begun + Self.interval
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  mutating func update() {
    let time = Self.now()
    guard isShown, time >= next else { return }
    next = time + Self.interval
    let said = plan.stages.compactMap { stage in lastProgress(in: plan.path("\(stage.name.rawValue).log")) }
    guard !said.isEmpty else { return }
    var line = said.map { "\($0["progress"]?.string?.dropFirst(4) ?? "") \($0["records"]?.integer ?? 0)" }
      .joined(separator: " > ")
    var share = 0.0
    if case .number(let text)? = said.first?["share"] { share = Double(text) ?? 0 }
    if share > 0, share < 1 {
      let seconds = time - begun
      line += ", \(Int(share * 100)) %, \(Int(seconds / share - seconds)) s left"
    }
    isDrawn = true
    draw("\r\u{1B}[K" + line)
  }

  mutating func clear() {
    if isDrawn { draw("\r\u{1B}[K") }
    isDrawn = false
  }

  private func draw(_ text: String) {
    var buffer = OutputBuffer(capacity: 256)
    buffer.append(text)
    _ = Descriptor(STDERR_FILENO, owned: false).writeAll(buffer.bytes)
  }

  private func lastProgress(in path: String) -> JSONValue? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let end = lseek(file, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: Self.tail)
    let got = pread(file, &bytes, bytes.count, max(end - Self.tail, 0))
    guard got > 0 else { return nil }
    let lines = bytes[..<got].split(separator: 0x0A)
    guard let line = lines.last(where: { $0.starts(with: #"{"progress""#.utf8) }) else { return nil }
    return try? JSONValue(parsing: Array(line))
  }
}
