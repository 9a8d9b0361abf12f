import Hummingbird
import HTTPTypes
import ILSRecord
import ServeParts

/// Why records of a job were refused, as NDJSON, or as CSV for a spreadsheet.
struct ErrorsResource: Resource {
  static let method = HTTPRequest.Method.get
  static let path = "api/import/errors/:id"
  static let scope: Scope? = .read
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    _ = try await service.states.status(of: id)
    let format = request.uri.queryParameters["format"].map(String.init)
    guard [nil, "csv", "ndjson"].contains(format) else {
      throw Problem(.unprocessableContent, "format is csv or ndjson")
    }
    let csv = format == "csv" || format == nil && (request.headers[.accept] ?? "").hasPrefix("text/csv")
    var headers: HTTPFields = [.contentType: csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson"]
    if csv { headers[.contentDisposition] = "attachment; filename=\"errors-\(id).csv\"" }
    let lines = RejectLines(paths: service.folder(id).rejects)
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        var block = csv ? "row,stage,field,code,message\r\n" : ""
        try await lines.each { fault in
          block += csv ? ErrorsResource.row(fault) : fault.json.text + "\n"
          if block.utf8.count > 1 << 15 {
            try await writer.write(ByteBuffer(string: block))
            block = ""
          }
          return true
        }
        try await writer.write(ByteBuffer(string: block))
        try await writer.finish(nil)
      })
  }

  private static func row(_ fault: RejectLines.Fault) -> String {
    let cells = [fault.row.map { "\($0)" } ?? "", fault.stage ?? "", fault.field ?? "", fault.code, fault.message]
    return cells.map(cell).joined(separator: ",") + "\r\n"
  }

  /// A CSV cell (RFC 4180); one that a spreadsheet would take for a formula is made text.
  private static func cell(_ text: String) -> String {
    let safe = "=+-@\t\r".contains(text.first ?? " ") ? "'" + text : text
    return safe.contains(where: { ",\"\r\n".contains($0) }) ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
  }
}
