import ILSCommand
import ILSRecord
import ILSMapping

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs a mapping's custom functions in `ils-script`, a process that may do nothing but answer.
///
/// A worker that dies takes its batch with it: a new one gets the calls one by one, and the call that kills it again is
/// the only one without an answer.
final class ScriptWorker: ScriptEngine {
  private var descriptor: Int32 = -1
  private var process: pid_t = 0
  private var scripts: [MappingScript] = []
  private var frame = OutputBuffer()

  deinit { stop() }

  // MARK: - ScriptEngine

  func compile(_ scripts: [MappingScript]) throws(StopError) -> [Bool] {
    self.scripts = scripts
    return try start()
  }

  func run(_ calls: UnsafeRawBufferPointer, count: Int, into replies: inout OutputBuffer) throws(StopError) {
    let mark = replies.count
    if exchange(calls, into: &replies) { return }
    replies.truncate(to: mark)
    _ = try start()
    for line in calls.split(separator: 0x0A) {
      let before = replies.count
      if exchange(UnsafeRawBufferPointer(rebasing: line), into: &replies) { continue }
      replies.truncate(to: before)
      replies.append("!memory\n" as StaticString)
      _ = try start()
    }
  }

  // MARK: - The process

  /// Starts a worker with the scripts, and returns which of them look at the record.
  private func start() throws(StopError) -> [Bool] {
    stop()
    try spawn()
    var sources = OutputBuffer()
    for script in scripts {
      sources.appendJSONString(script.source)
      sources.append(UInt8(ascii: "\n"))
    }
    var answers = OutputBuffer()
    guard exchange(sources.bytes, into: &answers) else {
      throw StopError(.software, code: "script.worker", "ils-script ended before it had read the custom functions")
    }
    let lines = answers.string().split(separator: "\n")
    for (line, script) in zip(lines, scripts) where line.hasPrefix("!") {
      throw StopError(
        .configuration, code: "script.invalid",
        "\(script.place): no JavaScript function: \(line.dropFirst().replacing("\t", with: ": "))")
    }
    return lines.map { $0 == "=1" }
  }

  /// A socket, since writing to one whose other end is gone can do without SIGPIPE.
  private func spawn() throws(StopError) {
    let path = try ScriptWorker.path()
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw StopError(.temporaryFailure, code: "script.worker", "no socket for ils-script: errno \(errno)")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
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
      throw StopError(.software, code: "script.worker", "\(path) cannot be started: errno \(failure)")
    }
    process = child
    descriptor = ends[0]
  }

  private func stop() {
    guard process > 0 else { return }
    close(descriptor)
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    process = 0
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
      .software, code: "script.worker", "ils-script is not beside ils-map: custom functions cannot be run")
  }

  // MARK: - Frames

  /// Sends `lines` and appends the answer; false where the worker is gone.
  private func exchange(_ lines: UnsafeRawBufferPointer, into answer: inout OutputBuffer) -> Bool {
    frame.removeAll()
    frame.append(decimal: lines.count)
    frame.append(UInt8(ascii: "\n"))
    frame.append(lines)
    var sent = 0
    while sent < frame.count {
      let put = send(descriptor, frame.bytes.baseAddress! + sent, frame.count - sent, Int32(MSG_NOSIGNAL))
      if put < 0, errno == EINTR { continue }
      guard put > 0 else { return false }
      sent += put
    }
    var length = 0
    while true {
      var digit: UInt8 = 0
      guard receive(&digit, 1) else { return false }
      if digit == UInt8(ascii: "\n") { break }
      length = length * 10 + Int(digit &- UInt8(ascii: "0"))
    }
    let to = answer.reserve(length)
    guard receive(to, length) else { return false }
    answer.commit(length)
    return true
  }

  private func receive(_ to: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    var got = 0
    while got < count {
      let read = recv(descriptor, to + got, count - got, 0)
      if read < 0, errno == EINTR { continue }
      guard read > 0 else { return false }
      got += read
    }
    return true
  }
}
