import Foundation

/// What a command printed, and how each part of its pipeline ended.
struct Outcome {
  var out: String
  var err: String
  /// PIPESTATUS of the last pipeline.
  var statuses: [Int]

  var status: Int { statuses.last ?? -1 }
}

/// The folders that tests work with.
enum Place {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The executables under test: `$ILS_BIN`, else those built beside the test bundle.
  static let bin: String = {
    if let given = ProcessInfo.processInfo.environment["ILS_BIN"] { return given }
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = URL(fileURLWithPath: executable).deletingLastPathComponent().path
    return FileManager.default.fileExists(atPath: beside + "/ils-parse") ? beside : root + "/.build/debug"
  }()
}

/// A scratch folder that commands run in; gone with its last reference.
final class Scratch {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/ils-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  func read(_ name: String) -> String? {
    FileManager.default.contents(atPath: path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What scripts wait with. Nothing waits for a time: what was to happen first may take long on a busy machine.
  private static let waiting = #"""
    # Tries a command until it succeeds; ends the script where that takes ten minutes.
    await() { local end=$((SECONDS + 600)); until "$@"; do [ "$SECONDS" -lt "$end" ] || { echo "never: $*" >&2; exit 124; }; sleep 0.05; done; }
    ask() { psql -XAtqc "$1" "$DATABASE_URL"; }
    is() { [ "$(ask "SELECT $1" 2> /dev/null)" = t ]; }
    # Another session takes a lock, and holds it until it is let go.
    hold() { mkfifo .lock; psql -XqAt "$DATABASE_URL" < .lock > .held 2>&1 & exec 8> .lock; echo "BEGIN; $1; SELECT 'held';" >&8; await grep -q held .held; }
    let_go() { echo 'COMMIT;' >&8; exec 8>&-; rm .lock .held; }
    # Some sessions wait for such a lock, or for lock 4711.
    wait_for_it() { is "count(*) >= $1 FROM pg_locks WHERE NOT granted AND (relation = 'patients'::regclass OR objid = 4711)
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"; }
    processing() { job=$(ask "SELECT id FROM ils.jobs WHERE status = 'processing'"); [ -n "$job" ]; }

    """#

  /// Runs `script` in bash, in this folder, with the tools in PATH.
  func run(_ script: String) throws -> Outcome {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", Self.waiting + script + "\nprintf '%s\\n' \"${PIPESTATUS[*]}\" > '\(path)/.statuses'"]
    shell.currentDirectoryURL = URL(fileURLWithPath: path)
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = Place.bin + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["LC_ALL"] = "C.UTF-8"
    environment["TZ"] = "UTC"
    environment["NO_COLOR"] = "1"
    environment["LOG_LEVEL"] = nil
    shell.environment = environment
    // Files, not pipes: a pipe that nobody reads in time would stop the command.
    for name in [".out", ".err", ".statuses"] { try write(name, "") }
    let out = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/.out"))
    let err = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/.err"))
    shell.standardOutput = out
    shell.standardError = err
    shell.standardInput = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    try out.close()
    try err.close()
    let statuses = (read(".statuses") ?? "").split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
    return Outcome(out: read(".out") ?? "", err: read(".err") ?? "", statuses: statuses)
  }
}
