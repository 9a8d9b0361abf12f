import Foundation
import Hummingbird
import ILSStore
import Logging
import NIOCore
import ServeParts

/// Who asks: the name and scopes of the token.
struct Caller: Sendable {
  var name: String
  var scopes: Set<Scope>
}

struct ServeContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  var caller = Caller(name: "", scopes: [])
  private let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// Whether who asked has closed the connection, or shut down its end.
  func hasLeft() async -> Bool {
    guard let socket = channel as? any SocketOptionProvider else { return !channel.isActive }
    let closed = [UInt8(TCP_CLOSE_WAIT), UInt8(TCP_CLOSE), UInt8(TCP_LAST_ACK), UInt8(TCP_CLOSING)]
    guard let state = try? await socket.getTCPInfo().map(\.tcpi_state).get() else { return true }
    return closed.contains(state)
  }

  /// The job that the path names; nothing but a UUID gets on.
  func id() throws -> String {
    guard let id = parameters.get("id").flatMap({ JobID($0) }) else {
      throw Problem(.notFound, "a job's id is a UUID")
    }
    return id.text
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
