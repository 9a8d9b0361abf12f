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
    try await service.checks.ask(for: context.caller.name)
    return try await service.reception.take(request, context.caller) { taken in
      let keeps = taken.fields["keep"] == "true"
      defer { if !keeps || taken.isKept { service.reception.release(taken) } }
      return try await service.checks.run(for: context.caller.name) { try await preview(taken, context, keeps: keeps) }
    }
  }

  private func preview(_ taken: ImportRequest, _ context: ServeContext, keeps: Bool) async throws -> Response {
    let arguments = try arguments(taken)
    let outcome = try await service.limited(taken.work, for: context).run { [tools = service.tools] in
      try await tools.run(StageName.parse.tool, arguments, in: taken.folder, seconds: nil)
    }
    guard outcome.status <= 1 else { throw Problem(.unprocessableContent, outcome.complaint) }
    // As ils-parse wrote it, and copied once: of a wide file it is megabytes, and as a tree many times that.
    var answer = ByteBuffer(string: "{\"success\":true,\"preview\":")
    answer.writeBytes(outcome.output)
    var notes = RunNotes()
    notes.read(log: outcome.log, of: .parse)
    answer.writeString(",\"notes\":\(JSONValue.texts(notes.noted + notes.refused).text)")
    if keeps {
      if !taken.isKept { try service.uploads.keep(taken.folder) }
      answer.writeString(",\"upload\":\(JSONValue.string(taken.uploadID).text)")
    }
    answer.writeString("}\n")
    return .json(answer)
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
