import Hummingbird
import HTTPTypes
import ILSRecord
import ServeParts

/// Server-sent events: a job's status whenever it has changed, until the job has ended or the client has left.
struct EventsResource: Resource {
  static let method = HTTPRequest.Method.get
  static let path = "api/import/events/:id"
  static let scope: Scope? = .read
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    _ = try await service.states.status(of: id)
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream"],
      body: ResponseBody { writer in
        var last: JSONValue?
        var quiet = 0
        while true {
          let status = try await service.states.status(of: id)
          quiet += 1
          if status != last {
            try await writer.write(ByteBuffer(string: "event: status\ndata: \(status.text)\n\n"))
            (last, quiet) = (status, 0)
          } else if quiet % 30 == 0 {
            try await writer.write(ByteBuffer(string: ": still there\n\n"))
          }
          if JobStates.final.contains(status["status"]?.string ?? "") { break }
          if await service.runner.isStopping { break }
          if await context.hasLeft() { break }
          try await Task.sleep(for: .milliseconds(500))
        }
        try await writer.finish(nil)
      })
  }
}
