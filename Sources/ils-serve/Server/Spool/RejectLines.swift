import Foundation
import ILSRecord

/// Why records of a job were refused, one at a time, from the rejects of its stages; no values.
struct RejectLines: Sendable {
  struct Fault: Sendable {
    var row: Int?
    var file: String?
    var sheet: String?
    var stage: String?
    var field: String?
    var code: String
    var message: String

    var json: JSONValue {
      let texts = [
        ("file", file), ("sheet", sheet), ("stage", stage), ("field", field), ("code", code), ("message", message),
      ]
      return .object(
        (row.map { [("row", .count($0))] } ?? [])
          + texts.compactMap { name, text in text.map { (name, JSONValue.string($0)) } })
    }
  }

  let paths: [String]

  /// Hands on every fault, of so many bytes of each file, until `take` returns false.
  func each(within most: Int = .max, _ take: (Fault) async throws -> Bool) async throws {
    for path in paths {
      guard let file = LineHeads(path, most: most) else { continue }
      while let line = file.next() {
        for fault in RejectLines.faults(line) where try await !take(fault) { return }
        try Task.checkCancellation()
      }
    }
  }

  private static func faults(_ line: Data) -> [Fault] {
    guard let reject = JSONValue(read: head(of: line)) else { return [] }
    return (reject["errors"]?.array ?? []).compactMap { error in
      guard let code = error["code"]?.string, let message = error["message"]?.string else { return nil }
      return Fault(
        row: reject["_row"]?.integer, file: reject["_file"]?.string, sheet: reject["_sheet"]?.string,
        stage: reject["stage"]?.string, field: error["field"]?.string, code: code, message: message)
    }
  }

  /// A reject without its record, which stands last and may be as long as it likes. The bytes that are looked for stand in no
  /// string: there, a backslash would be in front of each quote. Of more faults than a head holds, the first are kept.
  private static func head(of line: Data) -> Data {
    if let record = [",\"record\":", ",\"raw\":"].compactMap({ line.range(of: Data($0.utf8)) }).first {
      return line[..<record.lowerBound] + Data("}".utf8)
    }
    guard line.count >= LineHeads.longest, let next = line.range(of: Data("},{\"code\"".utf8), options: .backwards)
    else {
      return line
    }
    return line[...next.lowerBound] + Data("]}".utf8)
  }

  /// The first faults.
  func first(_ count: Int) async throws -> [JSONValue] {
    var found: [JSONValue] = []
    // A status is asked for all the time: it reads no more than this, however long the rejects are.
    try await each(within: 32 << 20) { fault in
      found.append(fault.json)
      return found.count < count
    }
    return found
  }
}

/// The lines of a file, one after the other; of a longer one, the first bytes.
final class LineHeads {
  static let longest = 1 << 18

  private let file: FileHandle
  private var pending = Data()
  private var at = 0
  private var isAtEnd = false
  private var read = 0
  private let most: Int

  /// - Parameter most: no line that begins behind so many bytes is looked at.
  init?(_ path: String, most: Int) {
    self.most = most
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    self.file = file
  }

  deinit { try? file.close() }

  /// Where the next line feed of what was read is.
  private func feed() -> Int? {
    pending.withUnsafeBytes { bytes in
      memchr(bytes.baseAddress! + at, 0x0A, bytes.count - at).map { UnsafeRawPointer($0) - bytes.baseAddress! }
    }
  }

  func next() -> Data? {
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
      line += pending[at..<(end ?? pending.count)].prefix(Self.longest - line.count)
      at = end.map { $0 + 1 } ?? pending.count
      if end != nil { return line }
    }
  }
}
