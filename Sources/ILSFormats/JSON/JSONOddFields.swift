import ILSRecord

/// What is odd about the fields of JSON records beside each other: names that differ in no letter but its case, and
/// numbers by which things are known that are written as fractions.
struct JSONOddFields {
  /// What is known of one shape of records.
  private struct Known {
    /// The shape's number.
    var shape = -1
    /// Fields by whose values people and things are known, and their places among `keys`.
    var keys: [(field: Int, key: Int)] = []
    /// The names that are spelled otherwise than in records before.
    var respelled: [String] = []
  }

  /// Values that came so, and the first.
  private struct Met {
    var count = 0
    var row = 0
    var field = ""

    mutating func add(_ row: Int, _ field: String) {
      if count == 0 { (self.row, self.field) = (row, field) }
      count += 1
    }
  }

  /// What the values of one key were.
  private struct Key {
    var name: String
    var hasNumbers = false
    var padded = Met()
  }

  /// What is known of the shapes that were met, each at the place that its number has in its scanner's tree.
  private var shapes: [Known] = []
  /// Names as they were met first, by their letters and digits.
  private var spellings: [String: String] = [:]
  /// How often each other spelling came.
  private var respelled: [String: Met] = [:]
  private var fractions = Met()
  private var keys: [Key] = []
  private var keyNumbers: [String: Int] = [:]

  private static var shapeLimit: Int { 1 << 12 }

  /// Takes note of a record, the value number `row`.
  mutating func note(_ record: Record, _ row: Int) {
    let place = record.shape.id & 0xFFFF_FFFF
    if place >= shapes.count || shapes[place].shape != record.shape.id {
      guard place < Self.shapeLimit else { return }
      meet(record.shape, place)
    }
    for at in shapes[place].keys.indices {
      let key = shapes[place].keys[at]
      note(record[key.field], key.key, row)
    }
    if !shapes[place].respelled.isEmpty { noteRespelled(shapes[place].respelled, row) }
  }

  @inline(never)
  private mutating func noteRespelled(_ names: [String], _ row: Int) {
    for name in names { respelled[name, default: Met()].add(row, name) }
  }

  @inline(__always)
  private mutating func note(_ value: FieldValue, _ key: Int, _ row: Int) {
    if value.kind == .number {
      if JSONOddFields.isFraction(value.raw) { fractions.add(row, keys[key].name) }
      if !keys[key].hasNumbers { keys[key].hasNumbers = true }
    } else if value.kind == .string, value.raw[1] == UInt8(ascii: "0"), JSONOddFields.isPadded(value.raw) {
      keys[key].padded.add(row, keys[key].name)
    }
  }

  /// `1.0`, `1e3`: a number that is whole, and not written so.
  private static func isFraction(_ text: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while at < text.count, text[at] &- 0x30 <= 9 || text[at] == UInt8(ascii: "-") { at += 1 }
    return at < text.count && isWhole(text, at)
  }

  /// Whether a number with a point or exponent at `sign` has an exponent, or nothing but zeros behind the point.
  @inline(never)
  private static func isWhole(_ text: UnsafeRawBufferPointer, _ sign: Int) -> Bool {
    let rest = text[(sign + 1)...]
    return text[sign] != UInt8(ascii: ".") || rest.allSatisfy { $0 == UInt8(ascii: "0") }
      || rest.contains { $0 | 0x20 == UInt8(ascii: "e") }
  }

  /// `"007"`
  private static func isPadded(_ text: UnsafeRawBufferPointer) -> Bool {
    text.count > 3 && text[1] == UInt8(ascii: "0") && text[1..<(text.count - 1)].allSatisfy { $0 &- 0x30 <= 9 }
  }

  // MARK: - Names

  @inline(never)
  private mutating func meet(_ shape: Shape, _ place: Int) {
    while shapes.count <= place { shapes.append(Known()) }
    var folds: [String: Int] = [:]
    for name in shape.names { folds[JSONOddFields.folded(name), default: 0] += 1 }
    var known = Known(shape: shape.id)
    for (index, name) in shape.names.enumerated() where !name.hasPrefix("_") {
      if ColumnMeaning.isKey(name) { known.keys.append((index, key(name))) }
      let fold = JSONOddFields.folded(name)
      // Where one record has both, they are two fields.
      if folds[fold] != 1 { continue }
      let first = spellings[fold] ?? name
      spellings[fold] = first
      if first != name { known.respelled.append(name) }
    }
    shapes[place] = known
  }

  /// The place of the key called `name`.
  private mutating func key(_ name: String) -> Int {
    if let known = keyNumbers[name] { return known }
    keyNumbers[name] = keys.count
    keys.append(Key(name: name))
    return keys.count - 1
  }

  /// The letters and digits of a name, in lower case.
  private static func folded(_ name: String) -> String {
    let letters = name.lowercased().filter { $0.isLetter || $0.isNumber }
    return letters.isEmpty ? name : letters
  }

  // MARK: - What is said

  func tell(_ file: String?, _ emit: inout Emitter) {
    for (name, met) in respelled.sorted(by: { $0.value.row < $1.value.row }).prefix(20) {
      let first = spellings[JSONOddFields.folded(name)] ?? ""
      let records = met.count == 1 ? "1 record has" : "\(met.count) records have"
      warn(
        .jsonRespelled,
        "\(records) this name where those before have \"\(first)\": two fields, of which a mapping that names one finds only some values; name both in \"sourceFields\"",
        met, file, &emit)
    }
    if fractions.count > 0 {
      warn(
        .jsonKeyNumber,
        "\(fractions.count == 1 ? "a number" : "\(fractions.count) numbers") by which things are known \(fractions.count == 1 ? "is" : "are") written as 1.0 or 1e3 are, and kept so: they are not found as 1 and 1000; let to_integer in the mapping make whole numbers of them",
        fractions, file, &emit)
    }
    for met in keys.filter({ $0.hasNumbers && $0.padded.count > 0 }).map(\.padded).prefix(20) {
      warn(
        .jsonKeyNumber,
        "\(met.count) texts with zeros in front (\"007\") stand beside numbers (7), which have lost theirs if they had any; the transform pad puts them back",
        met, file, &emit)
    }
  }

  private func warn(_ fault: TextFault, _ message: String, _ met: Met, _ file: String?, _ emit: inout Emitter) {
    emit.tell(Diagnostic(.warning, fault, message, field: met.field, at: Position(file: file, row: met.row)))
  }
}
