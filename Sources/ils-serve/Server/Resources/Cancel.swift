import Hummingbird
import HTTPTypes
import ServeParts

/// Stops a job behind its present batch; it can be resumed.
struct CancelResource: Resource {
  static let method = HTTPRequest.Method.post
  static let path = "api/import/cancel/:id"
  static let scope: Scope? = .import
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    service.note("cancel", id, context)
    if await service.runner.cancel(id) {
      // The job ends whether or not that can be written.
      try? await service.note(.cancel, id, context)
    } else {
      _ = try await service.states.status(of: id)
      let outcome = try await service.tools.run(
        "ils-jobs", ["cancel", "--log-format", "json", id], by: context.caller.name)
      if outcome.status != 0 { throw Problem(.conflict, outcome.complaint) }
    }
    await service.states.forget(id)
    return .said("The job stops behind its present batch", of: id)
  }
}
