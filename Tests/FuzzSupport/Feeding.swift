import ILSRecord

/// Feeds records, a line of NDJSON each, to a stage as a run does: what it refuses is taken back and rejected.
public func feed(
  _ records: [String], to stage: inout some Stage & ~Copyable, _ emitter: inout Emitter
) throws {
  var scanner = RecordScanner()
  for (index, line) in records.enumerated() {
    let padded = Array(line.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 16)
    try padded.withUnsafeBytes { bytes in
      let record = try scanner.scan(PaddedBytes(0..<bytes.count - 16, of: bytes), number: index + 1)
      let mark = emitter.output.count
      do throws(StageError) {
        try stage.process(record, emit: &emitter)
      } catch .reject(let rejection) {
        emitter.output.truncate(to: mark)
        emitter.reject(rejection, at: record.position, input: .record(record.bytes))
      }
    }
  }
  try stage.finish(emit: &emitter)
}
