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
    let status = try await service.states.status(of: id)
    let errors = try await RejectLines(paths: service.folder(id).rejects).first(100)
    return JSONValue.object([("success", .boolean(true)), ("status", status.with("errors", .array(errors)))]).response()
  }
}
