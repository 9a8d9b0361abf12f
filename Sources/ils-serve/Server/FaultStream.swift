import Foundation
import Hummingbird

/// Why records of a job were refused, one at a time, from the rejects of its stages; no values.
struct FaultStream: Sendable {
  struct Line: Codable, Sendable {
    var row: Int?
    var file: String?
    var sheet: String?
    var stage: String?
    var field: String?
    var code: String
    var message: String
  }

  private struct Reject: Decodable {
    struct Fault: Decodable {
      var code: String
      var field: String?
      var message: String
    }
    var _row: Int?
    var _file: String?
    var _sheet: String?
    var stage: String?
    var errors: [Fault]
  }

  let paths: [String]

  /// Hands on every fault until `take` returns false.
  func each(_ take: (Line) async throws -> Bool) async throws {
    let decoder = JSONDecoder()
    for path in paths {
      guard let file = LineFile(path) else { continue }
      while let line = file.next() {
        guard let reject = try? decoder.decode(Reject.self, from: line) else { continue }
        for fault in reject.errors {
          let line = Line(
            row: reject._row, file: reject._file, sheet: reject._sheet, stage: reject.stage, field: fault.field,
            code: fault.code, message: fault.message)
          if try await !take(line) { return }
        }
      }
    }
  }

  /// The first faults.
  func first(_ count: Int) async throws -> [JSON] {
    var found: [JSON] = []
    try await each { line in
      if let json = JSON(try JSONEncoder().encode(line)) { found.append(json) }
      return found.count < count
    }
    return found
  }

  /// All of them as an answer's body: NDJSON, or CSV for a spreadsheet.
  func body(csv: Bool) -> ResponseBody {
    ResponseBody { writer in
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      var block = csv ? "row,stage,field,code,message\r\n" : ""
      try await each { line in
        if csv {
          let cells = [line.row.map { "\($0)" } ?? "", line.stage ?? "", line.field ?? "", line.code, line.message]
          block += cells.map(FaultStream.cell).joined(separator: ",") + "\r\n"
        } else {
          block += String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
        }
        if block.utf8.count > 1 << 15 {
          try await writer.write(ByteBuffer(string: block))
          block = ""
        }
        return true
      }
      try await writer.write(ByteBuffer(string: block))
      try await writer.finish(nil)
    }
  }

  /// A CSV cell (RFC 4180); one that a spreadsheet would take for a formula is made text.
  static func cell(_ text: String) -> String {
    let safe = "=+-@\t\r".contains(text.first ?? " ") ? "'" + text : text
    return safe.contains(where: { ",\"\r\n".contains($0) }) ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
  }
}

/// The lines of a file, one after the other.
final class LineFile {
  private let file: FileHandle
  private var pending = Data()
  private var isAtEnd = false

  init?(_ path: String) {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    self.file = file
  }

  deinit { try? file.close() }

  func next() -> Data? {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        defer { pending = pending[(end + 1)...] }
        return pending[..<end]
      }
      if isAtEnd { return nil }
      let more = (try? file.read(upToCount: 1 << 16)) ?? nil
      isAtEnd = more?.isEmpty ?? true
      pending = Data(pending) + (more ?? Data())
      if isAtEnd, !pending.isEmpty {
        defer { pending = Data() }
        return pending
      }
    }
  }
}
