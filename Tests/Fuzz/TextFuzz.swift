// A libFuzzer target for the text decoders; scripts/fuzz builds and runs it.
//
// The first byte of a case picks the decoder and its options, the second how the text is cut; the rest is the text. What
// must hold: no trap, the same output however the text is cut, and every record and reject a JSON object on one line.

import ILSFormats
import ILSRecord

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzText(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 2 else { return 0 }
  let text = Array(UnsafeBufferPointer(start: start + 2, count: count - 2))
  let whole = decode(text, options(start[0]), step: text.count)
  let cut = decode(text, options(start[0]), step: 1 + Int(start[1] & 63))
  precondition(whole == cut, "the output depends on how the text is cut")
  var scanner = RecordScanner()
  for line in (whole.records + whole.rejects).split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
    (Array(line) + [UInt8](repeating: 0, count: 64)).withUnsafeBytes { padded in
      let bytes = UnsafeRawBufferPointer(rebasing: padded[..<line.count])
      precondition((try? scanner.scan(bytes, number: 1)) != nil, "a line is no record")
    }
  }
  return 0
}

private struct Decoded: Equatable {
  var records: [UInt8] = []
  var rejects: [UInt8] = []
  var stop: String?
}

private func options(_ choice: UInt8) -> TextOptions {
  var options = TextOptions()
  options.format = [nil, .csv, .json, .ndjson][Int(choice & 3)]
  if choice & 4 != 0 { options.csv.dialect.escape = .backslash }
  if choice & 8 != 0 { options.csv.dialect.comment = UInt8(ascii: "#") }
  if choice & 16 != 0 { options.csv.dialect.ragged = choice & 32 != 0 ? .keep : .pad }
  if choice & 64 != 0 { options.flatten = "." }
  if choice & 128 != 0 {
    if options.format == .json { options.path = "a.b" } else { options.encoding = "UTF-8" }
    options.replacesErrors = choice & 32 != 0
  }
  return options
}

private func decode(_ text: [UInt8], _ options: TextOptions, step: Int) -> Decoded {
  var emitter = Emitter(stage: "fuzz")
  var decoder = TextDecoder(options)
  var decoded = Decoded()
  do throws(StopError) {
    var at = 0
    while at < text.count {
      let to = min(at + step, text.count)
      // Decoders may look at, but not believe, sixteen bytes behind what they are given.
      let portion = Array(text[at..<to]) + [UInt8](repeating: UInt8(ascii: "\""), count: 64)
      try feed(portion, to - at, &decoder, &emitter)
      let rest = emitter.output.takeBehindLastLineFeed()
      decoded.records += emitter.output.bytes
      emitter.output.removeAll()
      emitter.output.append(rest)
      at = to
    }
    try decoder.finish(emit: &emitter)
  } catch {
    decoded.stop = error.code
  }
  decoded.records += emitter.output.bytes.prefix(emitter.output.bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
  decoded.rejects += emitter.rejects.bytes
  return decoded
}

private func feed(
  _ portion: [UInt8], _ count: Int, _ decoder: inout TextDecoder, _ emitter: inout Emitter
) throws(StopError) {
  var failure: StopError?
  portion.withUnsafeBytes { bytes in
    do throws(StopError) {
      try decoder.decode(UnsafeRawBufferPointer(rebasing: bytes[..<count]), emit: &emitter)
    } catch { failure = error }
  }
  if let failure { throw failure }
}
