import Hummingbird
import HTTPTypes
import ILSRecord
import ServeParts

/// What the server and its jobs count, in Prometheus' text format.
struct MetricsResource: Resource {
  static let method = HTTPRequest.Method.get
  static let path = "metrics"
  static let scope: Scope? = .read
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async -> Response {
    let (running, waiting) = await service.runner.counts
    let jobs = (try? await service.states.list(limit: .max, status: nil)) ?? []
    let text = (service.counts.lines + lines(jobs, running, waiting)).map { $0 + "\n" }.joined()
    return Response(
      status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }

  private func lines(_ jobs: [JSONValue], _ running: Int, _ waiting: Int) -> [String] {
    let states = Dictionary(grouping: jobs) { $0["status"]?.string ?? "" }
    let rows = jobs.reduce(0) { $0 + ($1["progress"]?["successful"]?.integer ?? 0) }
    return ["# TYPE ils_jobs gauge"]
      + states.sorted { $0.key < $1.key }.map { "ils_jobs{status=\"\($0.key)\"} \($0.value.count)" } + [
        "# TYPE ils_rows_loaded gauge", "ils_rows_loaded \(rows)", "# TYPE ils_pipelines gauge",
        "ils_pipelines{state=\"running\"} \(running)", "ils_pipelines{state=\"waiting\"} \(waiting)",
      ]
  }
}
