/// Previews and validations that run: so many of each token at once.
actor Checks {
  private let ofToken: Int
  private var running: [String: Int] = [:]

  init(ofToken: Int) { self.ofToken = ofToken }

  /// Before anything is received: what would be refused then costs nothing.
  func ask(for name: String) throws {
    guard running[name, default: 0] < ofToken else {
      throw Problem(
        .tooManyRequests, "the token has \(ofToken) previews or validations that run",
        headers: [.retryAfter: "5"])
    }
  }

  func run<Value: Sendable>(for name: String, _ work: @Sendable () async throws -> Value) async throws -> Value {
    try ask(for: name)
    running[name, default: 0] += 1
    defer {
      running[name, default: 1] -= 1
      if running[name] == 0 { running[name] = nil }
    }
    return try await work()
  }
}
