import Foundation
import Hummingbird

/// An error as problem details (RFC 9457).
struct Problem: Error, HTTPResponseError, Encodable {
  var title: String
  private var code: Int
  var detail: String
  var headers: HTTPFields = [:]

  enum CodingKeys: String, CodingKey {
    case title, detail
    case code = "status"
  }

  var status: HTTPResponse.Status { .init(code: code) }

  init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
    code = status.code
    title = status.reasonPhrase
    self.detail = detail
    self.headers = headers
  }

  func response(from request: Request, context: some RequestContext) throws -> Response { response() }

  func response() -> Response {
    var headers = headers
    headers[.contentType] = "application/problem+json"
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = (try? encoder.encode(self)) ?? Data("{}".utf8)
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: data)))
  }
}

/// Makes a problem of every error; what the server itself did wrong is told without particulars.
struct ProblemMiddleware: RouterMiddleware {
  let service: Service

  /// The paths of the API and their methods: a path that is there and does not take a method is not "not found".
  private static let routes = [
    "POST": ["preview", "validate", "start", "cancel/*", "resume/*", "rollback/*"],
    "GET": ["status/*", "jobs", "errors/*", "events/*", "entities", "rejects/*"],
  ]

  /// The methods that a path takes; nil where it is none of ours.
  static func methods(of path: String) -> [String]? {
    if ["/health", "/metrics", "/", "/openapi.json"].contains(path) { return ["GET"] }
    let prefix = "/api/import/"
    guard path.hasPrefix(prefix) else { return nil }
    let rest = path.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
    let shape = rest.count == 2 ? "\(rest[0])/*" : rest.joined(separator: "/")
    let methods = routes.filter { $0.value.contains(shape) }.keys.sorted()
    return methods.isEmpty ? nil : methods
  }

  private func notFound(_ request: Request) -> Response {
    guard let methods = ProblemMiddleware.methods(of: request.uri.path), !methods.contains(request.method.rawValue)
    else {
      return Problem(.notFound, "there is nothing at this path").response()
    }
    let allowed = methods.joined(separator: ", ")
    return Problem(.methodNotAllowed, "this path takes \(allowed)", headers: [.allow: allowed]).response()
  }

  func handle(_ request: Request, context: ServeContext, next: (Request, ServeContext) async throws -> Response)
    async throws -> Response
  {
    do {
      return try await next(request, context)
    } catch let problem as Problem {
      return problem.response()
    } catch let error as HTTPError where error.status == .notFound {
      return notFound(request)
    } catch let error as HTTPError {
      return Problem(error.status, error.body ?? error.status.reasonPhrase, headers: error.headers).response()
    } catch let error as any HTTPResponseError {
      return Problem(error.status, error.status.reasonPhrase).response()
    } catch {
      if error is DecodingError { return Problem(.badRequest, "the request cannot be read").response() }
      service.logger.error("\(request.method) failed: \(type(of: error))")
      return Problem(.internalServerError, "the server could not answer; its log says more").response()
    }
  }
}
