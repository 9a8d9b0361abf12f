import Foundation
import ServeParts

/// What a server was started with, checked.
struct Settings: Sendable {
  static let version = "0.1.0"

  var host: String
  var port: Int
  /// nil: whoever reaches the server may do everything.
  var tokens: TokenFile?
  var spool: String
  var database: String?
  var jobLimit: Int
  var uploadLimit: Int
  /// Seconds.
  var retention: Double
  var allowsScripts: Bool
  let quota: Quota
  var tls: (certificate: String, key: String)?
  /// The folder of the executables that do the work; nil: they are in PATH.
  var tools: String?

  init(_ run: Run) throws {
    // What the stages leave holds patient data.
    umask(0o077)
    host = run.host
    port = run.port
    database = run.database
    jobLimit = run.jobs
    uploadLimit = Settings.size(run.maxUpload) ?? 0
    retention = Double(run.keep) * 3600
    allowsScripts = run.allowScripts
    quota = Quota(
      spoolBytes: Settings.size(run.maxSpool) ?? 0, jobsOfToken: run.maxJobs, checksOfToken: run.maxChecks,
      checkSeconds: run.checkTime)
    if let certificate = run.tlsCertificate, let key = run.tlsKey { tls = (certificate, key) }
    tools = Settings.findTools()
    // The stages run elsewhere: paths must not depend on where.
    spool = URL(fileURLWithPath: run.spool ?? Settings.stateFolder()).path
    try Settings.makePrivate(spool)
    try Settings.lock(spool)
    if let file = run.tokens { tokens = try Settings.readTokens(file) }
  }

  private static func readTokens(_ file: String) throws -> TokenFile {
    var status = stat()
    guard stat(file, &status) == 0, let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw Fault("\(file) cannot be read: ils-serve token \(file) makes a token")
    }
    guard status.st_mode & 0o077 == 0 else { throw Fault("others may read or change \(file): chmod 600 \(file)") }
    do {
      return try TokenFile(text)
    } catch {
      throw Fault("\(file): \(error.message)")
    }
  }

  /// Makes a folder that nobody else may enter.
  static func makePrivate(_ folder: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    var status = stat()
    guard stat(folder, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw Fault("\(folder) must be a folder of ours that nobody else may enter: chmod 700")
    }
  }

  /// Keeps the spool for this process; the lock ends with it.
  private static func lock(_ spool: String) throws {
    let descriptor = open(spool + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Fault("\(spool) belongs to another ils-serve that runs: give each server a spool of its own")
    }
  }

  private static func stateFolder() -> String {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["HOME"] ?? "/var/lib"
    return (environment["XDG_STATE_HOME"] ?? home + "/.local/state") + "/ils-serve"
  }

  /// `$ILS_BIN`, or where this executable is; as a last resort, PATH.
  private static func findTools() -> String? {
    let environment = ProcessInfo.processInfo.environment
    var folders = [environment["ILS_BIN"]].compactMap { $0 }
    if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      folders.append(URL(fileURLWithPath: own).deletingLastPathComponent().path)
    }
    return folders.first { access($0 + "/ils-parse", X_OK) == 0 }
  }

  /// The page's files: installed beside the entities, or where SwiftPM put them.
  static func pageFolder() -> String? {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    let bin = URL(fileURLWithPath: own).deletingLastPathComponent().path
    return ["\(bin)/../share/ils/page", "\(bin)/ils-serve_ils-serve.resources/Page"].first {
      access($0 + "/index.html", R_OK) == 0
    }
  }

  static func isLoopback(_ host: String) -> Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }

  /// `500M` in bytes; nil for what is no size, and for one beyond a petabyte.
  static func size(_ text: String) -> Int? {
    let units: [String: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let unit = text.last.flatMap { units[$0.uppercased()] }
    guard let count = Int(unit == nil ? text : String(text.dropLast())), count > 0 else { return nil }
    let (bytes, isOver) = count.multipliedReportingOverflow(by: unit ?? 1)
    return isOver || bytes > 1 << 50 ? nil : bytes
  }

  static func complain(_ message: String) { FileHandle.standardError.write(Data("ils-serve: \(message)\n".utf8)) }
}

/// Something that is wrong with what the server was started with.
struct Fault: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
