import ILSRecord

/// What a sample tells of its encoding: its distinct cells that hold bytes from 0x80, one a line.
struct EncodingEvidence {
  /// Of cells that are not UTF-8.
  private(set) var legacy: [UInt8] = []
  /// Of cells that are, and how many they are.
  private(set) var unicode: [UInt8] = []
  private(set) var unicodeCells = 0
  /// Rows of the sample that hold bytes from 0x80, and those among them that are not UTF-8.
  private(set) var rows = 0
  private(set) var invalidCount = 0

  /// Bytes from 0x80 that the cells hold.
  private(set) var bytes = [Bool](repeating: false, count: 256)

  /// How lines end: programs of the Macintosh write CR, those of DOS and Windows CR LF.
  private(set) var lineEnd = LineEnd.feed

  enum LineEnd { case feed, both, carriageReturn }

  /// Of bytes that were met, more would take longer and tell nothing.
  private static let limit = 12 << 10

  /// - Parameter isWhole: the sample is all there is: its last line is whole.
  init(_ sample: UnsafeRawBufferPointer, isWhole: Bool) {
    var known: Set<[UInt8]> = []
    var number = 0
    var at = 0
    while at < sample.count {
      number += 1
      let end = sample[at...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? sample.count
      let line = UnsafeRawBufferPointer(rebasing: sample[at..<end])
      // A line that the sample cuts off may end in half a character.
      if end < sample.count || isWhole || at == 0 { take(line, &known) }
      let isPair = end + 1 < sample.count && sample[end] == 0x0D && sample[end + 1] == 0x0A
      if number == 1, end < sample.count, sample[end] == 0x0D { lineEnd = isPair ? .both : .carriageReturn }
      at = end + (isPair ? 2 : 1)
    }
  }

  private mutating func take(_ line: UnsafeRawBufferPointer, _ known: inout Set<[UInt8]>) {
    guard line.contains(where: { $0 >= 0x80 }) else { return }
    rows += 1
    if !EncodingEvidence.isUTF8(line) { invalidCount += 1 }
    for cell in line.split(whereSeparator: { $0 == 0x09 || $0 == 0x22 || $0 == 0x2C || $0 == 0x3B }) {
      let text = Array(cell)
      guard text.contains(where: { $0 >= 0x80 }), known.insert(text).inserted else { continue }
      if text.withUnsafeBytes({ EncodingEvidence.isUTF8($0) }) {
        guard unicode.count < Self.limit else { continue }
        unicodeCells += 1
        unicode += text + [0x0A]
      } else if legacy.count < Self.limit || text.contains(where: { $0 >= 0x80 && !bytes[Int($0)] }) {
        legacy += text + [0x0A]
      } else {
        continue
      }
      for byte in text where byte >= 0x80 { bytes[Int(byte)] = true }
    }
  }
}

extension EncodingEvidence {
  static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool { firstInvalidUTF8(bytes) == nil }
}
