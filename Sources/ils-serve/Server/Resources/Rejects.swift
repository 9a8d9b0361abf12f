import Foundation
import Hummingbird
import HTTPTypes
import ServeParts

/// The records that were refused, as they came: what a person mends and sends in again.
struct RejectsResource: Resource {
  static let method = HTTPRequest.Method.get
  static let path = "api/import/rejects/:id"
  static let scope: Scope? = .import
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    _ = try await service.states.status(of: id)
    service.note("download of rejects", id, context)
    try await service.note(.rejects, id, context)
    let paths = service.folder(id).rejects
    let headers: HTTPFields = [
      .contentType: "application/x-ndjson", .contentDisposition: "attachment; filename=\"rejects-\(id).ndjson\"",
    ]
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        for path in paths {
          guard let file = FileHandle(forReadingAtPath: path) else { continue }
          defer { try? file.close() }
          while let block = try file.read(upToCount: 1 << 16), !block.isEmpty {
            try await writer.write(ByteBuffer(bytes: block))
          }
        }
        try await writer.finish(nil)
      })
  }
}
