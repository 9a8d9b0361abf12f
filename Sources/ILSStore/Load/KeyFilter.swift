import ILSDates
import ILSRecord

/// Remembers identity keys well enough to say of most new ones that they are new (a Bloom filter).
///
/// A key that was added is always known again. One that was not is taken for known with a chance of about 1e-6 at four
/// million keys, 1 % at forty million. Each key sets eight bits of one cache line.
struct KeyFilter: ~Copyable {
  private let lines: UnsafeMutablePointer<UInt64>
  private let seed: UInt64

  /// 24 MiB.
  private static var lineCount: Int { 393_216 }
  private static var wordsInLine: Int { 8 }

  /// - Parameter seed: nil for a random one.
  init(seed: UInt64? = nil) {
    let words = Self.lineCount * Self.wordsInLine
    lines = UnsafeMutableRawPointer.allocate(inHugePages: words * 8)
      .initializeMemory(as: UInt64.self, repeating: 0, count: words)
    var random = SystemRandomNumberGenerator()
    self.seed = seed ?? random.next()
  }

  deinit { lines.deallocate() }

  func hash(_ key: UnsafeRawBufferPointer) -> UInt64 { keyHash(key, seed: seed) }

  /// Adds the key with this hash; whether it was, or may have been, there before.
  mutating func insert(_ hash: UInt64) -> Bool {
    let line = lines + Int(hash.multipliedFullWidth(by: UInt64(Self.lineCount)).high) * Self.wordsInLine
    // One bit in each word: six bits of the hash choose it.
    var choice = hash &* 0x9E37_79B9_7F4A_7C15
    var isKnown = true
    for word in 0..<Self.wordsInLine {
      let bit = UInt64(1) << (choice >> 58)
      isKnown = isKnown && line[word] & bit != 0
      line[word] |= bit
      choice = choice &* 0xD134_2543_DE82_EF95 &+ 1
    }
    return isKnown
  }
}

/// Tells records whose rows cannot be in the table yet, so that they need no looking up.
///
/// Knows every key of the table from when it was filled, and of every record that went by. A date that this side cannot
/// write as the database would is taken for any date.
struct NewcomerFilter: ~Copyable {
  private var filter: KeyFilter
  /// Whether it knows the table's keys: else, no record is called new.
  private(set) var isFilled = false
  /// Where other loaders are told the keys; nil where there are none.
  private let claims: KeyClaims?
  private var key = OutputBuffer()
  private var text = OutputBuffer()
  /// Whether a record had such a date in a key: then others are looked up by the key's other parts too.
  private var hasWild: [Bool]
  /// For each identity key, the places of its fields among the staged ones, and how they are compared.
  private let keys: [[(place: Int, folds: Bool, isDate: Bool)]]

  init(_ table: TargetTable, claims: KeyClaims? = nil) {
    self.claims = claims
    filter = KeyFilter(seed: claims?.seed)
    let fields = table.schema.fields
    keys = table.schema.identity.map { key in
      key.map { field in
        (fields.firstIndex(of: field) ?? 0, field.foldsCase, table.type(field.column) == "date")
      }
    }
    hasWild = keys.map { _ in false }
  }

  /// Learns the keys of every row that the table holds.
  mutating func fill(_ table: TargetTable, _ connection: Connection) throws(DatabaseError) {
    let columns = Set(table.schema.identity.joined().map(\.column)).sorted()
    guard !columns.isEmpty else { return isFilled = true }
    let places = table.schema.identity.map { key in key.map { columns.firstIndex(of: $0.column) ?? 0 } }
    let list = columns.map { "\($0.quotedIdentifier)::text" }.joined(separator: ", ")
    let sql = "COPY (SELECT \(list) FROM \(table.schema.table.quotedIdentifier)) TO STDOUT (FORMAT binary)"
    try connection.copyOut(sql, columns: columns.count) { values in
      for (number, key) in keys.enumerated() {
        insert(number, key.indices.map { values[places[number][$0]] })
      }
    }
    isFilled = true
  }

  /// Adds a key of one row, unless a part of it is null.
  private mutating func insert(_ number: Int, _ values: [UnsafeRawBufferPointer?]) {
    start(number)
    for (part, value) in zip(keys[number], values) {
      guard let value else { return }
      append(value, part.folds)
    }
    _ = filter.insert(filter.hash(key.bytes))
  }

