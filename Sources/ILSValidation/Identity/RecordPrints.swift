import ILSIdentity

/// Enough of each record that was noted to say of a later one in which fields the two agree: 16 bits of each term's hash.
///
/// Records are told by their place in the order in which they were noted; the rows that they stood in follow from that.
struct RecordPrints: ~Copyable {
  private let terms: Int
  private let memory: TableMemory
  private var slabs: [UnsafeMutableRawPointer] = []
  private var count = 0
  /// Where the rows stop being numbered one behind the other: a place, and its row.
  private var runs: [(place: Int, row: Int)] = []
  private var nextRow = 0

  private static var recordsInSlab: Int { 1 << 15 }
  private var slabSize: Int { Self.recordsInSlab * terms * 2 }

  init(terms: Int, _ memory: TableMemory) {
    self.terms = terms
    self.memory = memory
  }

  deinit { for slab in slabs { memory.release(slab, slabSize) } }

  /// Keeps a record. - Returns: its place.
  @inline(__always)
  mutating func append(row: Int, _ print: (Int) -> UInt16) -> Int {
    let place = count
    if place & (Self.recordsInSlab - 1) == 0 { slabs.append(memory.allocate(slabSize)) }
    let start = start(place)
    for term in 0..<terms { start.storeBytes(of: print(term), toByteOffset: term * 2, as: UInt16.self) }
    if row != nextRow || place == 0 { runs.append((place, row)) }
    nextRow = row + 1
    count += 1
    return place
  }

  @inline(__always)
  private func start(_ place: Int) -> UnsafeMutableRawPointer {
    slabs[place / Self.recordsInSlab] + place % Self.recordsInSlab * terms * 2
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

  /// What the rules compare, of a record.
  func profile(_ place: Int) -> Profile {
    (0..<terms).map { Self.text(start(place).load(fromByteOffset: $0 * 2, as: UInt16.self)) }
  }

  static func text(_ print: UInt16) -> String? { print == 0 ? nil : "\(print)" }
}
