import Hummingbird
import ILSRecord

/// An error as problem details (RFC 9457).
struct Problem: Error, HTTPResponseError {
  let status: HTTPResponse.Status
  let detail: String
  let headers: HTTPFields

  init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
    (self.status, self.detail, self.headers) = (status, detail, headers)
  }

  /// The spool has no room: 507 (RFC 4918, 11.5).
  static func noRoom(_ detail: String) -> Problem {
    Problem(.init(code: 507, reasonPhrase: "Insufficient Storage"), detail)
  }

  func response(from request: Request, context: some RequestContext) throws -> Response { response() }

  func response() -> Response {
    let body = JSONValue.object([
      ("title", .string(status.reasonPhrase)), ("status", .count(status.code)), ("detail", .string(detail)),
    ])
    var headers = headers
    headers[.contentType] = "application/problem+json"
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body.text)))
  }
}
