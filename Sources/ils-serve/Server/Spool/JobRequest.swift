import Foundation
import ILSRecord

/// What was asked for when a job was started.
struct JobRequest: Sendable {
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

extension JobRequest {
  var json: JSONValue {
    .object([
      ("id", .string(id)), ("type", .string(type)), ("source", .string(source)), ("options", options.json),
      ("file", .string(file)), ("isNDJSON", .boolean(isNDJSON)), ("hasMapping", .boolean(hasMapping)),
      ("startedBy", .string(startedBy)), ("requestedAt", .string(requestedAt)),
    ])
  }

  /// nil for what is none.
  init?(_ json: JSONValue) {
    guard let id = json["id"]?.string, let type = json["type"]?.string, let source = json["source"]?.string,
      let options = json["options"].flatMap({ try? ImportOptions(parsing: $0.text.utf8) }),
      let file = json["file"]?.string, let isNDJSON = json["isNDJSON"]?.boolean,
      let hasMapping = json["hasMapping"]?.boolean, let startedBy = json["startedBy"]?.string,
      let requestedAt = json["requestedAt"]?.string
    else { return nil }
    self.init(
      id: id, type: type, source: source, options: options, file: file, isNDJSON: isNDJSON, hasMapping: hasMapping,
      startedBy: startedBy, requestedAt: requestedAt)
  }
}

/// How a job's stages ended.
struct JobResult: Sendable {
  /// In the order of the pipe; none where they outlived their server.
  var statuses: [Int] = []
  var isCancelled = false
  /// Why it failed, for people; no values.
  var message: String?
  /// The job's record as ils-load wrote it; a dry run leaves no other.
  var record: JSONValue?
  var endedAt = now()

  var isCompleted: Bool { record?["status"]?.string == "completed" }
}

extension JobResult {
  var json: JSONValue {
    JSONValue.object([
      ("statuses", .array(statuses.map { .count($0) })), ("isCancelled", .boolean(isCancelled)),
      ("endedAt", .string(endedAt)),
    ])
    .with("message", message.map { .string($0) }).with("record", record)
  }

  init?(_ json: JSONValue) {
    guard let isCancelled = json["isCancelled"]?.boolean, let endedAt = json["endedAt"]?.string else { return nil }
    self.init(
      statuses: (json["statuses"]?.array ?? []).compactMap(\.integer), isCancelled: isCancelled,
      message: json["message"]?.string, record: json["record"], endedAt: endedAt)
  }
}

/// `2026-11-26T20:44:09Z`.
func now() -> String { ISO8601DateFormatter().string(from: Date()) }
