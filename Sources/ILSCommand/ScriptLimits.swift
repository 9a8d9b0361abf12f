import ILSMapping
import ILSRecord

/// How often functions went beyond their limits, and when that is enough.
///
/// A call that is ended costs up to a second. A function that always is ended would take days for a large file, and
/// refuse all of it: after three calls in a row, one in a hundred once there are twenty, or a hundred of all functions, the run
/// ends.
struct ScriptLimits {
  private struct Count {
    var calls = 0
    var ended = 0
    var inRow = 0
  }

  private let scripts: [MappingScript]
  private var counts: [Count]
  /// How many calls of all functions were ended.
  private var ended = 0
  /// So many take a minute, however many calls went well in between.
  private static let most = 100
  /// Why the run ends with the next call.
  private(set) var verdict: StopError?

  init(_ scripts: [MappingScript]) {
    self.scripts = scripts
    counts = .init(repeating: Count(), count: scripts.count)
  }

  /// Counts the calls, a line each from the first on, that `replies` answer.
  mutating func count(_ calls: UnsafeRawBufferPointer, _ replies: UnsafeRawBufferPointer) {
    var call = calls.startIndex
    var reply = replies.startIndex
    while reply < replies.endIndex {
      if let script = number(calls, at: call + 1) {
        take(script, isEnded: isEnded(replies, at: reply))
      }
      call = (calls.lineFeed(from: call) ?? calls.endIndex - 1) + 1
      reply = (replies.lineFeed(from: reply) ?? replies.endIndex - 1) + 1
    }
  }

  private mutating func take(_ script: Int, isEnded: Bool) {
    counts[script].calls += 1
    guard isEnded else {
      counts[script].inRow = 0
      return
    }
    ended += 1
    counts[script].ended += 1
    counts[script].inRow += 1
    let count = counts[script]
    let isOften = count.ended > 20 && count.ended * 100 > count.calls
    guard verdict == nil, count.inRow >= 3 || isOften || ended >= Self.most else { return }
    let often =
      count.inRow >= 3
      ? "the function was ended three times in a row"
      : isOften
        ? "the function was ended \(count.ended) times"
        : "the mapping's functions were ended \(ended) times, this one the last"
    verdict = StopError(
      .configuration, CommandFault.scriptLimits,
      "\(scripts[script].place): \(often), since it ran too long or took too much memory: mend it, then run again; what was written is not whole"
    )
  }

  /// Whether the reply says `!time` or `!memory`.
  private func isEnded(_ replies: UnsafeRawBufferPointer, at start: Int) -> Bool {
    replies[start] == UInt8(ascii: "!")
      && (replies[start...].starts(with: "!time\n".utf8) || replies[start...].starts(with: "!memory\n".utf8))
  }

  /// The number of the script in `[script,`.
  private func number(_ calls: UnsafeRawBufferPointer, at start: Int) -> Int? {
    guard start < calls.endIndex else { return nil }
    let number = calls[start...].prefix { $0 != UInt8(ascii: ",") }.reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
    return number < counts.count ? number : nil
  }
}
