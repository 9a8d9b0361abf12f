import ILSRecord

/// Records on their way into the database, as COPY BINARY wants them (PostgreSQL, COPY, Binary Format).
struct Batch: ~Copyable {
  /// The input number of the first record, from 0.
  private(set) var first = 0
  private(set) var count = 0
  /// Rows in COPY's form, one behind the other, and where each starts.
  private var rows = OutputBuffer(capacity: 1 << 20)
  private var rowStarts: [Int] = [0]
  /// The records as they came, for rejects.
  private var records = OutputBuffer(capacity: 1 << 20)
  private var recordStarts: [Int] = [0]
  private(set) var positions: [Position] = []

  static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
  static let trailer: [UInt8] = [0xFF, 0xFF]

  mutating func removeAll(first: Int) {
    self.first = first
    count = 0
    rows.removeAll()
    records.removeAll()
    rowStarts.removeAll(keepingCapacity: true)
    rowStarts.append(0)
    recordStarts.removeAll(keepingCapacity: true)
    recordStarts.append(0)
    positions.removeAll(keepingCapacity: true)
  }

  /// Adds a record. `fields` are its values in the staging table's order, -1 where it lacks one.
  /// - Parameter stands: text for a field that is absent, by its place in `fields`.
  /// - Throws: `text.nul`, `json.surrogate`: text that no PostgreSQL database can hold.
  mutating func append(
    _ record: Record, fields: [Int], names: [String], stand: (index: Int, text: String)?
  ) throws(RecordError) {
    let position = record.position
    appendInteger(UInt16(fields.count + 3))
    appendInteger(UInt32(4))
    appendInteger(UInt32(count))
    appendInteger(UInt32(8))
    appendInteger(UInt64(position.row ?? record.line))
    appendText(position.file)
    for (place, index) in fields.enumerated() {
      if index >= 0, !record[index].isAbsent {
        do throws(RecordError) {
          try appendValue(record[index])
        } catch {
          rows.truncate(to: rowStarts[count])
          var error = error
          error.field = names[place]
          throw error
        }
      } else {
        appendText(place == stand?.index ? stand?.text : nil)
      }
    }
    records.append(record.bytes)
    positions.append(position)
    count += 1
    rowStarts.append(rows.count)
    recordStarts.append(records.count)
  }

  private mutating func appendInteger<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.bigEndian) { rows.append($0) }
  }

  private mutating func appendText(_ text: String?) {
    guard let text else { return appendInteger(UInt32.max) }
    appendInteger(UInt32(text.utf8.count))
    rows.append(text)
  }

  private mutating func appendValue(_ value: FieldValue) throws(RecordError) {
    guard value.hasEscapes else {
      appendInteger(UInt32(value.text.count))
      rows.append(value.text)
      return
    }
    let start = rows.count
    appendInteger(UInt32(0))
    try value.decode(into: &rows)
    let text = rows.bytes[(start + 4)...]
    if text.contains(0) {
      throw RecordError(code: "text.nul", message: "holds the character U+0000, which no database text can hold")
    }
    rows.overwrite(bigEndian: UInt32(text.count), at: start)
  }

  /// The rows of some records in COPY's form, without header and trailer.
  func rows(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: rows.bytes[rowStarts[range.lowerBound]..<rowStarts[range.upperBound]])
  }

  /// A record as it came.
  func record(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: records.bytes[recordStarts[index]..<recordStarts[index + 1]])
  }
}
