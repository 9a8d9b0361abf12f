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

  /// Runs `script` in bash, in this folder, with the tools in PATH.
  func run(_ script: String) throws -> Outcome {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", script + "\nprintf '%s\\n' \"${PIPESTATUS[*]}\" > '\(path)/.statuses'"]
    shell.currentDirectoryURL = URL(fileURLWithPath: path)
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = Place.bin + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["LC_ALL"] = "C.UTF-8"
    environment["TZ"] = "UTC"
    environment["NO_COLOR"] = "1"
    environment["LOG_LEVEL"] = nil
    shell.environment = environment
    // Files, not pipes: a pipe that nobody reads in time would stop the command.
    for name in [".out", ".err"] { try write(name, "") }
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
