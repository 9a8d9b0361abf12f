import Glibc
import ILSRecord
import ILSStream

/// Runs the stages of a plan as processes, each one's output the next one's input.
///
/// The first stage stays in the terminal's process group, so that it may read from the terminal; the others are in one of their
/// own: a signal reaches the loader once, from here, and it ends behind a batch.
public struct StagePipe {
  private let plan: MigrationPlan
  private let environment: [String: String]
  private var processes: [pid_t] = []
  private var statuses: [MigrationPlan.Status?] = []
  private var signalsPassedOn: Int32 = 0

  /// - Parameter environment: what the stages find beside what this process has.
  public init(_ plan: MigrationPlan, environment: [String: String]) {
    self.plan = plan
    self.environment = environment
  }

  /// The folder that holds the tools: that of this executable; nil where they are to be found in PATH.
  static let toolFolder: String? = {
    let folder = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { path -> String? in
      let length = readlink("/proc/self/exe", path.baseAddress!, path.count)
      let whole = String(decoding: UnsafeRawBufferPointer(path)[..<max(length, 0)], as: UTF8.self)
      return whole.lastIndex(of: "/").map { String(whole[..<$0]) }
    }
    return folder.flatMap { access("\($0)/\(StageName.parse.tool)", X_OK) == 0 ? $0 : nil }
  }()

  // MARK: - Running

  /// Starts all stages and waits until all have ended.
  /// - Parameters:
  ///   - asked: how many times somebody asked to stop; each further one is passed on.
  ///   - tick: called some times a second while they run.
  /// - Returns: the stages' statuses, in the plan's order.
  public mutating func run(asked: () -> Int32, tick: () -> Void) throws(StopError) -> [MigrationPlan.Status] {
    defer { for process in processes where process > 0 { kill(process, SIGTERM) } }
    try start()
    while let open = statuses.firstIndex(where: { $0 == nil }) {
      var pause = timespec(tv_sec: 0, tv_nsec: 50_000_000)
      if !collect(from: open) {
        tick()
        nanosleep(&pause, nil)
      }
      if asked() > signalsPassedOn {
        signalsPassedOn = asked()
        stop()
      }
    }
    processes.removeAll()
    return statuses.compactMap { $0 }
  }

  /// Ends the pipe at both ends: the loader stops behind a batch, and nothing more comes from the parser.
  private func stop() {
    for index in processes.indices where statuses[index] == nil {
      if plan.stages[index].name == .load || plan.stages[index].name == .parse || signalsPassedOn > 1 {
        kill(processes[index], SIGTERM)
      }
    }
  }

  /// Takes the status of a stage that has ended; false where none has.
  private mutating func collect(from first: Int) -> Bool {
    for index in first..<processes.count where statuses[index] == nil {
      var status: Int32 = 0
      let ended = waitpid(processes[index], &status, WNOHANG)
      if ended == processes[index] {
        let signal = status & 0x7F
        statuses[index] = signal == 0 ? status >> 8 & 0xFF : 128 + signal
        processes[index] = 0
        return true
      }
    }
    return false
  }

  // MARK: - Starting

  private mutating func start() throws(StopError) {
    var input: Int32 = STDIN_FILENO
    var group: pid_t = 0
    for (index, call) in plan.stages.enumerated() {
      let isLast = index == plan.stages.count - 1
      var ends: [Int32] = [-1, -1]
      if isLast {
        ends[1] = try sink(of: call.name)
      } else {
        guard pipe(&ends) == 0 else {
          throw StopError(.temporaryFailure, MigrationFault.migratePipe, "no pipe for the stages: \(systemErrorText())")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      }
      defer {
        close(ends[1])
        if input != STDIN_FILENO { close(input) }
        input = ends[0]
      }
      let process = try spawn(call, input, ends[1], group: index == 0 ? nil : group)
      if index == 1 { group = process }
      processes.append(process)
      statuses.append(nil)
    }
  }

  /// Where the last stage's output goes.
  private func sink(of stage: StageName) throws(StopError) -> Int32 {
    try file(stage == .load ? plan.path("outcomes.ndjson") : "/dev/null")
  }

  private func file(_ path: String) throws(StopError) -> Int32 {
    let opened = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else {
      throw StopError(
        .cannotCreate, StreamFault.ioCreate, "cannot write: \(systemErrorText())", at: Position(file: path))
    }
    return opened
  }

  private func spawn(_ call: MigrationPlan.StageCall, _ input: Int32, _ output: Int32, group: pid_t?) throws(StopError)
    -> pid_t
  {
    let log = try file(plan.path("\(call.name.rawValue).log"))
    defer { close(log) }
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (from, to) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (log, STDERR_FILENO)] where from != to {
      posix_spawn_file_actions_adddup2(&actions, from, to)
    }
    // A filter dies of SIGPIPE, whatever this process does with it.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    if let group {
      posix_spawnattr_setpgroup(&attributes, group)
      flags |= POSIX_SPAWN_SETPGROUP
    }
    posix_spawnattr_setflags(&attributes, Int16(flags))
    // Logs are for this program, which tells people what is in them.
    let told = [call.name.tool, "--log-format", "json", "--progress", "json"] + call.arguments
    return try Self.spawn(told, environment, &actions, &attributes)
  }

  private static func spawn(
    _ words: [String], _ more: [String: String], _ actions: inout posix_spawn_file_actions_t,
    _ attributes: inout posix_spawnattr_t
  ) throws(StopError) -> pid_t {
    let path = toolFolder.map { "\($0)/\(words[0])" } ?? words[0]
    let arguments = words.map { strdup($0) } + [nil]
    let variables = merged(more).map { strdup($0) } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var process: pid_t = 0
    let failure = posix_spawnp(&process, path, &actions, &attributes, arguments, variables)
    guard failure == 0 else {
      throw StopError(.software, MigrationFault.migrateStage, "\(path) cannot be started: \(systemErrorText(failure))")
    }
    return process
  }

  /// This process's environment with `more` in it.
  private static func merged(_ more: [String: String]) -> [String] {
    var variables: [String] = []
    var at = environ
    while let text = at.pointee {
      let variable = String(cString: text)
      if !more.keys.contains(where: { variable.hasPrefix("\($0)=") }) { variables.append(variable) }
      at += 1
    }
    return variables + more.map { "\($0.key)=\($0.value)" }
  }

  // MARK: - One tool alone

  /// Runs one tool, without input, its output to `output` or away, and waits for it.
  public static func runAlone(_ words: [String], environment: [String: String], output: String? = nil) throws(StopError)
    -> MigrationPlan.Status
  {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    if let output {
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    let process = try spawn(words, environment, &actions, &attributes)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }
}
