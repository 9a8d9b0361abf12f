// Part of the tests and, with FuzzChecks.swift, of the fuzzers (scripts/fuzz): no more than what is public.

import ILSRecord

/// What a decoder makes of a text: records, rejects, and the code of what stopped it.
struct Decoded: Equatable {
  var recordBytes: [UInt8] = []
  var rejectBytes: [UInt8] = []
  var stop: String?
  /// What the emitter counted.
  var emitted = 0
  var rejected = 0
  /// What was told, a code and a message each.
  var told: [String] = []

  var records: String { String(decoding: recordBytes, as: UTF8.self) }
  var rejects: String { String(decoding: rejectBytes, as: UTF8.self) }
  var lines: [String] { records.split(separator: "\n").map(String.init) }
}

/// Feeds `text` to a decoder `step` bytes at a time; what stands behind each portion is noise.
func decode<D: RecordDecoder & ~Copyable>(
  _ text: [UInt8], step: Int? = nil, waits: Bool = false, _ decoder: consuming D
) -> Decoded {
  var emitter = Emitter(stage: "test")
  var decoder = decoder
  var decoded = Decoded()
  do throws(StopError) {
    var at = 0
    while at < text.count {
      let to = min(at + (step ?? text.count), text.count)
      let portion = Array(text[at..<to]) + [UInt8](repeating: UInt8(ascii: "\""), count: 32)
      try feed(portion, to - at, &decoder, &emitter)
      if waits { try decoder.sourceWaits(emit: &emitter) }
      // As the pump does: whole records leave at any time.
      let rest = emitter.output.takeBehindLastLineFeed()
      decoded.recordBytes += emitter.output.bytes
      emitter.output.removeAll()
      emitter.output.append(rest)
      at = to
    }
    try decoder.finish(emit: &emitter)
  } catch {
    decoded.stop = error.code
    // What a decoder leaves unfinished when it stops is nobody's record.
    _ = emitter.output.takeBehindLastLineFeed()
  }
  decoded.recordBytes += emitter.output.bytes
  decoded.rejectBytes += emitter.rejects.bytes
  decoded.emitted = emitter.emitted
  decoded.told = emitter.diagnostics.map { "\($0.code) \($0.message)" }
  decoded.rejected = emitter.rejected
  return decoded
}

private func feed<D: RecordDecoder & ~Copyable>(
  _ portion: [UInt8], _ count: Int, _ decoder: inout D, _ emitter: inout Emitter
) throws(StopError) {
  var failure: StopError?
  portion.withUnsafeBytes { bytes in
    do throws(StopError) {
      try decoder.decode(PaddedBytes(0..<count, of: UnsafeRawBufferPointer(bytes)), emit: &emitter)
    } catch { failure = error }
  }
  if let failure { throw failure }
}
