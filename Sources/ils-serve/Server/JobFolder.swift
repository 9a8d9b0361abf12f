import Foundation
import ServeParts

/// What was asked for when a job was started.
struct JobRequest: Codable, Sendable {
  var id: String
  var type: String
  var source: String
  var options: ImportOptions
  /// The upload, below the job's folder.
  var file: String
  /// The body was NDJSON records, not a file.
  var isNDJSON: Bool
  var hasMapping: Bool
  var startedBy: String
  var requestedAt: String
}

/// How a job's stages ended.
struct JobResult: Codable, Sendable {
  /// In the order of the pipe.
  var statuses: [Int] = []
  var isCancelled = false
  /// Why it failed, for people; no values.
  var message: String?
  /// The job's record as ils-load wrote it; a dry run leaves no other.
  var record: JSON?
  var endedAt: String
}

/// A job's place in the spool: what was asked, the upload, and what the stages left. Mode 0700, as it holds patient data.
///
///     request.json  upload/NAME  mapping.json  total.json  attempt-N/  result.json  cancelled
struct JobFolder: Sendable {
  let path: String
  var id: String { String(path.split(separator: "/").last ?? "") }

  static let stages = ["parse", "map", "validate", "load"]

  init(spool: String, id: String) { path = "\(spool)/jobs/\(id)" }

  var exists: Bool { access(path + "/request.json", F_OK) == 0 }
  var isCancelled: Bool { access(path + "/cancelled", F_OK) == 0 }

  var request: JobRequest? { read("request.json") }
  var result: JobResult? { read("result.json") }
  /// Rows of the upload, once they are counted.
  var total: Int? { (read("total.json") as JSON?)?["rows"]?.int }

  private func read<Value: Decodable>(_ name: String) -> Value? {
    guard let data = FileManager.default.contents(atPath: "\(path)/\(name)") else { return nil }
    return try? JSONDecoder().decode(Value.self, from: data)
  }

  /// Writes a file that is there whole or not at all.
  func write(_ value: some Encodable, to name: String) throws {
    let data = try JSONEncoder().encode(value)
    let temporary = "\(path)/\(name).new"
    guard FileManager.default.createFile(atPath: temporary, contents: data, attributes: [.posixPermissions: 0o600]),
      rename(temporary, "\(path)/\(name)") == 0
    else { throw Problem(.init(code: 507), "the spool folder cannot be written") }
  }

  func remove(_ name: String) { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  /// How many attempts there were.
  var attempts: Int {
    var number = 0
    while access("\(path)/attempt-\(number + 1)", F_OK) == 0 { number += 1 }
    return number
  }

  /// The folder of attempt `number`, made if it is not there.
  func attempt(_ number: Int) throws -> String {
    let folder = "\(path)/attempt-\(number)"
    try Settings.makePrivate(folder)
    return folder
  }

  /// The rejects of the latest attempt, in the order of the stages.
  var rejects: [String] {
    let folder = "\(path)/attempt-\(attempts)"
    return JobFolder.stages.map { "\(folder)/\($0).rejects.ndjson" }.filter { access($0, R_OK) == 0 }
  }

  /// Adds to the loader's latest rejects those of its earlier attempts: a loader that goes on with a job refuses only what
  /// is left of it. The stages before it read the whole file again.
  func gatherLoadRejects() {
    let last = attempts
    guard last > 1 else { return }
    let path = "\(self.path)/attempt-\(last)/load.rejects.ndjson"
    var known = Set<Data>()
    LineFile.each(of: path) { known.insert($0) }
    guard let file = fopen(path, "a") else { return }
    defer { fclose(file) }
    for attempt in 1..<last {
      LineFile.each(of: "\(self.path)/attempt-\(attempt)/load.rejects.ndjson") { line in
        // A loader that was killed may have left part of a line.
        guard JSON(line) != nil, known.insert(line).inserted else { return }
        _ = (line + Data("\n".utf8)).withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
      }
    }
  }

  /// Whether the job's mapping brings JavaScript.
  var hasScript: Bool {
    guard request?.hasMapping == true else { return false }
    guard let mapping = read("mapping.json") as JSON? else { return true }
    return Service.hasScript(mapping)
  }

  /// Every job folder of the spool, the oldest first.
  static func all(in spool: String) -> [JobFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: spool + "/jobs")) ?? []
    return names.filter { UUIDs.read($0) == $0 }.sorted().map { JobFolder(spool: spool, id: $0) }.filter(\.exists)
  }
}

extension Date {
  /// `2026-11-26T20:44:09Z`.
  var iso: String { ISO8601DateFormatter().string(from: self) }
}
