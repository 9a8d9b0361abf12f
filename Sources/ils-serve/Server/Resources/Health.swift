import Hummingbird
import HTTPTypes
import ILSRecord
import ServeParts

/// Whether the database is reachable.
struct HealthResource: Resource {
  static let method = HTTPRequest.Method.get
  static let path = "health"
  static let scope: Scope? = nil
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async -> Response {
    let isWell = await service.states.isReachable()
    return JSONValue.object([
      ("status", .string(isWell ? "ok" : "degraded")), ("database", .string(isWell ? "reachable" : "away")),
    ])
    .response(isWell ? .ok : .serviceUnavailable)
  }
}
