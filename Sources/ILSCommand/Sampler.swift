import ILSRecord

/// What stands between the records of a run and its output.
public protocol RecordGate: AnyObject {
  /// No further record could change what comes out.
  var isSatisfied: Bool { get }
  /// Leaves of the whole records in `buffer` what may be written now.
  func filter(_ buffer: inout OutputBuffer)
  /// Appends to the output what was held back; called once, behind the last record.
  func finish(_ emitter: inout Emitter)
}

/// Lets a few of many records through: the first ones, or any, each with the same chance.
public final class Sampler: RecordGate {
  private let size: Int
  private var taken = 0
  private var seen = 0
  /// For a random sample: the records that are in it so far, with their numbers.
  private var reservoir: [(number: Int, record: [UInt8])] = []
  private var random: SplitMix?

  /// - Parameter seed: nil for the first records; a number for random ones, the same for the same seed.
  public init(size: Int, seed: UInt64?) {
    self.size = size
    random = seed.map { SplitMix(state: $0) }
  }

  /// No further record can come into the sample.
  public var isSatisfied: Bool { random == nil && taken >= size }

  /// Leaves of the whole records in `buffer` those that are in the sample for sure.
  public func filter(_ buffer: inout OutputBuffer) {
    if random != nil { return gather(&buffer) }
    var end = 0
    while taken < size, let feed = buffer.bytes.lineFeed(from: end) {
      end = feed + 1
      taken += 1
    }
    buffer.truncate(to: end)
  }

  /// Reservoir sampling (Vitter's algorithm R): record number n takes the place of another with chance size / n.
  private func gather(_ buffer: inout OutputBuffer) {
    var start = 0
    while let feed = buffer.bytes.lineFeed(from: start) {
      let line = buffer.bytes[start...feed]
      seen += 1
      if reservoir.count < size {
        reservoir.append((seen, Array(line)))
      } else if let place = random?.next(below: seen), place < size {
        reservoir[place] = (seen, Array(line))
      }
      start = feed + 1
    }
    buffer.removeAll()
  }

  public func finish(_ emitter: inout Emitter) { finish(&emitter.output) }

  /// Appends the random sample, in the input's order.
  func finish(_ buffer: inout OutputBuffer) {
    for entry in reservoir.sorted(by: { $0.number < $1.number }) { buffer.append(entry.record) }
    reservoir = []
  }
}

/// A small generator whose numbers are the same everywhere (SplitMix64).
private struct SplitMix {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ mixed >> 31).multipliedFullWidth(by: UInt64(bound)).high)
  }
}
