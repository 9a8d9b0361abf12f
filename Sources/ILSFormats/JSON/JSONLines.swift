import ILSRecord

/// NDJSON, fed in any portions: a record a line.
struct JSONLines: ~Copyable {
  private var carry = OutputBuffer()
  private var number = 0
  private var isSkipping = false

  /// The longest line, in bytes.
  static var lineLimit: Int { 16 << 20 }

  mutating func read(
    _ chunk: PaddedBytes, _ writer: inout JSONRecordWriter, _ file: String?, _ emit: inout Emitter
  ) {
    var from = 0
    while let feed = chunk.bytes.lineFeed(from: from), !emit.isFull {
      take(chunk[from..<feed], &writer, file, &emit)
      from = feed + 1
    }
    if isSkipping || emit.isFull { return }
    carry.append(chunk[from..<chunk.count].bytes)
    if carry.count > Self.lineLimit {
      number += 1
      let error = RecordError(RecordFault.jsonTooLong, message: "the line is longer than \(Self.lineLimit >> 20) MiB")
      emit.reject(
        Rejection(error), at: Position(file: file, row: number),
        input: .raw(UnsafeRawBufferPointer(rebasing: carry.bytes.prefix(4096))))
      carry.removeAll()
      isSkipping = true
    }
  }

  private mutating func take(
    _ end: PaddedBytes, _ writer: inout JSONRecordWriter, _ file: String?, _ emit: inout Emitter
  ) {
    if isSkipping {
      isSkipping = false
      return
    }
    number += 1
    if carry.isEmpty {
      write(end, &writer, file, &emit)
    } else {
      carry.append(end.bytes)
      write(carry.padded, &writer, file, &emit)
      carry.removeAll()
    }
  }

  private func write(
    _ line: PaddedBytes, _ writer: inout JSONRecordWriter, _ file: String?, _ emit: inout Emitter
  ) {
    // A byte order mark at the start of a line is no data: files were joined.
    let mark = line.bytes.starts(with: [0xEF, 0xBB, 0xBF] as [UInt8]) ? 3 : 0
    let line = line[mark..<line.count]
    guard line.bytes.contains(where: { $0 > 0x20 }) else { return }
    do throws(RecordError) {
      try writer.write(line, number: number, &emit)
    } catch {
      emit.reject(Rejection(error), at: Position(file: file, row: number), input: .raw(line.bytes))
    }
  }

  mutating func finish(_ writer: inout JSONRecordWriter, _ file: String?, _ emit: inout Emitter) {
    if !carry.isEmpty { take(carry.padded[0..<0], &writer, file, &emit) }
  }
}
