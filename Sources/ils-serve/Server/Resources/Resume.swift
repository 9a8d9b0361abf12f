import Hummingbird
import HTTPTypes
import ILSRecord
import ServeParts

/// Goes on with a job that failed or was cancelled.
struct ResumeResource: Resource {
  static let method = HTTPRequest.Method.post
  static let path = "api/import/resume/:id"
  static let scope: Scope? = .import
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    let status = try await service.states.status(of: id)
    guard status["resumable"]?.boolean == true else {
      throw Problem(.conflict, "the job is \(status["status"]?.string ?? "gone") and cannot go on: send the file again")
    }
    service.note("resume", id, context)
    try await service.runner.resume(id, by: context.caller.name)
    await service.states.forget(id)
    return .said("Import job resumed", of: id)
  }
}
