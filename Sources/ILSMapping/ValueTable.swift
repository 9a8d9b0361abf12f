import ILSRecord

/// Values looked up by their text.
///
/// Open addressing over bytes, so that a look-up makes no String. It lives as long as the mapping that names it.
public final class ValueTable: Sendable {
  /// What a table does with a text that it doesn't hold.
  enum Miss: Sendable {
    case refuse(code: String, message: String)
    case use(String)
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

extension ValueTable {
  /// What legacy systems write for the four genders of the record model. No numbers: what 1 and 2 mean differs.
  static let genders = ValueTable(
    [
      ("male", ["m", "male", "man", "boy", "masculine"]),
      ("female", ["f", "female", "woman", "girl", "w", "feminine"]),
      ("other", ["o", "other", "x", "nonbinary", "non-binary", "non binary", "nb", "diverse", "intersex"]),
      (
        "unknown",
        ["u", "unknown", "unk", "not known", "not specified", "unspecified", "undisclosed", "not disclosed", "n/a"]
      ),
    ].flatMap { value, keys in keys.map { ($0, "\"\(value)\"") } },
    foldsCase: true,
    miss: .refuse(code: "gender.unreadable", message: "not a gender that is known: map it with \"values\", or mend it"))

  static let booleans = ValueTable(
    [
      ("true", ["yes", "y", "true", "t", "1", "on", "x", "checked"]),
      ("false", ["no", "n", "false", "f", "0", "off", "unchecked"]),
    ].flatMap { value, keys in keys.map { ($0, value) } },
    foldsCase: true, passesBooleans: true,
    miss: .refuse(code: "boolean.unreadable", message: "neither yes nor no: map it with \"values\", or mend it"))
}
