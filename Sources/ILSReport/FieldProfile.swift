import Glibc
import ILSDates
import ILSRecord

/// What one field holds over all records.
public struct FieldProfile {
  public let name: String
  public private(set) var filled = 0
  /// Null, or a text of no characters.
  public private(set) var empty = 0
  private var values: ValueCounts
  private var patterns: ValueCounts
  private var first: [UInt8]?
  private var last: [UInt8]?
  private var numbers = NumberFigures()
  private var isDates = true
  private var isBooleans = true
  /// In characters.
  public private(set) var shortest = Int.max
  public private(set) var longest = 0

  /// Different values of a field that are counted exactly.
  static let exactly = 10_000
  private static let told = 5
  /// Longer values are told apart by their hash, and shown by their beginning.
  private static let shown = 200

  /// - Parameter bytes: how much memory its values may take.
  init(_ name: String, bytes: Int) {
    self.name = name
    values = ValueCounts(limit: Self.exactly, bytes: bytes)
    patterns = ValueCounts(limit: 1000, bytes: bytes / 4)
  }

  mutating func addEmpty() { empty += 1 }

  /// - Parameter spare: a buffer to work in.
  mutating func add(_ text: UnsafeRawBufferPointer, _ spare: inout OutputBuffer) {
    filled += 1
    if isBooleans { isBooleans = ["true", "false"].contains { $0.utf8.elementsEqual(text) } }
    if isDates { isDates = CivilDate(iso: text) != nil }
    numbers.add(text)
    let length = text.count { $0 & 0xC0 != 0x80 }
    (shortest, longest) = (min(shortest, length), max(longest, length))
    if first.map({ text.lexicographicallyPrecedes($0) }) ?? true { first = Array(text.prefix(Self.shown)) }
    if last.map({ $0.lexicographicallyPrecedes(text) }) ?? true { last = Array(text.prefix(Self.shown)) }
    ValuePattern.write(text, to: &spare)
    patterns.add(spare.bytes)
    guard text.count > Self.shown else { return values.add(text) }
    spare.removeAll()
    spare.append(UnsafeRawBufferPointer(rebasing: text[..<Self.shown]))
    spare.append("… (\(text.count) bytes, \(String(keyHash(text, seed: 1), radix: 16)))")
    values.add(spare.bytes)
  }

  // MARK: - What it comes to

  public var type: String {
    if filled == 0 { return "empty" }
    if isBooleans { return "boolean" }
    if isDates { return "date" }
    return numbers.isNumbers ? numbers.isIntegers ? "integer" : "number" : "text"
  }

  private var isNumeric: Bool { filled > 0 && numbers.isNumbers }
  public var least: String? { isNumeric ? numbers.least : first.map { String(decoding: $0, as: UTF8.self) } }
  public var greatest: String? { isNumeric ? numbers.greatest : last.map { String(decoding: $0, as: UTF8.self) } }

  public var distinct: Int { values.distinct }
  public var isDistinctExact: Bool { values.isExact }

  /// The most frequent values, and how often each was met at least.
  public var top: [(text: String, count: Int)] { Self.texts(values) }
  public var topPatterns: [(text: String, count: Int)] { Self.texts(patterns) }

  private static func texts(_ counts: ValueCounts) -> [(text: String, count: Int)] {
    counts.top(told).map { (String(decoding: $0.text, as: UTF8.self), $0.count) }
  }

  /// - Parameter records: how many there were in all.
  func json(records: Int) -> JSONValue {
    func number(_ value: Int) -> JSONValue { .number("\(value)") }
    func list(_ name: String, _ counts: ValueCounts) -> JSONValue {
      .array(
        Self.texts(counts).map { text, count in
          .object(
            [(name, .string(text)), ("count", number(count))]
              + (counts.isExact ? [] : [("atMost", number(count + counts.slack))]))
        })
    }
    var members: [(name: String, value: JSONValue)] = [
      ("field", .string(name)), ("type", .string(type)), ("records", number(records)), ("filled", number(filled)),
      ("empty", number(empty)), ("missing", number(records - filled - empty)), ("distinct", number(distinct)),
      ("distinctExact", .boolean(isDistinctExact)),
    ]
    guard filled > 0 else { return .object(members) }
    members += [("min", .string(least ?? "")), ("max", .string(greatest ?? ""))]
    if isNumeric, let mean = numbers.mean, let deviation = numbers.deviation {
      members += [("mean", .number("\(mean)")), ("stddev", .number("\(deviation)"))]
    }
    members += [
      ("shortest", number(shortest)), ("longest", number(longest)), ("top", list("value", values)),
      ("patterns", list("pattern", patterns)),
    ]
    return .object(members)
  }
}

/// The figures of values that are numbers, for as long as all are.
struct NumberFigures {
  private(set) var isNumbers = true
  private(set) var isIntegers = true
  private(set) var least: String?
  private(set) var greatest: String?
  private var bounds = (least: Double.infinity, greatest: -Double.infinity)
  // Welford's: it loses no digits to large sums.
  private var (count, middle, squares) = (0.0, 0.0, 0.0)

  var mean: Double? { count > 0 && middle.isFinite ? middle : nil }
  var deviation: Double? { count > 0 && squares.isFinite ? (squares / count).squareRoot() : nil }

  /// A zero before other digits makes a text of digits: as a number, it would be lost.
  mutating func add(_ text: UnsafeRawBufferPointer) {
    guard isNumbers else { return }
    let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
    let isPlain = !digits.isEmpty && digits.count <= 30 && digits.allSatisfy { $0 &- 0x30 < 10 || $0 == 0x2E }
    let hasZero = digits.count > 1 && digits[digits.startIndex] == 0x30 && digits[digits.startIndex + 1] != 0x2E
    let string = String(decoding: text, as: UTF8.self)
    guard isPlain, !hasZero, let value = Double(string) else {
      isNumbers = false
      return
    }
    if digits.contains(0x2E) { isIntegers = false }
    if value < bounds.least { (bounds.least, least) = (value, string) }
    if value > bounds.greatest { (bounds.greatest, greatest) = (value, string) }
    count += 1
    let before = middle
    middle += (value - middle) / count
    squares += (value - before) * (value - middle)
  }
}
