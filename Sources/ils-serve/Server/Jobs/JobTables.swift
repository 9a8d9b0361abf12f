import Foundation
import ILSCommand
import ILSRecord
import ILSStore
import Synchronization

/// The job tables, read over one connection that a thread of its own waits for: no process is started for who asks, and no
/// thread that serves others waits.
final class JobTables: Sendable {
  private let thread = DispatchQueue(label: "ils-serve.database")
  private let database: String
  /// Only `thread` touches it.
  private nonisolated(unsafe) var catalogue: JobCatalogue?
  /// Since when each question has waited; the database hangs where the oldest has waited for long.
  private let waiting = Mutex<[UInt64: ContinuousClock.Instant]>([:])
  private let lastQuestion = Atomic<UInt64>(0)

  /// So long is an answer waited for.
  private static let patience = Duration.seconds(5)

  init(database: String) { self.database = database }

  static let away = Problem(.serviceUnavailable, "the database is away")

  /// The job's record; nil where there is none, or no job was ever in this database.
  /// - Throws: a problem where the database does not answer.
  func record(of id: JobID) async throws -> JSONValue? {
    try await ask { catalogue throws(StopError) in
      let record = try catalogue.record(id)
      return record.isNull ? nil : record
    }
  }

  /// The records of all jobs, by their id.
  func records() async throws -> [String: JSONValue] {
    try await ask { catalogue throws(StopError) in
      var records: [String: JSONValue] = [:]
      try catalogue.list(.init()) { record throws(StopError) in record["job"]?.string.map { records[$0] = record } }
      return records
    } ?? [:]
  }

  /// Notes in the audit trail who asked for something of a job.
  /// - Returns: false where this database has no trail, or one that cannot have such an event yet.
  /// - Throws: a problem where the database does not answer, or does not let the server do this.
  func note(_ request: JobCatalogue.Request, of id: JobID, by caller: String) async throws -> Bool {
    let (user, host) = DatabaseOptions.who(for: caller)
    return try await ask { catalogue throws(StopError) in
      try catalogue.note(request, of: id, osUser: user, host: host)
    } ?? false
  }

  // MARK: - Asking

  private typealias Question<Value> = @Sendable (JobCatalogue) throws(StopError) -> Value?

  private func ask<Value: Sendable>(_ question: @escaping Question<Value>) async throws -> Value? {
    let now = ContinuousClock.now
    // Where one waits in vain, more would only wait behind it.
    let hangs = waiting.withLock { $0.values.contains { $0.duration(to: now) > Self.patience } }
    if hangs { throw Self.away }
    let number = lastQuestion.wrappingAdd(1, ordering: .relaxed).newValue
    waiting.withLock { $0[number] = now }
    let answer = Once<Result<Value?, any Error>>()
    thread.async { [self] in
      let result = Result<Value?, any Error> { try answered(question) }
      waiting.withLock { $0[number] = nil }
      answer.give(result)
    }
    let timeout = Task {
      try await Task.sleep(for: Self.patience)
      answer.give(.failure(Self.away))
    }
    defer { timeout.cancel() }
    return try await answer.value().get()
  }

  /// On `thread`. A connection that was lost is made again once.
  private func answered<Value>(_ question: Question<Value>) throws -> Value? {
    let wasOpen = catalogue != nil
    do throws(StopError) {
      if catalogue == nil { catalogue = try JobCatalogue(database: database) }
      return try catalogue.map(question) ?? nil
    } catch {
      // Before anything was loaded there are no job tables.
      if error.isA(DatabaseFault.dbNotReady) { return nil }
      catalogue = nil
      guard wasOpen, error.status == .unavailable else { throw Self.away }
      return try answered(question)
    }
  }
}

/// A value that one gives, and one waits for; who gives later is not heard.
private final class Once<Value: Sendable>: Sendable {
  private enum State {
    case open
    case awaited(CheckedContinuation<Value, Never>)
    case given(Value)
    case over
  }

  private let state = Mutex(State.open)

  func give(_ value: Value) {
    let waiting: CheckedContinuation<Value, Never>? = state.withLock { state in
      switch state {
      case .open:
        state = .given(value)
        return nil
      case .awaited(let continuation):
        state = .over
        return continuation
      case .given, .over: return nil
      }
    }
    waiting?.resume(returning: value)
  }

  func value() async -> Value {
    await withCheckedContinuation { continuation in
      let given: Value? = state.withLock { state in
        if case .given(let value) = state { return value }
        state = .awaited(continuation)
        return nil
      }
      if let given { continuation.resume(returning: given) }
    }
  }
}
