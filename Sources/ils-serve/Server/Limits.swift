import Foundation
import Synchronization

/// What one token, and all of them together, may have of the server.
struct Quota: Sendable {
  var spoolBytes: Int
  var jobsOfToken: Int
  var checksOfToken: Int
  var checkSeconds: Int
}

/// Ends work that takes too long, or fills a folder.
struct Limited: Sendable {
  var seconds: Int
  /// What the work writes into; nil: nothing.
  var folder: String?
  var bytes = Int.max

  /// - Throws: a problem once a limit is met; the processes that the work runs are ended by then.
  func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await work() }
      group.addTask { try await watch() }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      throw CancellationError()
    }
  }

  private func watch<Value>() async throws -> Value? {
    let end = ContinuousClock.now.advanced(by: .seconds(seconds))
    while ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(200))
      if let folder, Limited.size(of: folder) > bytes {
        throw Problem(.init(code: 507), "it wrote more than \(bytes) bytes, and was ended")
      }
    }
    throw Problem(.unprocessableContent, "it took longer than \(seconds) seconds, and was ended")
  }

  /// The bytes of all files below a folder.
  static func size(of folder: String) -> Int {
    var sum = 0
    let files = FileManager.default.enumerator(
      at: URL(fileURLWithPath: folder), includingPropertiesForKeys: [.fileSizeKey, .isRegularFileKey])
    while let file = files?.nextObject() as? URL {
      let values = try? file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
      if values?.isRegularFile == true { sum += values?.fileSize ?? 0 }
    }
    return sum
  }
}

/// How full the spool is, looked at every few seconds at most.
final class SpoolQuota: Sendable {
  private let spool: String
  private let bytes: Int
  private let known = Mutex<(at: ContinuousClock.Instant, size: Int)?>(nil)

  init(spool: String, bytes: Int) { (self.spool, self.bytes) = (spool, bytes) }

  /// - Throws: a problem where the spool is full.
  func checkSpool() throws {
    let now = ContinuousClock.now
    let size = known.withLock { known in
      if let (at, size) = known, at.duration(to: now) < .seconds(2) { return size }
      let size = Limited.size(of: spool)
      known = (now, size)
      return size
    }
    if size > bytes { throw Problem(.init(code: 507), "the server's spool is full: try again later") }
  }
}

/// Previews and validations that run: so many of each token at once.
actor Checks {
  private let ofToken: Int
  private var running: [String: Int] = [:]

  init(ofToken: Int) { self.ofToken = ofToken }

  func run<Value: Sendable>(for caller: Caller?, _ work: @Sendable () async throws -> Value) async throws -> Value {
    let name = caller?.name ?? ""
    guard running[name, default: 0] < ofToken else {
      throw Problem(
        .tooManyRequests, "the token has \(ofToken) previews or validations that run",
        headers: [.retryAfter: "5"])
    }
    running[name, default: 0] += 1
    defer {
      running[name, default: 1] -= 1
      if running[name] == 0 { running[name] = nil }
    }
    return try await work()
  }
}
