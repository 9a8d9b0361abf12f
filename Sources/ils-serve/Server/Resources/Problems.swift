import Hummingbird
import Logging

/// Makes a problem of every error; what the server itself did wrong is told without particulars.
struct Problems: RouterMiddleware {
  let logger: Logger

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
    } catch is CancellationError {
      return Problem(.requestTimeout, "who asked has left").response()
    } catch {
      logger.error("\(request.method) failed: \(type(of: error))")
      return Problem(.internalServerError, "the server could not answer; its log says more").response()
    }
  }

  /// A path that is there and does not take a method is not "not found".
  private func notFound(_ request: Request) -> Response {
    let methods = Routes.methods(of: request.uri.path)
    guard !methods.isEmpty, !methods.contains(request.method.rawValue) else {
      return Problem(.notFound, "there is nothing at this path").response()
    }
    let allowed = methods.joined(separator: ", ")
    return Problem(.methodNotAllowed, "this path takes \(allowed)", headers: [.allow: allowed]).response()
  }
}
