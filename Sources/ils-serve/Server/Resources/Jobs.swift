import Hummingbird
import HTTPTypes
import ILSRecord
import ServeParts

/// All jobs.
struct JobsResource: Resource {
  static let method = HTTPRequest.Method.get
  static let path = "api/import/jobs"
  static let scope: Scope? = .read
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let given = request.uri.queryParameters["limit"]
    guard let limit = given.map({ Int($0) }) ?? 50, (1...1000).contains(limit) else {
      throw Problem(.unprocessableContent, "limit is a number from 1 to 1000")
    }
    let status = request.uri.queryParameters["status"].map(String.init)
    let jobs = try await service.states.list(limit: limit, status: status)
    return JSONValue.object([("success", .boolean(true)), ("jobs", .array(jobs))]).response()
  }
}
