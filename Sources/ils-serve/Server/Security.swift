import Foundation
import Hummingbird
import Logging
import ServeParts

/// Who asks: the name and scopes of the token.
struct Caller: Sendable {
  var name: String
  var scopes: Set<Scope>
}

struct ServeContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  var caller: Caller?

  init(source: ApplicationRequestContextSource) { coreContext = .init(source: source) }

  /// The job or upload that the path names; nothing but a UUID gets on.
  func id() throws -> String {
    guard let text = parameters.get("id"), let id = UUIDs.read(text) else {
      throw Problem(.notFound, "a job's id is a UUID")
    }
    return id
  }
}

/// Lets those through whose token has a scope.
struct Authenticate: RouterMiddleware {
  let tokens: TokenFile?
  let logger: Logger
  let scope: Scope

  func handle(
    _ request: Request, context: ServeContext, next: (Request, ServeContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.caller = try caller(request)
    return try await next(request, context)
  }

  private func caller(_ request: Request) throws -> Caller {
    guard let tokens else { return Caller(name: "anyone", scopes: Set(Scope.allCases)) }
    let challenge: HTTPFields = [.wwwAuthenticate: "Bearer realm=\"ils\""]
    guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") else {
      throw Problem(.unauthorized, "send Authorization: Bearer TOKEN", headers: challenge)
    }
    let token = header.dropFirst(7).trimmingCharacters(in: .whitespaces)
    switch tokens.verdict(token, now: Int(Date().timeIntervalSince1970)) {
    case .known(let name, let scopes):
      guard scopes.contains(scope) else {
        logger.warning("refused: the token \(name) has no scope \(scope.rawValue)")
        throw Problem(.forbidden, "the token has no scope \"\(scope.rawValue)\"")
      }
      return Caller(name: name, scopes: scopes)
    case .expired:
      logger.warning("refused: a token that has expired asked for \(scope.rawValue)")
      throw Problem(.unauthorized, "the token has expired", headers: challenge)
    case .unknown:
      logger.warning("refused: a token that is not known asked for \(scope.rawValue)")
      throw Problem(.unauthorized, "the token is not known", headers: challenge)
    }
  }
}

/// What every answer says to browsers; and requests that a foreign page may have caused are refused.
struct BrowserSafety: RouterMiddleware {
  /// Whether the server listens at this machine's own addresses alone: then no other name is ours (DNS rebinding).
  let isLoopback: Bool
  let isTLS: Bool

  func handle(
    _ request: Request, context: ServeContext, next: (Request, ServeContext) async throws -> Response
  ) async throws -> Response {
    var response = try await answer(request, context, next)
    response.headers[.contentSecurityPolicy] =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
      + "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    response.headers[.xContentTypeOptions] = "nosniff"
    response.headers[.init("Referrer-Policy")!] = "no-referrer"
    response.headers[.init("Cross-Origin-Resource-Policy")!] = "same-origin"
    response.headers[.cacheControl] = "no-store"
    if isTLS { response.headers[.strictTransportSecurity] = "max-age=31536000" }
    return response
  }

  private func answer(
    _ request: Request, _ context: ServeContext, _ next: (Request, ServeContext) async throws -> Response
  ) async throws -> Response {
    if isLoopback, let host = request.head.authority, !isOurs(host) {
      return Problem(.init(code: 421), "the server answers to 127.0.0.1 and localhost alone").response()
    }
    // A token is in no cookie, so that a foreign page has none to send; without tokens, this is what stops it.
    if let site = request.headers[.init("Sec-Fetch-Site")!], site != "same-origin", site != "none",
      request.method != .get
    {
      return Problem(.forbidden, "another site's page may not ask for this").response()
    }
    if request.method != .get, let origin = request.headers[.origin], !isSame(origin, as: request.head.authority) {
      return Problem(.forbidden, "another site's page may not ask for this").response()
    }
    return try await next(request, context)
  }

  /// Whether a page's origin is this server, as the request names it. Browsers without Sec-Fetch-Site say this much.
  private func isSame(_ origin: String, as authority: String?) -> Bool {
    guard let scheme = origin.range(of: "://"), let authority else { return false }
    return origin[scheme.upperBound...].lowercased() == authority.lowercased()
  }

  private func isOurs(_ authority: String) -> Bool {
    var name = authority
    if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") { name = String(name[..<colon]) }
    return Settings.isLoopback(name.trimmingCharacters(in: ["[", "]"]))
  }
}
