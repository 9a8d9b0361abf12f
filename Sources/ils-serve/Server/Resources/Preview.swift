import Hummingbird
import HTTPTypes
import ILSMigration
import ILSRecord
import ServeParts

/// A file's columns, a sample, and the fields that they may become.
struct PreviewResource: Resource {
  static let method = HTTPRequest.Method.post
  static let path = "api/import/preview"
  static let scope: Scope? = .read
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let service = service
    return try await service.whileConnected(request, context) { taken in
      let keeps = taken.fields["keep"] == "true"
      defer { if !keeps || taken.isKept { service.reception.release(taken) } }
      return try await service.checks.run(for: context.caller.name) { try await preview(taken, keeps: keeps) }
    }
  }

  private func preview(_ taken: ImportRequest, keeps: Bool) async throws -> Response {
    let arguments = try arguments(taken)
    let outcome = try await service.limited(taken.work).run { [tools = service.tools] in
      try await tools.run(StageName.parse.tool, arguments, in: taken.folder, seconds: nil)
    }
    guard outcome.status <= 1 else { throw Problem(.unprocessableContent, outcome.complaint) }
    guard let preview = JSONValue(read: outcome.output) else {
      throw Problem(.internalServerError, "the preview cannot be read")
    }
    var answer: [(name: String, value: JSONValue)] = [
      ("success", .boolean(true)), ("preview", preview),
      ("notes", .texts(Diagnostics(outcome.log).messages.prefix(20))),
    ]
    if keeps {
      if !taken.isKept { try service.uploads.keep(taken.folder) }
      answer.append(("upload", .string(taken.uploadID)))
    }
    return JSONValue.object(answer).response()
  }

  private func arguments(_ taken: ImportRequest) throws -> [String] {
    var taken = taken
    for name in ["delimiter", "encoding", "sheet"] {
      if let text = taken.fields[name] { taken.options = try taken.options.with(name, .string(text)) }
    }
    if let row = taken.fields["headerRow"] { taken.options = try taken.options.with("headerRow", .number(row)) }
    if taken.fields["asDisplayed"] == "true" { taken.options = try taken.options.with("asDisplayed", .boolean(true)) }
    var arguments = ["--log-format", "json", "--preview", "--entity", taken.type]
    if let size = taken.fields["sampleSize"] {
      guard let count = Int(size), (1...1000).contains(count) else {
        throw Problem(.unprocessableContent, "sampleSize is a number from 1 to 1000")
      }
      arguments += ["--sample", "\(count)"]
    }
    return arguments + (try taken.migration().passed[.parse] ?? []) + ["--", taken.file]
  }
}
