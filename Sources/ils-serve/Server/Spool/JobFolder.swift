import Foundation
import ILSMigration
import ILSRecord
import ILSStore

/// A job's place in the spool: what was asked, the upload, and what the stages left. Mode 0700, as it holds patient data.
///
///     request.json  upload/NAME  mapping.json  total.json  attempt-N/  result.json  cancelled  resumed.json
struct JobFolder: Sendable {
  let path: String
  var id: String { String(path.split(separator: "/").last ?? "") }

  init(spool: String, id: String) { path = "\(spool)/jobs/\(id)" }

  var exists: Bool { access(path + "/request.json", F_OK) == 0 }
  var isCancelled: Bool { access(path + "/cancelled", F_OK) == 0 }

  var request: JobRequest? { read("request.json").flatMap { JobRequest($0) } }
  var result: JobResult? { read("result.json").flatMap { JobResult($0) } }
  /// Who asked for what is done next: who started the job, or resumed it last.
  var actor: String? { read("resumed.json")?["by"]?.string ?? request?.startedBy }
  func note(actor: String) throws { try write(.object([("by", .string(actor))]), to: "resumed.json") }

  /// Rows of the upload, once they are counted.
  var total: Int? { read("total.json")?["rows"]?.integer }

  private func read(_ name: String) -> JSONValue? {
    FileManager.default.contents(atPath: "\(path)/\(name)").flatMap { JSONValue(read: $0) }
  }

  /// Writes a file that is there whole or not at all.
  func write(_ value: JSONValue, to name: String) throws {
    let temporary = "\(path)/\(name).new"
    guard PrivateFiles.make(temporary, Array(value.text.utf8)), rename(temporary, "\(path)/\(name)") == 0 else {
      unlink(temporary)
      throw Problem.noRoom("the spool folder cannot be written")
    }
  }

  func remove(_ name: String) { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  // MARK: - Attempts

  /// How many attempts there were.
  var attempts: Int {
    var number = 0
    while access(attempt(number + 1), F_OK) == 0 { number += 1 }
    return number
  }

  /// The folder of attempt `number`.
  func attempt(_ number: Int) -> String { "\(path)/attempt-\(number)" }

  /// The rejects of the latest attempt, in the order of the stages. Each attempt reads the whole upload, and a loader that goes
  /// on refuses again what was refused before: the latest has them all.
  var rejects: [String] {
    let folder = attempt(attempts)
    return StageName.allCases.map { "\(folder)/\($0.rawValue).rejects.ndjson" }.filter { access($0, R_OK) == 0 }
  }

  /// What the latest attempt's loader said of the job at its end; nil where it did not come to that.
  var lastRecord: JSONValue? { JobFolder.loadRecord(in: attempt(attempts)) }

  static func loadRecord(in attempt: String) -> JSONValue? {
    guard let said = FileManager.default.contents(atPath: "\(attempt)/outcomes.ndjson"),
      let record = jsonLines(Array(said)).last, record["kind"]?.string == "load"
    else { return nil }
    return record
  }

  /// The logs of the latest attempt's stages that are still at work, of this server or of one that was killed.
  var heldLogs: [(stage: StageName, log: StageLog)] {
    let folder = attempt(attempts)
    return StageName.allCases.map { ($0, StageLog("\(folder)/\($0.rawValue).log")) }.filter { $0.1.isHeld }
  }

  // MARK: -

  /// Whether the job's mapping brings JavaScript.
  var bringsScript: Bool {
    guard request?.hasMapping == true else { return false }
    return read("mapping.json").map { hasScript($0) } ?? true
  }

  /// Every job folder of the spool, the oldest first.
  static func all(in spool: String) -> [JobFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: spool + "/jobs")) ?? []
    return names.filter { JobID($0)?.text == $0 }.sorted().map { JobFolder(spool: spool, id: $0) }.filter(\.exists)
  }
}
