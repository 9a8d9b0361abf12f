import ILSIdentity

/// Enough of each record that was noted to say of a later one in which fields the two agree: 32 bits of each term's hash, so
/// that two values are taken for one another once in four billion times; and its signature.
///
/// Records are told by their place in the order in which they were noted; the rows that they stood in follow from that.
struct RecordPrints: ~Copyable {
  private let terms: Int
  /// Bytes of an entry: the prints, and the signature.
  private let size: Int
  private let recordsInChunk: Int
  private var memory: ChunkMemory
  private var chunks: [UnsafeMutableRawPointer] = []
  private var count = 0
  /// Where the next record goes, and how many find room there.
  private var end = UnsafeMutableRawPointer(bitPattern: 1)!
  private var room = 0
  /// Where the rows stop being numbered one behind the other: a place, and its row.
  private var runs: [(place: Int, row: Int)] = []
  private var nextRow = 0

  init(terms: Int, _ memory: TableMemory) {
    self.terms = terms
    size = terms * 4 + 2
    recordsInChunk = max(ChunkMemory.chunkSize / size, 1)
    self.memory = ChunkMemory(memory)
  }

  /// Keeps a record. - Returns: its place.
  @inline(__always)
  mutating func append(row: Int, signature: UInt16, _ print: (Int) -> UInt32) -> Int {
    let place = count
    if room == 0 { makeRoom() }
    for term in 0..<terms { end.storeBytes(of: print(term), toByteOffset: term &* 4, as: UInt32.self) }
    end.storeBytes(of: signature, toByteOffset: terms &* 4, as: UInt16.self)
    end += size
    room &-= 1
    if row != nextRow || place == 0 { runs.append((place, row)) }
    nextRow = row &+ 1
    count = place &+ 1
    return place
  }

  @inline(never)
  private mutating func makeRoom() {
    end = size > ChunkMemory.chunkSize ? memory.piece(size) : memory.chunk()
    chunks.append(end)
    room = recordsInChunk
  }

  private func start(_ place: Int) -> UnsafeMutableRawPointer {
    let (chunk, number) = place.quotientAndRemainder(dividingBy: recordsInChunk)
    return chunks[chunk] + number * size
  }

  /// The row of a record.
  func row(_ place: Int) -> Int {
    var (low, high) = (0, runs.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if runs[middle].place <= place { low = middle } else { high = middle }
    }
    return runs[low].row + place - runs[low].place
  }

  func signature(_ place: Int) -> UInt16 { start(place).load(fromByteOffset: terms * 4, as: UInt16.self) }

  /// What the rules compare, of a record.
  func profile(_ place: Int) -> Profile {
    (0..<terms).map { Self.text(start(place).loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
  }

  static func text(_ print: UInt32) -> String? { print == 0 ? nil : "\(print)" }
}
