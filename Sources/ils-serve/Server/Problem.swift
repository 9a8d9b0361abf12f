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
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
  func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws
    -> Response
  {
    do {
      return try await next(request, context)
    } catch let problem as Problem {
      return problem.response()
    } catch let error as HTTPError {
      return Problem(error.status, error.body ?? error.status.reasonPhrase, headers: error.headers).response()
    } catch let error as any HTTPResponseError {
      return Problem(error.status, error.status.reasonPhrase).response()
    } catch {
      context.logger.error("\(request.method) failed: \(type(of: error))")
      return Problem(.internalServerError, "the server could not answer; its log says more").response()
    }
  }
}
