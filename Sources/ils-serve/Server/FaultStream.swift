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

  /// Hands on every fault, of so many bytes of each file, until `take` returns false.
  func each(within most: Int = .max, _ take: (Line) async throws -> Bool) async throws {
    let decoder = JSONDecoder()
    for path in paths {
      guard let file = LineFile(path, most: most) else { continue }
      while let line = file.next() {
        guard let reject = try? decoder.decode(Reject.self, from: FaultStream.head(of: line)) else { continue }
        for fault in reject.errors {
          let line = Line(
            row: reject._row, file: reject._file, sheet: reject._sheet, stage: reject.stage, field: fault.field,
            code: fault.code, message: fault.message)
          if try await !take(line) { return }
        }
      }
    }
  }

  /// A reject without its record, which stands last and may be as long as it likes. The bytes that are looked for stand in no
  /// string: there, a backslash would be in front of each quote. Of more faults than a head holds, the first are kept.
  private static func head(of line: Data) -> Data {
    if let record = [",\"record\":", ",\"raw\":"].compactMap({ line.range(of: Data($0.utf8)) }).first {
      return line[..<record.lowerBound] + Data("}".utf8)
    }
    guard line.count >= LineFile.longest, let next = line.range(of: Data("},{\"code\"".utf8), options: .backwards)
    else {
      return line
    }
    return line[...next.lowerBound] + Data("]}".utf8)
  }

  /// The first faults.
  func first(_ count: Int) async throws -> [JSON] {
    var found: [JSON] = []
    // A status is asked for all the time: it reads no more than this, however long the rejects are.
    try await each(within: 32 << 20) { line in
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

/// The lines of a file, one after the other; of a longer one, the first bytes.
final class LineFile {
  static let longest = 1 << 18

  private let file: FileHandle
  private var pending = Data()
  private var at = 0
  private var isAtEnd = false
  private var read = 0
  private let most: Int

  /// - Parameter most: no line that begins behind so many bytes is looked at.
  init?(_ path: String, most: Int = .max) {
    self.most = most
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    self.file = file
  }

  deinit { try? file.close() }

  /// Hands on every line of the file, whole ones alone.
  static func each(of path: String, _ take: (Data) -> Void) {
    guard let file = LineFile(path) else { return }
    while let line = file.next(longest: .max) { take(line) }
  }

  /// Where the next line feed of what was read is.
  private func feed() -> Int? {
    pending.withUnsafeBytes { bytes in
      memchr(bytes.baseAddress! + at, 0x0A, bytes.count - at).map { UnsafeRawPointer($0) - bytes.baseAddress! }
    }
  }

  func next(longest: Int = LineFile.longest) -> Data? {
    var line = Data()
    while true {
      if at == pending.count {
        if isAtEnd { return line.isEmpty ? nil : line }
        if read > most { return nil }
        (pending, at) = ((try? file.read(upToCount: 1 << 16)) ?? Data(), 0)
        isAtEnd = pending.isEmpty
        read += pending.count
        continue
      }
      let end = feed()
      line += pending[at..<(end ?? pending.count)].prefix(longest - line.count)
      at = end.map { $0 + 1 } ?? pending.count
      if end != nil { return line }
    }
  }
}
