import ILSRecord
import ILSStream

extension Pump {
  /// Feeds every byte of `source` to `decoder`, then lets it finish.
  public mutating func decode<D: RecordDecoder & ~Copyable, B: ByteStream & ~Copyable>(
    _ source: inout B, with decoder: inout D
  ) throws(StopError) {
    emitter.makesRecords = true
    let padding = 64
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: LineReader.blockSize + padding, alignment: 16)
    defer { block.deallocate() }
    block.initializeMemory(as: UInt8.self, repeating: 0)
    let room = UnsafeMutableRawBufferPointer(rebasing: block[..<LineReader.blockSize])
    while true {
      let got = try source.read(into: room)
      if got == 0 { break }
      try decoder.decode(PaddedBytes(0..<got, of: UnsafeRawBufferPointer(block)), emit: &emitter)
      delivery.note(records: emitter.read, bytes: source.bytesRead)
      let waits = !source.isReady
      if waits { try decoder.sourceWaits(emit: &emitter) }
      try deliver(waiting: waits)
      if delivery.isSatisfied(emitter) { return }
    }
    try decoder.finish(emit: &emitter)
    delivery.endSource(bytes: source.bytesRead)
    try deliver(waiting: true)
  }

  /// Takes what a decoder of whole files emits, piece by piece, until `step` returns nil; until then it returns how many
  /// of the source's `bytes` were read.
  public mutating func pull(
    bytes: Int, _ step: (inout Emitter) throws(StopError) -> Int?
  ) throws(StopError) {
    emitter.makesRecords = true
    while true {
      let position: Int?
      do throws(StopError) {
        position = try step(&emitter)
      } catch {
        try halt(error)
      }
      delivery.note(records: emitter.read, bytes: position ?? bytes)
      try deliver(waiting: position == nil)
      if position == nil || delivery.isSatisfied(emitter) { break }
    }
    delivery.endSource(bytes: bytes)
  }
}
