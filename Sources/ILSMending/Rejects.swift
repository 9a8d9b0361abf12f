import CZlib
import Glibc
import ILSRecord
import ILSStream

/// The rejects of one stage of a run, read one by one, or by number.
final class Rejects {
  /// One refused record.
  struct Reject {
    /// From 1.
    let number: Int
    /// What tells whether a table was made of this file: CRC-32 of the line.
    let sum: UInt32
    let json: JSONValue

    var record: JSONValue? { json["record"] }
  }

  let stage: String
  let path: String
  /// Where each line starts, and the end of the last.
  private let starts: [Int]
  private let descriptor: Descriptor

  /// - Returns: nil where the stage refused nothing.
  /// - Throws: `noInput` or `ioError`, naming the file.
  /// - Complexity: eight bytes a reject are kept.
  init?(stage: String, in folder: String) throws(StopError) {
    self.stage = stage
    path = "\(folder)/\(stage).rejects.ndjson"
    guard access(path, F_OK) == 0 else { return nil }
    var starts = [0]
    var reader = LineReader(try ByteSource(path))
    reading: while true {
      switch reader.next() {
      case .line(let line): starts.append(starts[starts.count - 1] + line.count + 1)
      case .tooLong: throw Self.broken(path, starts.count)
      case .needsInput: try reader.fill()
      case .end: break reading
      }
    }
    if starts.count == 1 { return nil }
    self.starts = starts
    let opened = open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else {
      throw StopError(.noInput, StreamFault.ioOpen, "cannot open: \(systemErrorText())", at: Position(file: path))
    }
    descriptor = Descriptor(opened, owned: true)
  }

  var count: Int { starts.count - 1 }

  /// - Parameter number: from 1 to `count`.
  subscript(number: Int) -> Reject {
    get throws(StopError) {
      let (start, end) = (starts[number - 1], starts[number] - 1)
      var line = [UInt8](repeating: 0, count: end - start)
      let got = line.withUnsafeMutableBytes { pread(descriptor.number, $0.baseAddress, $0.count, start) }
      guard got == line.count, let json = try? JSONValue(parsing: line) else { throw Self.broken(path, number) }
      let sum = line.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
      return Reject(number: number, sum: UInt32(truncatingIfNeeded: sum), json: json)
    }
  }

  private static func broken(_ path: String, _ number: Int) -> StopError {
    StopError(
      .dataError, MendFault.mendTable, "is no reject: the file was changed by hand, or is cut off",
      at: Position(file: path, row: number))
  }
}
