import ILSDates
import ILSRecord

/// Records on their way into the database, as COPY BINARY wants them (PostgreSQL, COPY, Binary Format).
///
/// A record goes one of two ways: staged, to be looked up among the rows that are there, or straight, into the table.
struct Batch: ~Copyable {
  private(set) var count = 0
  /// Records that go straight into the table.
  private(set) var straightCount = 0
  private var straight = OutputBuffer(capacity: 1 << 17)
  /// Staged rows, one behind the other, and where each record's starts; one that goes straight has none.
  private var staged = OutputBuffer(capacity: 1 << 16)
  private var stagedStarts: [Int] = [0]
  /// The records as they came, for rejects and for a second try.
  private var records = OutputBuffer(capacity: 1 << 20)
  private var recordStarts: [Int] = [0]
  /// Where each record stands in its file, and its number in the input, from 1.
  private(set) var positions: [Position] = []
  private(set) var numbers: [Int] = []
  /// By which keys each is looked up; 0 for none.
  private var probes: [Int32] = []

  /// The input that is being read. A batch may have records of several: from which on each has them.
  var input: String?
  private var inputs: [(first: Int, name: String?)] = []

  /// Where a record stands, by the input that it came from if it does not name its file.
  func source(of index: Int) -> Position {
    var position = positions[index]
    position.file = position.file ?? inputs.last { $0.first <= index }?.name
    return position
  }

  /// Records that are refused before the database sees them, by their number in the batch.
  private(set) var refusals: [Int: RecordError] = [:]

  static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
  static let trailer: [UInt8] = [0xFF, 0xFF]

  /// The size of the records as they came.
  var byteCount: Int { records.count }

  /// Staged fields of which a value names no offset from UTC, and its column keeps one.
  private(set) var takenAsUTC: Set<Int> = []

  mutating func removeAll() {
    takenAsUTC.removeAll()
    count = 0
    straightCount = 0
    straight.removeAll()
    staged.removeAll()
    records.removeAll()
    stagedStarts.removeAll(keepingCapacity: true)
    stagedStarts.append(0)
    recordStarts.removeAll(keepingCapacity: true)
    recordStarts.append(0)
    positions.removeAll(keepingCapacity: true)
    numbers.removeAll(keepingCapacity: true)
    probes.removeAll(keepingCapacity: true)
    inputs.removeAll(keepingCapacity: true)
    refusals.removeAll()
  }

  /// Adds a record that is refused: it has its place, and no row.
  mutating func refuse(_ record: Record, _ number: Int, _ error: RecordError) {
    refusals[count] = error
    keep(record, record.position, number, 0)
  }

  /// The fields of a staged record.
  struct Layout {
    let names: [String]
    /// Text for a field that is absent, by its place.
    let stand: (index: Int, text: String)?
    /// What the column of each would change in silence, and the column's type.
    let checks: [(check: ValueCheck, type: String)?]
    /// The text that stands for no value, by place (`clearWith`).
    let clears: [String?]

    /// The field number of each in records of a shape; -1 where it lacks one.
    func places(in shape: Shape) -> [Int] { names.map { shape.index(of: $0) ?? -1 } }
  }

  /// Adds a record to those that are looked up.
  /// - Throws: `text.nul`, `json.surrogate`: text that no PostgreSQL database can hold; `value.type`, `value.not_iso`,
  ///   `value.inexact`: what its column would change.
  /// - Parameter probes: by which identity keys it is looked up.
  mutating func stage(
    _ record: Record, _ number: Int, _ fields: [Int], _ layout: Layout, probes: Int
  ) throws(RecordError) {
    let position = record.position
    let start = staged.count
    staged.append(copyInteger: UInt16(fields.count + 6))
    staged.append(copyInteger: UInt32(4))
    staged.append(copyInteger: UInt32(count))
    staged.append(copyNumber: number)
    staged.append(copyNumber: position.row ?? record.line)
    staged.append(copyText: position.file)
    staged.append(copyText: position.sheet)
    staged.append(copyInteger: UInt32(4))
    let probes = Int32(truncatingIfNeeded: probes)
    staged.append(copyInteger: probes)
    for (place, index) in fields.enumerated() {
      if index >= 0, !record[index].isBlank {
        do throws(RecordError) {
          let value = staged.count + 4
          try staged.append(copyValue: record[index])
          if let column = layout.checks[place] {
            let text = UnsafeRawBufferPointer(rebasing: staged.bytes[value...])
            if let fault = column.check.fault(in: text) { throw fault.error(column.type) }
            if column.check.assumesUTC(text) { takenAsUTC.insert(place) }
          }
        } catch {
          staged.truncate(to: start)
          throw error.of(layout.names[place])
        }
      } else {
        staged.append(copyText: place == layout.stand?.index ? layout.stand?.text : nil)
      }
    }
    keep(record, position, number, probes)
  }

