/// What a rejected record looked like when it came.
public enum RejectedInput {
  /// One JSON value: it goes into the reject as it is.
  case record(UnsafeRawBufferPointer)
  /// A row or line that never became a record: it goes into the reject as text.
  case raw(UnsafeRawBufferPointer)
}

/// Where decoders and stages leave what they make: records, rejects, and things to tell.
///
/// It does no I/O. Whoever drives the stage takes the bytes away between two calls.
public struct Emitter: ~Copyable {
  /// The executable that rejects are signed with.
  public let stage: String
  /// Whole records, each ended by a line feed; behind them at most one that is being written.
  public var output = OutputBuffer(capacity: 1 << 18)
  /// Whole rejects, each ended by a line feed.
  public var rejects = OutputBuffer()
  /// Whether anyone will read `rejects`.
  public var keepsRejects = true
  public private(set) var diagnostics: [Diagnostic] = []
  /// The names of fields that a source has, as far as it tells them in front of its records: a preview shows them.
  public private(set) var header: [String] = []
  /// What was found out about the inputs, in the order in which it was asked.
  public private(set) var decisions: [Decision] = []
  /// The input that is being read, for positions of records that do not name theirs.
  public var inputName: String?
  /// Records written, and refused, so far.
  public private(set) var emitted = 0
  public private(set) var rejected = 0
  /// Records that a stage was to take so far, and those among them that were none.
  public private(set) var taken = 0
  public private(set) var unreadable = 0
  /// A decoder makes records: what it has read is what it wrote and refused. A stage takes them.
  public var makesRecords = false
  /// How many rejects end the run (`--fail-fast` is none).
  public var budget = RejectBudget.unlimited
  /// Rows that hold something and are neither: titles, notes, the names of groups, remarks.
  public private(set) var passedOver = 0
  /// How often each code of each field was met, and where first.
  public private(set) var tally: [Tally: Count] = [:]

  public struct Tally: Hashable, Sendable {
    public var severity: Diagnostic.Severity
    public var code: String
    public var field: String?
  }

  public struct Count: Sendable {
    public var count = 0
    /// Where it was met first, three places at most, and what stood there.
    public var examples: [(position: Position, value: String?)] = []
  }

  /// Diagnostics of one code and field that are told one by one; the rest are counted.
  public static var toldInFull: Int { 10 }

  public init(stage: String) { self.stage = stage }

  /// Whether diagnostics or many rejects wait to be taken away.
  public var hasNews: Bool { !diagnostics.isEmpty || rejects.count >= 1 << 16 || isFull }

  /// Records read so far, whatever became of them.
  public var read: Int { makesRecords ? emitted + rejected : taken }

  /// True once more is refused than the budget allows: the stage returns, also within a batch, and the run ends.
  @inlinable public var isFull: Bool { rejected > 0 && isOverBudget(atEnd: false) }

  /// - Parameter atEnd: all records were read.
  public func isOverBudget(atEnd: Bool) -> Bool { budget.isExceeded(rejected: rejected, total: read, atEnd: atEnd) }

  /// Counts a record that a stage is to take.
  @inlinable @inline(__always)
  public mutating func countTaken(_ count: Int = 1) { countRead(count) }

  /// Ends the record that was being written.
  @inlinable @inline(__always)
  public mutating func endRecord() {
    output.append(UInt8(ascii: "\n"))
    countRecord()
  }

  @usableFromInline @inline(__always)
  mutating func countRecord() { emitted += 1 }

  /// Counts `count` records that a decoder has written into `output` at one go.
  public mutating func countRecords(_ count: Int) { emitted += count }

  @usableFromInline @inline(__always)
  mutating func countRead(_ count: Int) { taken += count }

  /// Counts `count` rows that hold something and are no records; what they are is told apart.
  public mutating func passOver(_ count: Int) { passedOver += count }

  /// Notes the field names of a table that is about to be read.
  public mutating func noteHeader(_ names: [String]) {
    var known = Set(header)
    for name in names where known.insert(name).inserted { header.append(name) }
  }

  /// Notes what was found out about an input. Whoever decides also tells it, as a diagnostic of its own words.
  public mutating func note(_ decision: Decision) { decisions.append(decision) }

  /// Passes a record on as it came.
  @inlinable
  public mutating func pass(_ record: Record) {
    output.append(record.bytes)
    endRecord()
  }

  /// Sets one record aside: a line of `rejects`, and a diagnostic for each error.
  public mutating func reject(_ rejection: Rejection, at position: Position, input: RejectedInput) {
    rejected += 1
    var position = position
    position.file = position.file ?? inputName
    for error in rejection.errors {
      tell(
        Diagnostic(
          .error, code: error.code, error.message, field: error.field, at: position, value: error.value))
    }
    if keepsRejects { writeReject(rejection, position, input) }
  }

