import ILSCommand
import ILSRecord
import ILSStore

/// What all checks come to.
struct Verdict {
  let faults: Int
  let doubts: Int
  let isStrict: Bool

  init(_ checks: [VerifyCheck], isStrict: Bool) {
    faults = checks.count { $0.verdict == .fault }
    doubts = checks.count { $0.verdict == .doubt }
    self.isStrict = isStrict
  }

  var isWrong: Bool { faults > 0 || isStrict && doubts > 0 }
  var word: String { faults > 0 ? "faults" : doubts > 0 ? "doubts" : "sound" }
  var line: String { "verdict: \(word) (\(faults) checks found faults, \(doubts) doubts)" }

  var json: JSONValue {
    .object([
      (name: "verdict", value: .string(word)), (name: "faults", value: .number("\(faults)")),
      (name: "doubts", value: .number("\(doubts)")),
    ])
  }
}

extension VerifyCheck {
  /// Figures of a field that are as they should be say no more than that its values are.
  var isForPeople: Bool { about != .field || kind == .fault || verdict != nil }

  /// The check as people read it: what it came to, how many rows, and which.
  var line: String {
    let mark = kind == .count ? "" : verdict?.rawValue ?? "ok"
    var line = Self.pad("\(mark)", 6, left: false) + " " + Self.pad("\(rows)", 9, left: true) + "  "
    if about == .field { line += "\(field ?? ""): " }
    line += name.visible
    if let source, let database, about == .field || rows > 0 {
      line += " (source \(source.plain), database \(database.plain))"
    }
    let places = records.isEmpty ? ids : records
    if rows > 0, !places.isEmpty { line += ": " + places.map(\.visible).joined(separator: " ") }
    for value in values {
      line +=
        "\n\(String(repeating: " ", count: 18))\(value.record.visible): "
        + "source \(value.source?.visible ?? "nothing"), database \(value.database?.visible ?? "nothing")"
    }
    return line
  }

  private static func pad(_ text: String, _ width: Int, left: Bool) -> String {
    let space = String(repeating: " ", count: max(width - text.count, 0))
    return left ? space + text : text + space
  }
}

extension JSONValue {
  /// A number or a text as it is.
  var plain: String {
    switch self {
    case .string(let text), .number(let text): text.visible
    case .null: "nothing"
    default: text
    }
  }
}
