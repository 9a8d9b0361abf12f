import ILSRecord

@testable import ILSFormats

/// What a decoder makes of a text: records, rejects, and the code of what stopped it.
struct Decoded: Equatable {
  var records: String
  var rejects: String
  var stop: String?

  var lines: [String] { records.split(separator: "\n").map(String.init) }
}

/// Feeds `text` to a decoder `step` bytes at a time; what stands behind each portion is noise.
func decode<D: RecordDecoder & ~Copyable>(
  _ text: [UInt8], step: Int? = nil, waits: Bool = false, _ decoder: consuming D
) -> Decoded {
  var emitter = Emitter(stage: "test")
  var decoder = decoder
  var records = ""
  var stop: String?
  do throws(StopError) {
    var at = 0
    while at < text.count {
      let to = min(at + (step ?? text.count), text.count)
      let portion = Array(text[at..<to]) + [UInt8](repeating: UInt8(ascii: "\""), count: 32)
      try feed(portion, to - at, &decoder, &emitter)
      if waits { try decoder.sourceWaits(emit: &emitter) }
      // As the pump does: whole records leave at any time.
      let rest = emitter.output.takeBehindLastLineFeed()
      records += emitter.output.string()
      emitter.output.removeAll()
      emitter.output.append(rest)
      at = to
    }
    try decoder.finish(emit: &emitter)
  } catch {
    stop = error.code
  }
  return Decoded(records: records + emitter.output.string(), rejects: emitter.rejects.string(), stop: stop)
}

private func feed<D: RecordDecoder & ~Copyable>(
  _ portion: [UInt8], _ count: Int, _ decoder: inout D, _ emitter: inout Emitter
) throws(StopError) {
  var failure: StopError?
  portion.withUnsafeBytes { bytes in
    do throws(StopError) {
      try decoder.decode(UnsafeRawBufferPointer(rebasing: bytes[..<count]), emit: &emitter)
    } catch { failure = error }
  }
  if let failure { throw failure }
}
