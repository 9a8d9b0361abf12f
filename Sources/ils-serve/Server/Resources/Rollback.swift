import Hummingbird
import HTTPTypes
import ILSRecord
import ServeParts

/// Takes back what a job did.
struct RollbackResource: Resource {
  static let method = HTTPRequest.Method.post
  static let path = "api/import/rollback/:id"
  static let scope: Scope? = .rollback
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    let arguments = try await options(request)
    _ = try await service.states.status(of: id)
    if await service.runner.waits(id) { throw Problem(.conflict, "the job has not begun: cancel it") }
    service.note("rollback", id, context)
    let outcome = try await service.tools.run(
      "ils-rollback", ["--log-format", "json"] + arguments + [id], by: context.caller.name, seconds: nil)
    await service.states.forget(id)
    let lines = jsonLines(outcome.output)
    guard outcome.status <= 1, let record = lines.last(where: { $0["kind"]?.string == "rollback" }) else {
      throw Problem(outcome.status == 69 ? .serviceUnavailable : .conflict, outcome.complaint)
    }
    let kept = lines.filter { $0["outcome"] != nil }
    if kept.isEmpty, !arguments.contains("--dry-run") { service.folder(id).remove("upload") }
    let message =
      kept.isEmpty
      ? "Import rolled back" : "Import rolled back; \(kept.count) rows that were changed since or are needed stay"
    return JSONValue.object([
      ("success", .boolean(true)), ("jobId", .string(id)), ("rollback", record),
      ("kept", .array(Array(kept.prefix(100)))),
      ("message", .string(message)),
    ]).response()
  }

  private static let options = ["cascade": "--cascade", "dryRun": "--dry-run", "force": "--force"]

  /// The optional body, as arguments of ils-rollback.
  private func options(_ request: Request) async throws -> [String] {
    let body = try await request.body.collect(upTo: 1 << 16)
    guard body.readableBytes > 0 else { return [] }
    guard let members = JSONValue(read: body.readableBytesView)?.members else {
      throw Problem(.unprocessableContent, "the body must be JSON such as {\"dryRun\":true}")
    }
    return try members.compactMap { name, value in
      guard let option = Self.options[name] else {
        throw Problem(.unprocessableContent, "there is no option \(name); there are: cascade, dryRun, force")
      }
      guard value.isNull || value.boolean != nil else {
        throw Problem(.unprocessableContent, "option \(name) is true or false")
      }
      return value.boolean == true ? option : nil
    }
  }
}
