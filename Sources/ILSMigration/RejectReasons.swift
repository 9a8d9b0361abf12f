import Glibc
import ILSRecord
import ILSStream

/// What records were refused for: each stage, field and code once, the most frequent first. Holds no value of a record.
public struct RejectReasons {
  struct Reason {
    let stage: String
    let field: String?
    let code: String
    let message: String
    var count = 0
    var rows: [Int] = []

    var text: String {
      let digits = "\(count)"
      let rows = rows.map(String.init).joined(separator: ", ") + (count > self.rows.count ? " ..." : "")
      return String(repeating: " ", count: max(7 - digits.count, 0)) + digits
        + "  \(stage): \(field.map { "\($0): " } ?? "")\(message) [\(code)]"
        + (self.rows.isEmpty ? "" : ", row\(count > 1 ? "s" : "") \(rows)")
    }
  }

  /// Records, of which each may have several reasons.
  public private(set) var records = 0
  private(set) var reasons: [Reason] = []
  private var places: [String: Int] = [:]
  private static let rowsKept = 3

  public init() {}

  /// Adds the rejects in `path`, where there are any.
  public mutating func read(_ path: String) throws(StopError) {
    guard access(path, R_OK) == 0 else { return }
    var reader = LineReader(try ByteSource(path))
    while true {
      switch reader.next() {
      case .line(let line):
        records += 1
        if let reject = try? JSONValue(parsing: Array(line.bytes)) { add(reject) }
      case .tooLong: records += 1
      case .needsInput: try reader.fill()
      case .end: return
      }
    }
  }

  private mutating func add(_ reject: JSONValue) {
    for error in reject["errors"]?.array ?? [] {
      let (stage, field, code) = (reject["stage"]?.string ?? "", error["field"]?.string, error["code"]?.string ?? "")
      let key = "\(stage)\u{0}\(field ?? "")\u{0}\(code)"
      let place = places[key] ?? reasons.count
      if place == reasons.count {
        places[key] = place
        reasons.append(Reason(stage: stage, field: field, code: code, message: error["message"]?.string ?? ""))
      }
      reasons[place].count += 1
      if reasons[place].rows.count < Self.rowsKept, let row = reject["_row"]?.integer {
        reasons[place].rows.append(row)
      }
    }
  }

  /// A line for each, for people.
  public var lines: [String] {
    reasons.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element.text)
  }
}
