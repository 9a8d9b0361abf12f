import Foundation

/// Ends work that takes too long, or writes too much.
struct Limited: Sendable {
  var seconds: Int
  /// Says, five times a second, what is over its limit; nil: nothing.
  var excess: @Sendable () -> String? = { nil }
  /// Whether nobody waits for it any more: asked as often.
  var isMoot: @Sendable () async -> Bool = { false }

  /// A folder may hold so many bytes.
  static func excess(of folder: String, bytes: Int) -> String? {
    size(of: folder) > bytes ? "it wrote more than \(bytes) bytes" : nil
  }

  /// - Throws: a problem once a limit is met; the processes that the work runs are ended by then.
  func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask { try await work() }
      group.addTask { try await watch() }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }

  private func watch<Value>() async throws -> Value {
    let end = ContinuousClock.now.advanced(by: .seconds(seconds))
    while ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(200))
      if let excess = excess() { throw Problem.noRoom("\(excess), and was ended") }
      if await isMoot() { throw CancellationError() }
    }
    throw Problem(.unprocessableContent, "it took longer than \(seconds) seconds, and was ended")
  }

  /// The bytes of all files below a folder, as the disk has them.
  static func size(of folder: String) -> Int {
    let files = FileManager.default.enumerator(
      at: URL(fileURLWithPath: folder), includingPropertiesForKeys: [.fileSizeKey, .isRegularFileKey])
    var sum = 0
    while let file = files?.nextObject() as? URL {
      let values = try? file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
      if values?.isRegularFile == true { sum += values?.fileSize ?? 0 }
    }
    return sum
  }
}