  /// Adds a record to those that go straight into the table; false where it must be staged after all, since it needs a
  /// default, or the database must read a value.
  mutating func append(
    straight record: Record, _ number: Int, _ fields: [Int], _ layout: Layout, _ copy: StraightCopy
  ) throws(RecordError) -> Bool {
    let start = straight.count
    straight.append(copyInteger: UInt16(copy.columns.count + 1))
    for (place, column) in copy.columns.enumerated() {
      let index = fields[place]
      guard index >= 0, !record[index].isBlank, !record[index].isEqual(to: layout.clears[place]) else {
        let text = place == layout.stand?.index ? layout.stand?.text : nil
        if (text == nil && copy.needsValue[place]) || (text != nil && column == .date) { return drop(start) }
        straight.append(copyText: text)
        continue
      }
      switch column {
      case .text:
        do throws(RecordError) {
          let value = straight.count + 4
          try straight.append(copyValue: record[index])
          if let column = layout.checks[place],
            let fault = column.check.fault(in: UnsafeRawBufferPointer(rebasing: straight.bytes[value...]))
          {
            throw fault.error(column.type)
          }
        } catch {
          straight.truncate(to: start)
          throw error.of(layout.names[place])
        }
      case .date:
        guard let date = CivilDate(iso: record[index].text) else { return drop(start) }
        straight.append(copyInteger: UInt32(4))
        straight.append(copyInteger: Int32(date.daysSinceEpoch - 10_957))
      }
    }
    straight.append(copyInteger: UInt32(16))
    straight.append(copy.job)
    straightCount += 1
    keep(record, record.position, number, 0)
    return true
  }

  private mutating func drop(_ start: Int) -> Bool {
    straight.truncate(to: start)
    return false
  }

  private mutating func keep(_ record: Record, _ position: Position, _ number: Int, _ probes: Int32) {
    records.append(record.bytes)
    if inputs.isEmpty || inputs[inputs.count - 1].name != input { inputs.append((count, input)) }
    self.probes.append(probes)
    positions.append(position)
    numbers.append(number)
    count += 1
    stagedStarts.append(staged.count)
    recordStarts.append(records.count)
  }

  /// Rows for the table that are not sent yet, in COPY's form, without header and trailer.
  var straightRows: UnsafeRawBufferPointer { straight.bytes }

  mutating func removeStraightRows() { straight.removeAll() }

  /// The staged rows of some records.
  func stagedRows(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: staged.bytes[stagedStarts[range.lowerBound]..<stagedStarts[range.upperBound]])
  }

  /// A record as it came.
  func record(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: records.bytes[recordStarts[index]..<recordStarts[index + 1]])
  }

  /// The same, to be scanned.
  func padded(_ index: Int) -> PaddedBytes { records.padded[recordStarts[index]..<recordStarts[index + 1]] }

  /// Makes staged rows of all records, after the straight way has failed.
  /// - Parameter lookingUp: each is looked up by all its keys; else as it would have been.
  mutating func restage(_ layout: Layout, lookingUp: Bool) {
    var again = Batch()
    var scanner = RecordScanner()
    for index in 0..<count {
      // Each was a record, and every value of it was encoded once.
      guard
        let record = try? scanner.scan(padded(index), number: positions[index].row ?? index + 1)
      else {
        continue
      }
      do throws(RecordError) {
        if let error = refusals[index] { throw error }
        try again.stage(
          record, numbers[index], layout.places(in: record.shape), layout,
          probes: lookingUp ? NewcomerFilter.all : Int(probes[index]))
      } catch {
        again.refuse(record, numbers[index], error)
      }
    }
    again.positions = positions
    (again.input, again.inputs) = (input, inputs)
    self = again
  }

  /// Writes the row of ils.parked for a record, to be sent like straight ones.
  mutating func appendParked(_ index: Int, _ job: Job, field: String) {
    straight.append(copyInteger: UInt16(7))
    straight.append(copyInteger: UInt32(16))
    straight.append(job.id.bytes)
    straight.append(copyText: job.part)
    straight.append(copyNumber: numbers[index])
    straight.append(copyNumber: positions[index].row ?? numbers[index])
    straight.append(copyText: source(of: index).file)
    straight.append(copyText: field)
    let bytes = record(index)
    straight.append(copyInteger: UInt32(bytes.count))
    straight.append(bytes)
  }
}

extension FieldValue {
  /// Whether it is this text, of a field that has one which is looked for.
  func isEqual(to text: String?) -> Bool { text.map { (try? string()) == $0 } ?? false }
}

extension RecordError {
  /// The error with the name of the field that it is about.
  fileprivate func of(_ field: String) -> RecordError {
    var error = self
    error.field = field
    return error
  }
}

extension OutputBuffer {
  fileprivate mutating func append<Number: FixedWidthInteger>(copyInteger number: Number) {
    withUnsafeBytes(of: number.bigEndian) { append($0) }
  }

  fileprivate mutating func append(copyNumber number: Int) {
    append(copyInteger: UInt32(8))
    append(copyInteger: Int64(number))
  }

  /// A field's length and bytes; null for nil.
  fileprivate mutating func append(copyText text: String?) {
    guard let text else { return append(copyInteger: UInt32.max) }
    append(copyInteger: UInt32(text.utf8.count))
    append(text)
  }

  fileprivate mutating func append(copyValue value: FieldValue) throws(RecordError) {
    guard value.hasEscapes else {
      append(copyInteger: UInt32(value.text.count))
      append(value.text)
      return
    }
    let start = count
    append(copyInteger: UInt32(0))
    try value.decode(into: &self)
    let text = bytes[(start + 4)...]
    if text.contains(0) {
      throw RecordError(RefusalFault.textNul, message: "holds the character U+0000, which no database text can hold")
    }
    overwrite(bigEndian: UInt32(text.count), at: start)
  }
}
