import ILSRecord

/// A field of a dBase table, as its header describes it.
struct DBFField {
  /// As the table has it, up to a NUL.
  var name: [UInt8]
  /// A letter: `C`, `N`, `D` ...
  var type: UInt8
  /// Where it starts in a record.
  var offset: Int
  var length: Int
  var decimals: Int
  /// Its bit among the null flags of Visual FoxPro, where it may be null; and the one that says that it is not full.
  var nullBit: Int?
  var lengthBit: Int?

  var letter: String { String(decoding: [type], as: UTF8.self) }
}

/// The header of a dBase III, dBase IV or FoxPro table.
struct DBFHeader {
  let version: UInt8
  /// Records that there are, as the header says.
  let said: Int
  /// Where the records start.
  let start: Int
  let recordLength: Int
  let codePage: UInt8
  private(set) var fields: [DBFField] = []
  /// The null flags of Visual FoxPro, a field that nobody sees.
  private(set) var nullFlags: DBFField?
  /// Bytes of each record that belong to no field.
  private(set) var idle = 0

  var isVisual: Bool { (0x30...0x32).contains(version) }

  /// - Throws: `dbf.unsupported`, `dbf.corrupt`
  init(_ bytes: UnsafeRawBufferPointer) throws(StopError) {
    guard bytes.count >= 65, let said = bytes.u32(4), let start = bytes.u16(8), let length = bytes.u16(10) else {
      throw DBFHeader.fault(.dbfTruncated, "the table ends inside its header: it was cut off; get it again")
    }
    (version, self.said, self.start, recordLength, codePage) = (bytes[0], said, start, length, bytes[29])
    if DBFStart.dBase7.contains(version) {
      throw DBFHeader.fault(.dbfUnsupported, "a table of dBase 7 is not read: save it as dBase IV, or as CSV")
    }
    if bytes[15] != 0 {
      throw DBFHeader.fault(.dbfUnsupported, "the table is encrypted: save it without")
    }
    guard start <= bytes.count else {
      throw DBFHeader.fault(.dbfTruncated, "the table ends inside its header: it was cut off; get it again")
    }
    readFields(bytes)
    guard !fields.isEmpty, fitLengths() else {
      throw DBFHeader.fault(.dbfCorrupt, "the fields of the table do not fit into its records: it is damaged")
    }
  }

  private mutating func readFields(_ bytes: UnsafeRawBufferPointer) {
    var at = 32
    var bit = 0
    while at + 32 <= start, bytes[at] != 0x0D {
      let field = bytes[at..<at + 32]
      var found = DBFField(
        name: Array(field[at..<at + 11].prefix { $0 != 0 }), type: field[at + 11], offset: 0,
        length: Int(field[at + 16]), decimals: Int(field[at + 17]))
      let flags = isVisual ? field[at + 18] : 0
      at += 32
      if isVisual, found.type == UInt8(ascii: "V") || found.type == UInt8(ascii: "Q") {
        found.lengthBit = bit
        bit += 1
      }
      if flags & 2 != 0 {
        found.nullBit = bit
        bit += 1
      }
      fields.append(found)
    }
  }

  /// Places the fields one behind the other. - Returns: false where they are longer than a record.
  private mutating func fitLengths() -> Bool {
    // Clipper and FoxPro keep the high byte of a long text's length where others keep its decimals.
    let long = fields.map { $0.type == UInt8(ascii: "C") ? $0.length + $0.decimals << 8 : $0.length }
    if long.reduce(1, +) <= recordLength { for index in fields.indices { fields[index].length = long[index] } }
    var offset = 1
    for index in fields.indices {
      fields[index].offset = offset
      offset += fields[index].length
    }
    idle = recordLength - offset
    nullFlags = fields.first { $0.type == UInt8(ascii: "0") }
    fields.removeAll { $0.type == UInt8(ascii: "0") }
    return idle >= 0 && fields.allSatisfy { $0.length > 0 }
  }

  static func fault(_ fault: DBFFault, _ message: String) -> StopError { StopError(.dataError, fault, message) }
}
