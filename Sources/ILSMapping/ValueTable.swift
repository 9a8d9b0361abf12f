import CScan
import ILSRecord

/// Values looked up by their text.
///
/// Open addressing over bytes, so that a look-up makes no String. It lives as long as the mapping that names it.
public final class ValueTable: Sendable {
  /// What a table does with a text that it doesn't hold.
  enum Miss: Sendable {
    case refuse(MappingFault, String)
    case pass

    static let unknown = Miss.refuse(.valuesUnknown, "not in the mapping's \"values\", and there is no \"otherwise\"")
  }

  /// Keys are in lower case, and texts are trimmed and lower-cased before they are looked up.
  let foldsCase: Bool
  /// A boolean is left as it is.
  let passesBooleans: Bool
  let miss: Miss
  private let slots: [Int32]
  private let keys: [[UInt8]]
  /// JSON texts.
  let values: [[UInt8]]
  /// Keys that are longer need not be looked for.
  let longestKey: Int

  /// - Parameter entries: texts, and the JSON texts that stand for them.
  init(_ entries: [(key: String, json: String)], foldsCase: Bool = false, passesBooleans: Bool = false, miss: Miss) {
    self.foldsCase = foldsCase
    self.passesBooleans = passesBooleans
    self.miss = miss
    keys = entries.map { Array($0.key.utf8) }
    values = entries.map { Array($0.json.utf8) }
    longestKey = keys.map(\.count).max() ?? 0
    var size = 8
    while size < entries.count * 2 { size *= 2 }
    var slots = [Int32](repeating: -1, count: size)
    for (index, key) in keys.enumerated() {
      var at = key.withUnsafeBytes { Int(truncatingIfNeeded: Self.hash($0)) } & (size - 1)
      while slots[at] >= 0 { at = (at + 1) & (size - 1) }
      slots[at] = Int32(index)
    }
    self.slots = slots
  }

  /// FNV-1a.
  private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash ^ hash >> 32
  }

  /// The number of `text` among the table's values; nil where it is not one of its keys.
  func index(of text: UnsafeRawBufferPointer) -> Int? {
    if text.count > longestKey { return nil }
    let mask = slots.count - 1
    var at = Int(truncatingIfNeeded: Self.hash(text)) & mask
    while slots[at] >= 0 {
      let index = Int(slots[at])
      let isEqual = keys[index].withUnsafeBytes { $0.count == text.count && $0.elementsEqual(text) }
      if isEqual { return index }
      at = (at + 1) & mask
    }
    return nil
  }
}

extension ValueTable: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    if passesBooleans, case .original = run.form, value.kind == .boolean { return }
    try run.load(value)
    let found: Int?
    if foldsCase {
      run.spare.removeAll()
      LetterCase.append(Trim.trimmed(run.text.bytes), upper: false, to: &run.spare)
      // What is white space alone is no answer, and no wrong one either.
      if run.spare.isEmpty { return run.turn() }
      found = index(of: run.spare.bytes)
    } else {
      found = index(of: run.text.bytes)
    }
    if let found {
      take(found, in: &run)
    } else if case .refuse(let fault, let message) = miss {
      throw RecordError(fault, message)
    }
  }

  /// Makes the value that of entry number `index`.
  func take(_ index: Int, in run: inout TransformRun) {
    run.text.removeAll()
    run.text.append(values[index])
    run.form = run.text.bytes.elementsEqual("null".utf8) ? .null : .json
  }

  /// Words of a fixed set mean something by themselves; a mapping's own table is looked up behind others.
  var readsMeaning: Bool { foldsCase }

  func join(_ quick: inout FastTransform) {
    guard case .refuse = miss, quick.isText, !quick.turnsEmptyToNull else { return quick.kind = .none }
    quick.kind = .table
    quick.table = self
    if foldsCase {
      quick.trims = true
      quick.caseFirst = UInt8(ascii: "A")
    }
  }
}

/// A mapping's table in front of a transform that reads what values mean: what it holds is settled.
struct SettledValues: Transform {
  let table: ValueTable

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    let before = run.form
    try run.load(value)
    if let found = table.index(of: run.text.bytes) ?? table.index(of: Trim.trimmed(run.text.bytes)) {
      table.take(found, in: &run)
      run.isSettled = true
    } else if case .original = before {
      run.form = .original
    }
  }
}

extension MapWriter {
  /// A text that the step's table holds.
  @inline(__always)
  mutating func putEntry(_ value: FieldValue, _ step: MapStep, _ table: ValueTable) -> Bool {
    guard value.kind == .string, !value.hasEscapes, value.raw.count <= 66,
      value.isASCII || !(step.trims || step.caseFirst != 0)
    else { return false }
    return withUnsafeTemporaryAllocation(byteCount: 80, alignment: 16) { key in
      let text = key.baseAddress!
      let trimmed = step.trims ? Trim.trimmed(value.text) : value.text
      guard let from = trimmed.baseAddress, !trimmed.isEmpty else { return false }
      let count = trimmed.count
      var at = 0
      if step.caseFirst == 0 {
        text.copyMemory(from: from, byteCount: count)
      } else {
        while at < count {
          ils_ascii_case16(text + at, from + at, step.caseFirst)
          at += 16
        }
      }
      guard let found = table.index(of: UnsafeRawBufferPointer(start: text, count: count)) else { return false }
      let entry = table.values[found]
      // Null and the empty string may need a default in their place.
      if entry.count <= 4, !step.takesAbsent { return false }
      // The room holds 32 bytes a value beside the record's own.
      guard entry.count <= 32 + value.raw.count else { return false }
      putName(step)
      entry.withUnsafeBytes { to.copyMemory(from: $0.baseAddress!, byteCount: entry.count) }
      to += entry.count
      return true
    }
  }
}
