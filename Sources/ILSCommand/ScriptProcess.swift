import Glibc
import ILSRecord

/// One process of `ils-script`, and the socket to it.
///
/// Its calls are limited by the process itself (`clock.h`), and for those that do not hear that, from here: by the time
/// that it computes, so that a busy machine refuses nothing. It ends with this object.
final class ScriptProcess {
  enum Answer {
    /// So many whole lines have come.
    case lines(Int)
    /// The first call without an answer runs for longer than any may.
    case late
    /// It has died, or says what it should not.
    case gone
  }

  private let process: pid_t
  private let descriptor: Int32
  private var clock = clockid_t()
  /// Where its clock and ours stood when it was last heard.
  private var heard = (computed: 0, passed: 0)
  /// The part of a line that has come.
  private var begun = OutputBuffer()
  private var isGone = false

  /// Half a second of computing for one call, and some for the start; a minute on the wall.
  private static let mostComputed = 500
  private static let mostPassed = 60_000
  private static let poll: Int32 = 50

  /// A socket, since writing to one whose other end is gone can do without SIGPIPE.
  init() throws(StopError) {
    let path = try ScriptProcess.path()
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw StopError(.temporaryFailure, CommandFault.scriptWorker, "no socket for ils-script: errno \(errno)")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    let name = strdup(path)
    let zone = strdup("TZ=UTC")
    defer {
      posix_spawn_file_actions_destroy(&actions)
      free(name)
      free(zone)
      close(ends[1])
    }
    var child: pid_t = 0
    let failure = posix_spawn(&child, path, &actions, nil, [name, nil], [zone, nil])
    guard failure == 0 else {
      close(ends[0])
      throw StopError(.software, CommandFault.scriptWorker, "\(path) cannot be started: errno \(failure)")
    }
    process = child
    descriptor = ends[0]
    clock_getcpuclockid(child, &clock)
    var most = timeval(tv_sec: ScriptProcess.mostPassed / 1000, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &most, socklen_t(MemoryLayout<timeval>.size))
    hear()
  }

  deinit {
    close(descriptor)
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  /// `ils-script` beside this executable, or in `libexec/ils` beside its folder.
  private static func path() throws(StopError) -> String {
    let folder = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { path in
      let length = readlink("/proc/self/exe", path.baseAddress!, path.count)
      let whole = String(decoding: UnsafeRawBufferPointer(path)[..<max(length, 0)], as: UTF8.self)
      return whole.lastIndex(of: "/").map { String(whole[..<$0]) } ?? "."
    }
    for path in ["\(folder)/ils-script", "\(folder)/../libexec/ils/ils-script"] where access(path, X_OK) == 0 {
      return path
    }
    throw StopError(
      .software, CommandFault.scriptWorker, "ils-script is not beside this tool: custom functions cannot be run")
  }

  // MARK: - Lines

  /// Sends a frame of lines. The process reads all of it before it answers; what goes wrong, `receive` tells.
  func send(_ lines: UnsafeRawBufferPointer) {
    var head = OutputBuffer()
    head.append(decimal: lines.count)
    head.append(UInt8(ascii: "\n"))
    isGone = isGone || !put(head.bytes) || !put(lines)
    hear()
  }

  private func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let put = Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      if put < 0, errno == EINTR { continue }
      guard put > 0 else { return false }
      sent += put
    }
    return true
  }

  /// Appends the next whole lines to `answer`. None is longer than a few times the `longest` call.
  func receive(into answer: inout OutputBuffer, longest: Int) -> Answer {
    let block = 1 << 16
    let mostBegun = (1 << 20) + 8 * longest + block
    while !isGone, begun.count <= mostBegun {
      let got = recv(descriptor, begun.reserve(block), block, Int32(MSG_DONTWAIT))
      if got > 0 {
        hear()
        let before = begun.count
        begun.commit(got)
        let (lines, end) = wholeLines(from: before)
        if lines == 0 { continue }
        answer.append(UnsafeRawBufferPointer(rebasing: begun.bytes[..<end]))
        begun.removeFirst(end)
        return .lines(lines)
      }
      if got < 0, errno == EINTR { continue }
      guard got < 0, errno == EAGAIN else { break }
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if Glibc.poll(&wait, 1, ScriptProcess.poll) == 0, isLate { return .late }
    }
    return .gone
  }

  /// How many lines end at or behind `start` in what has come, and where the last of them ends.
  private func wholeLines(from start: Int) -> (count: Int, end: Int) {
    var count = 0
    var end = start
    while let feed = begun.bytes.lineFeed(from: end) {
      count += 1
      end = feed + 1
    }
    return (count, end)
  }

  // MARK: - Time

  private var isLate: Bool {
    milliseconds(clock) - heard.computed > ScriptProcess.mostComputed
      || milliseconds(CLOCK_MONOTONIC) - heard.passed > ScriptProcess.mostPassed
  }

  private func hear() { heard = (milliseconds(clock), milliseconds(CLOCK_MONOTONIC)) }

  private func milliseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}