  /// Sets aside what was to be a record and is none.
  public mutating func reject(unreadable error: RecordError, line: Int, _ bytes: UnsafeRawBufferPointer) {
    unreadable += 1
    reject(Rejection(error), at: Position(row: line), input: .raw(bytes))
  }

  /// Sets aside something that belongs to no record.
  public mutating func reject(_ rejection: Rejection) {
    reject(rejection, at: Position(), input: .raw(UnsafeRawBufferPointer(start: nil, count: 0)))
  }

  /// Queues a diagnostic. The same code and field is told `toldInFull` times, then counted alone.
  public mutating func tell(_ diagnostic: Diagnostic) {
    let key = Tally(severity: diagnostic.severity, code: diagnostic.code, field: diagnostic.field)
    let count = tally[key, default: Count()].count + 1
    tally[key]?.count = count
    if count == 1 { tally[key] = Count(count: 1) }
    if count <= 3, diagnostic.position.row != nil {
      tally[key]?.examples.append((diagnostic.position, diagnostic.value))
    }
    if count <= Self.toldInFull { diagnostics.append(diagnostic) }
  }

  /// The diagnostics queued so far; the queue is empty afterwards.
  public mutating func takeDiagnostics() -> [Diagnostic] {
    guard !diagnostics.isEmpty else { return [] }
    let taken = diagnostics
    diagnostics.removeAll(keepingCapacity: true)
    return taken
  }

  private mutating func writeReject(_ rejection: Rejection, _ position: Position, _ input: RejectedInput) {
    rejects.append("{" as StaticString)
    if let row = position.row {
      rejects.append("\"_row\":" as StaticString)
      rejects.append(decimal: row)
      rejects.append("," as StaticString)
    }
    writeMember("_file", position.file)
    writeMember("_sheet", position.sheet)
    writeMember("stage", stage)
    rejects.append("\"errors\":[" as StaticString)
    for (index, error) in rejection.errors.enumerated() {
      rejects.append(index == 0 ? "{" as StaticString : ",{")
      writeMember("code", error.code)
      writeMember("field", error.field)
      rejects.append("\"message\":" as StaticString)
      rejects.appendJSONString(error.message)
      if let candidates = error.candidates {
        writeList("rows", candidates.rows)
        writeList("agreed", candidates.agreed)
        writeList("differed", candidates.differed)
      }
      rejects.append("}" as StaticString)
    }
    rejects.append("]," as StaticString)
    switch input {
    case .record(let bytes):
      rejects.append("\"record\":" as StaticString)
      rejects.append(bytes)
    case .raw(let bytes): writeRaw(bytes)
    }
    rejects.append("}\n" as StaticString)
  }

  private mutating func writeList(_ name: StaticString, _ texts: [String]) {
    if texts.isEmpty { return }
    rejects.append(",\"" as StaticString)
    rejects.append(name)
    rejects.append("\":" as StaticString)
    JSONValue.array(texts.map { .string($0) }).write(to: &rejects)
  }

  /// Text where it is text; else base 64 (RFC 4648, 4), since nothing may be lost and JSON holds only Unicode.
  private mutating func writeRaw(_ bytes: UnsafeRawBufferPointer) {
    if firstInvalidUTF8(bytes) == nil {
      rejects.append("\"raw\":" as StaticString)
      rejects.appendJSONString(bytes)
    } else {
      rejects.append("\"raw_base64\":\"" as StaticString)
      rejects.appendBase64(bytes)
      rejects.append("\"" as StaticString)
    }
  }

  private mutating func writeMember(_ name: StaticString, _ value: String?) {
    guard let value else { return }
    rejects.append("\"" as StaticString)
    rejects.append(name)
    rejects.append("\":" as StaticString)
    rejects.appendJSONString(value)
    rejects.append("," as StaticString)
  }
}

extension OutputBuffer {
  /// Appends `bytes` in base 64 with padding (RFC 4648, 4).
  public mutating func appendBase64(_ bytes: UnsafeRawBufferPointer) {
    let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    var at = 0
    while at < bytes.count {
      let left = min(bytes.count - at, 3)
      var group = 0
      for offset in 0..<3 { group = group << 8 | (offset < left ? Int(bytes[at + offset]) : 0) }
      for digit in 0..<4 {
        append(digit <= left ? alphabet.utf8Start[group >> (18 - 6 * digit) & 63] : UInt8(ascii: "="))
      }
      at += 3
    }
  }
}
