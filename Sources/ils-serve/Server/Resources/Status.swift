import Hummingbird
import HTTPTypes
import ILSRecord
import ServeParts

/// A job's status and progress, with its first errors.
struct StatusResource: Resource {
  static let method = HTTPRequest.Method.get
  static let path = "api/import/status/:id"
  static let scope: Scope? = .read
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    let folder = service.folder(id)
    var status = try await service.states.status(of: id)
    status = status.with("errors", .array(try await RejectLines(paths: folder.rejects).first(100)))
    if folder.exists, JobStates.final.contains(status["status"]?.string ?? "") {
      status = status.with("notes", .texts(await service.states.notes(of: folder)))
    }
    return JSONValue.object([("success", .boolean(true)), ("status", status)]).response()
  }
}
