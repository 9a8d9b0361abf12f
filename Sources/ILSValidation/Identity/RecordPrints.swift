import ILSIdentity

/// Enough of each record that was noted to say of a later one in which fields the two agree: 16 bits of each term's hash, 32
/// of what must agree; and its signature.
///
/// Records are told by their place in the order in which they were noted; the rows that they stood in follow from that.
struct RecordPrints: ~Copyable {
  /// Where a term's print stands in an entry, and which of its bits are kept.
  private struct Slot: BitwiseCopyable {
    let offset: Int
    let mask: UInt32
  }

  private let slots: UnsafeMutableBufferPointer<Slot>
  /// Bytes of an entry; the signature is the last one.
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

  /// - Parameters:
  ///   - terms: how many there are.
  ///   - agreement: those of them that must agree.
  init(terms: Int, agreement: Set<Int>, _ memory: TableMemory) {
    slots = .allocate(capacity: terms)
    var offset = 0
    for term in 0..<terms {
      let isWide = agreement.contains(term)
      slots.initializeElement(at: term, to: Slot(offset: offset, mask: isWide ? .max : 0xFFFF))
      offset += isWide ? 4 : 2
    }
    size = offset + 2
    recordsInChunk = max(ChunkMemory.chunkSize / size, 1)
    self.memory = ChunkMemory(memory)
  }

  deinit { slots.deallocate() }

  /// Keeps a record. - Returns: its place.
  @inline(__always)
  mutating func append(row: Int, signature: UInt8, _ print: (Int) -> UInt32) -> Int {
    let place = count
    if room == 0 { makeRoom() }
    // Each print is written whole, over what the next one takes.
    for term in slots.indices { end.storeBytes(of: print(term), toByteOffset: slots[term].offset, as: UInt32.self) }
    end.storeBytes(of: UInt16(signature), toByteOffset: size &- 2, as: UInt16.self)
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

  func signature(_ place: Int) -> UInt8 { start(place).load(fromByteOffset: size - 2, as: UInt8.self) }

  /// What the rules compare, of a record.
  func profile(_ place: Int) -> Profile {
    slots.indices.map { term in
      text(start(place).loadUnaligned(fromByteOffset: slots[term].offset, as: UInt32.self), term)
    }
  }

  /// What the rules compare, of the record that was read last.
  func profile(_ hashes: borrowing TermHashes) -> Profile {
    var profile: Profile = []
    for term in slots.indices { profile.append(text(hashes.print(term), term)) }
    return profile
  }

  private func text(_ print: UInt32, _ term: Int) -> String? {
    let kept = print & slots[term].mask
    return kept == 0 ? nil : "\(kept)"
  }
}
