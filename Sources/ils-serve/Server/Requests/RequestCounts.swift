import Hummingbird
import Synchronization

/// What the server counts of its requests, in Prometheus' text format.
final class RequestCounts: Sendable {
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

  var lines: [String] {
    var lines = ["# TYPE ils_http_requests_total counter", "# TYPE ils_http_request_seconds_total counter"]
    for (key, value) in requests.withLock({ $0 }).sorted(by: {
      ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status)
    }) {
      let labels = "{route=\"\(key.route)\",status=\"\(key.status)\"}"
      lines += [
        "ils_http_requests_total\(labels) \(value.count)", "ils_http_request_seconds_total\(labels) \(value.seconds)",
      ]
    }
    return lines + [
      "# TYPE ils_upload_bytes_total counter", "ils_upload_bytes_total \(uploadedBytes.load(ordering: .relaxed))",
    ]
  }
}

/// Counts every answer by its route, never by its path: paths hold ids.
struct CountRequests: RouterMiddleware {
  let counts: RequestCounts

  func handle(
    _ request: Request, context: ServeContext, next: (Request, ServeContext) async throws -> Response
  ) async throws -> Response {
    let begun = ContinuousClock.now
    let response = try await next(request, context)
    counts.note(
      "\(request.method) \(context.endpointPath ?? "-")", response.status.code, begun.duration(to: .now) / .seconds(1))
    return response
  }
}
