import Foundation
import Hummingbird

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
      return Problem(
        .init(code: 421, reasonPhrase: "Misdirected Request"), "the server answers to 127.0.0.1 and localhost alone"
      ).response()
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
