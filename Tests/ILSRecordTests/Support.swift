@testable import ILSRecord

/// Runs `body` on `text` with the readable bytes behind it that scanners count on, filled with what would do most harm.
func withPadded<T>(_ text: [UInt8], padding: UInt8 = UInt8(ascii: "\""), _ body: (PaddedBytes) throws -> T)
  rethrows
  -> T
{
  let padded = text + [UInt8](repeating: padding, count: 64)
  return try padded.withUnsafeBytes { try body(PaddedBytes(0..<text.count, of: $0)) }
}

/// What one line holds, read by a fresh scanner: names, and values as they are written.
func scanned(_ line: String) throws -> [String] {
  var scanner = RecordScanner()
  return try withPadded(Array(line.utf8)) { bytes in
    let record = try scanner.scan(bytes, number: 1)
    return record.shape.names.indices.map { index in
      "\(record.shape.names[index])=\(String(decoding: record[index].raw, as: UTF8.self))"
    }
  }
}

/// The code that a line is refused with.
func refusal(_ line: [UInt8], padding: UInt8 = UInt8(ascii: "\"")) -> String? {
  var scanner = RecordScanner()
  return withPadded(line, padding: padding) { bytes in
    do {
      _ = try scanner.scan(bytes, number: 1)
      return nil
    } catch let error as RecordError {
      return error.code
    } catch {
      return "\(error)"
    }
  }
}

func refusal(_ line: String) -> String? { refusal(Array(line.utf8)) }
