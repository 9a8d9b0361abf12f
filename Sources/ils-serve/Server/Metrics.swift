import Hummingbird
import Synchronization

/// What the server counts, in Prometheus' text format.
final class Metrics: Sendable {
  private struct Key: Hashable {
    var route: String
    var status: Int
  }

  private let requests = Mutex<[Key: (count: Int, seconds: Double)]>([:])
  let uploadedBytes = Atomic<Int>(0)

  func note(_ route: String, _ status: Int, _ seconds: Double) {
    requests.withLock {
      let before = $0[Key(route: route, status: status)] ?? (0, 0)
      $0[Key(route: route, status: status)] = (before.count + 1, before.seconds + seconds)
    }
  }

  /// - Parameter jobs: of the job tables, with those that wait.
  func text(jobs: [JSON], running: Int, waiting: Int) -> String {
    var lines = ["# TYPE ils_http_requests_total counter", "# TYPE ils_http_request_seconds_total counter"]
    for (key, value) in requests.withLock({ $0 }).sorted(by: {
      ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status)
    }) {
      let labels = "{route=\"\(key.route)\",status=\"\(key.status)\"}"
      lines += [
        "ils_http_requests_total\(labels) \(value.count)", "ils_http_request_seconds_total\(labels) \(value.seconds)",
      ]
    }
    lines.append("# TYPE ils_upload_bytes_total counter")
    lines.append("ils_upload_bytes_total \(uploadedBytes.load(ordering: .relaxed))")
    lines.append("# TYPE ils_jobs gauge")
    let states = Dictionary(grouping: jobs) { $0["status"]?.string ?? "" }
    for (state, jobs) in states.sorted(by: { $0.key < $1.key }) {
      lines.append("ils_jobs{status=\"\(state)\"} \(jobs.count)")
    }
    lines.append("# TYPE ils_rows_loaded gauge")
    lines.append("ils_rows_loaded \(jobs.reduce(0) { $0 + ($1["progress"]?["successful"]?.int ?? 0) })")
    lines += [
      "# TYPE ils_pipelines gauge", "ils_pipelines{state=\"running\"} \(running)",
      "ils_pipelines{state=\"waiting\"} \(waiting)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Counts every answer by its route, never by its path: paths hold ids.
struct MetricsMiddleware: RouterMiddleware {
  let metrics: Metrics

  func handle(
    _ request: Request, context: ServeContext, next: (Request, ServeContext) async throws -> Response
  ) async throws -> Response {
    let begun = ContinuousClock.now
    let response = try await next(request, context)
    metrics.note(
      "\(request.method) \(context.endpointPath ?? "-")", response.status.code, begun.duration(to: .now) / .seconds(1))
    return response
  }
}