  /// Learns what other loaders have taken.
  mutating func adopt(_ hashes: [UInt64]) {
    for hash in hashes {
      if hash < keys.count { hasWild[Int(hash)] = true } else { _ = filter.insert(hash) }
    }
  }

  /// Adds the key of a record; whether it may have been there before.
  private mutating func insert() -> Bool {
    let hash = filter.hash(key.bytes)
    claims?.add(hash)
    return filter.insert(hash)
  }

  private mutating func start(_ number: Int) {
    key.removeAll()
    key.append(UInt8(truncatingIfNeeded: number))
  }

  /// Adds one part to the key.
  private mutating func append(_ value: UnsafeRawBufferPointer, _ folds: Bool) {
    if folds { key.append(folding: value) } else { key.append(value) }
    key.append(0xFF)
  }

  /// Adds the keys of a record. - Returns: whether no row and no earlier record can have one of them.
  mutating func admit(_ record: Record, _ fields: [Int], stand: (index: Int, text: String)?) -> Bool {
    var isNew = isFilled
    for number in keys.indices {
      start(number)
      switch append(record, number, fields, stand) {
      case .absent: continue
      case .told:
        if insert() { isNew = false }
        if hasWild[number], isKnownButForDates(record, number, fields, stand) { isNew = false }
      case .wild:
        isNew = false
        if !hasWild[number] { claims?.add(UInt64(number)) }
        hasWild[number] = true
        _ = isKnownButForDates(record, number, fields, stand)
      }
    }
    return isNew
  }

  private enum Key { case told, wild, absent }

  /// Adds the key without its dates, by which records with dates that cannot be told are found.
  private mutating func isKnownButForDates(
    _ record: Record, _ number: Int, _ fields: [Int], _ stand: (index: Int, text: String)?
  ) -> Bool {
    start(number | 0x80)
    _ = append(record, number, fields, stand, withoutDates: true)
    return insert()
  }

  /// Writes a record's key; what it writes is no key where a part is absent or cannot be told.
  private mutating func append(
    _ record: Record, _ number: Int, _ fields: [Int], _ stand: (index: Int, text: String)?, withoutDates: Bool = false
  ) -> Key {
    var kind = Key.told
    for part in keys[number] {
      let index = fields[part.place]
      if index < 0 || record[index].isAbsent {
        guard let stand, stand.index == part.place else { return .absent }
        stand.text.utf8.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0), part.folds) }
        continue
      }
      let value = record[index]
      if part.isDate {
        if withoutDates { continue }
        if value.hasEscapes || CivilDate(iso: value.text) == nil { kind = .wild } else { append(value.text, false) }
      } else if value.hasEscapes {
        text.removeAll()
        // Half a character: no row will have it.
        do throws(RecordError) { try value.decode(into: &text) } catch { return .absent }
        _ = text.reserve(16)
        append(text.bytes, part.folds)
      } else {
        append(value.text, part.folds)
      }
    }
    return kind
  }
}

extension OutputBuffer {
  /// Writes `text` so that any two texts which the database's lower() makes equal, in whatever locale, come out the same.
  ///
  /// Letters whose lower case depends on the locale, or lies in another block, are left out: so is i (Turkish) and k (the
  /// Kelvin sign), and what is neither ASCII, Cyrillic nor of a script without case. Other texts may come out the same too.
  fileprivate mutating func append(folding text: UnsafeRawBufferPointer) {
    var at = 0
    while at < text.count {
      let byte = text[at]
      at += 1
      if byte < 0x80 {
        let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
        if lower != UInt8(ascii: "i"), lower != UInt8(ascii: "k") { append(lower) }
        continue
      }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
      var point = UInt32(byte) & (0x7F >> UInt32(length))
      for _ in 1..<length where at < text.count {
        point = point << 6 | UInt32(text[at] & 0x3F)
        at += 1
      }
      switch point {
      case 0x400...0x40F: point += 0x50
      case 0x410...0x42F: point += 0x20
      case 0x430...0x45F, 0x590..<0x10A0, 0x2E80..<0xA640, 0xAC00..<0xD800: break
      default: continue
      }
      append(UInt8(0x80 | point >> 12))
      append(UInt8(0x80 | (point >> 6) & 0x3F))
      append(UInt8(0x80 | point & 0x3F))
    }
  }
}
