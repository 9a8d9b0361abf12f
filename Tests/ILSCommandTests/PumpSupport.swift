import ILSRecord
import ILSStream

@testable import ILSCommand

/// What happened in a run, in order, as false sources, sinks and stages note it.
final class Course {
  var events: [String] = []
  var output = ""
  var rejects = ""
  var news: [Diagnostic] = []

  func note(_ event: String) { events.append(event) }

  /// A pump whose ways out all end here.
  func pump(
    _ budget: RejectBudget = .unlimited, keepsRejects: Bool = true, failing: String? = nil
  ) -> Pump {
    let rejects: (any ByteSink & ~Copyable)? =
      keepsRejects ? FalseSink("rejects", self, isFull: failing == "rejects") : nil
    return Pump(
      "ils-x", budget: budget, keepsRejects: keepsRejects,
      Delivery(
        Delivery.Sinks(
          output: FalseSink("output", self, isFull: failing == "output"), rejects: rejects, news: FalseNews(self)),
        rejectsName: keepsRejects ? "bad" : nil, progress: Progress("ils-x", .none, inputs: [])))
  }
}

/// Hands out one portion a read; before each of them, it lets wait.
struct FalseStream: ByteStream, ~Copyable {
  private var portions: [[UInt8]]
  private let course: Course
  private let breaks: Bool
  var bytesRead = 0
  var isReady: Bool { false }
  private let isLate: Bool

  /// - Parameters:
  ///   - breaks: the stream ends by a fault.
  ///   - isLate: portions are there for who waits for them.
  init(_ portions: [String], _ course: Course, breaks: Bool = false, isLate: Bool = false) {
    self.isLate = isLate
    self.portions = portions.map { Array($0.utf8) }
    self.course = course
    self.breaks = breaks
  }

  func isReady(within milliseconds: Int) -> Bool {
    course.note("within \(milliseconds)")
    return isLate
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(StopError) -> Int {
    course.note("read")
    guard !portions.isEmpty else {
      if breaks { throw StopError(.ioError, code: "io.read", "the wire was cut") }
      return 0
    }
    let portion = portions.removeFirst()
    buffer.copyBytes(from: portion)
    bytesRead += portion.count
    return portion.count
  }
}

struct FalseSink: ByteSink, ~Copyable {
  private let name: String
  private let course: Course
  private let isFull: Bool

  init(_ name: String, _ course: Course, isFull: Bool) {
    self.name = name
    self.course = course
    self.isFull = isFull
  }

  mutating func write(_ buffer: inout OutputBuffer) throws(StopError) {
    defer { buffer.removeAll() }
    guard !buffer.isEmpty else { return }
    if isFull { throw StopError(.ioError, code: "io.write", "no room") }
    course.note("write \(name)")
    if name == "output" { course.output += buffer.string() } else { course.rejects += buffer.string() }
  }

  mutating func close() throws(StopError) { course.note("close \(name)") }
}

struct FalseNews: NewsSink {
  private let course: Course

  init(_ course: Course) { self.course = course }

  func write(_ diagnostics: [Diagnostic]) { course.news += diagnostics }
  func write(_ text: borrowing OutputBuffer) {}
}

/// Refuses records that have `bad`, stops at one that has `stop`, passes others on; holds records back for a batch.
struct FalseStage: Stage {
  let course: Course
  var batch = false
  var patience = 0
  private var held: [[UInt8]] = []

  init(_ course: Course, batch: Bool = false) {
    self.course = course
    self.batch = batch
  }

  mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    if batch {
      held.append(Array(record.bytes))
      return
    }
    if record["stop"] != nil { throw .stop(StopError(.software, code: "x.stop", "stopped")) }
    emit.pass(record)
    if record["bad"] != nil { throw .reject(Rejection(RecordError(code: "x.bad", message: "is bad"))) }
  }

  mutating func hasWaited(milliseconds: Int) {
    course.note(milliseconds > 0 ? "waited" : "no wait")
    patience = 0
  }

  mutating func sourceWaits(emit: inout Emitter) throws(StageError) { course.note("waits") }

  mutating func finish(emit: inout Emitter) throws(StageError) {
    course.note("finish")
    for record in held where !emit.isFull {
      record.withUnsafeBytes {
        emit.reject(Rejection(RecordError(code: "x.late", message: "is bad")), at: Position(), input: .record($0))
      }
    }
  }

  mutating func commit(emit: inout Emitter) throws(StopError) {
    course.note("commit")
    emit.output.append("{\"job\":1}" as StaticString)
    emit.endRecord()
  }

  mutating func abandon(emit: inout Emitter) {
    course.note("abandon")
    emit.tell(Diagnostic(.info, code: "x.abandoned", "nothing was kept"))
  }
}
