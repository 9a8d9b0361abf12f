import ILSRecord

/// A dBase III, dBase IV or FoxPro table (.dbf) to records, over all bytes of the file, and of its memo file.
///
/// Records come in pieces, so that memory stays flat: `read` is called until it returns false.
public struct DBFDecoder: ~Copyable {
  private let bytes: UnsafeRawBufferPointer
  private let header: DBFHeader
  private let memo: DBFMemo?
  private let options: DBFOptions
  private let file: String?
  private let lead: [UInt8]
  /// The names of the fields, as records have them.
  public private(set) var names: [String] = []
  private var fields: [DBFField] { header.fields }
  /// `,"name":` of each field.
  private var prefixes: [[UInt8]] = []
  private var isBegun = false
  private var values: DBFValues
  private var next = 0
  private var deleted = 0
  private var firstDeleted = 0
  private var blank = 0
  private var letters = LostLetters()
  private var mender: MojibakeMender?
  private var sample = ColumnSample()

  /// Output is handed over once this much has gathered.
  private static var pieceSize: Int { 1 << 17 }

  /// - Parameters:
  ///   - bytes: the whole file, which must outlive the decoder; so must `memo`.
  ///   - memo: the whole memo file; nil where there is none.
  ///   - file: the input's name, for messages; nil for stdin.
  ///   - namesFile: each record names it, as `_file`.
  /// - Throws: `dbf.unsupported`, `dbf.truncated`, `dbf.corrupt`.
  public init(
    _ bytes: UnsafeRawBufferPointer, memo: UnsafeRawBufferPointer?, _ options: DBFOptions = DBFOptions(),
    file: String? = nil, namesFile: Bool = false
  ) throws(StopError) {
    do throws(StopError) {
      header = try DBFHeader(bytes)
    } catch {
      var error = error
      error.position.file = file
      throw error
    }
    self.bytes = bytes
    let version = header.version
    self.memo = memo.map { DBFMemo($0, version: version) }
    (self.options, self.file) = (options, file)
    mender = options.mendsMojibake ? MojibakeMender() : nil
    var lead = OutputBuffer()
    if namesFile, let file {
      lead.append(",\"_file\":" as StaticString)
      lead.appendJSONString(file)
    }
    self.lead = [UInt8](lead.bytes)
    values = DBFValues(self.memo)
  }

  /// How far into the file it has been read.
  public var position: Int { header.start + next * header.recordLength }

  /// The records that the file holds, of those that the header counts.
  private var count: Int { min(header.said, (bytes.count - header.start) / header.recordLength) }

  private func place(_ row: Int? = nil) -> Position { Position(file: file, row: row) }

  /// Emits the next records. - Returns: false once all are out.
  public mutating func read(emit: inout Emitter) throws(StopError) -> Bool {
    if !isBegun { try begin(&emit) }
    let before = emit.output.count
    let first = next
    // One at the least: where nobody takes the news away, it goes on all the same.
    while next < count, next == first || emit.output.count - before < Self.pieceSize && !emit.hasNews {
      // An end that comes early is told behind the last record.
      if bytes[position] == 0x1A { break }
      readRecord(&emit)
    }
    if emit.output.count > before {
      letters.count(in: UnsafeRawBufferPointer(rebasing: emit.output.bytes[before...]))
      mender?.mend(from: before, in: &emit.output)
    }
    if next < count, bytes[position] != 0x1A { return true }
    try end(&emit)
    return false
  }

  /// Works out names and encoding.
  private mutating func begin(_ emit: inout Emitter) throws(StopError) {
    isBegun = true
    let encoding = try DBFEncoding(bytes, header, memo, options, file: file, &emit)
    values.transcoder = encoding.transcoder
    nameFields(encoding, &emit)
    emit.noteHeader(names)
    emit.tell(
      Diagnostic(
        .info, DBFFault.dbfTable, "\(fields.count) fields, \(header.said) records, text in \(encoding.name)",
        at: place()))
    if header.idle > 0 {
      emit.tell(
        Diagnostic(
          .warning, DBFFault.dbfIdle, "\(header.idle) bytes of each record belong to no field, and were not read",
          at: place()))
    }
  }

  private mutating func nameFields(_ encoding: DBFEncoding, _ emit: inout Emitter) {
    var cells = fields.map { field in
      var name = OutputBuffer()
      field.name.withUnsafeBytes { DBFValues.append(DBFValue.trimmed($0), encoding.transcoder, to: &name) }
      return String(decoding: name.bytes, as: UTF8.self)
    }
    var notes: [String] = []
    if let given = options.columns {
      for (index, name) in given.enumerated() where index < cells.count { cells[index] = name }
      if given.count != cells.count { notes.append("\(given.count) names were given for \(cells.count) fields") }
    }
    let header = CSVHeader(options.mendsMojibake ? cells.map(MojibakeMender.mended) : cells)
    names = header.names
    for note in notes + header.notes {
      emit.tell(Diagnostic(.warning, DBFFault.dbfHeader, note, at: place()))
    }
    prefixes = names.map { name in
      var prefix = OutputBuffer()
      prefix.append("," as StaticString)
      prefix.appendJSONString(name)
      prefix.append(":" as StaticString)
      return [UInt8](prefix.bytes)
    }
  }

  private mutating func readRecord(_ emit: inout Emitter) {
    let record = UnsafeRawBufferPointer(rebasing: bytes[position..<position + header.recordLength])
    next += 1
    let isDeleted = record[0] == UInt8(ascii: "*")
    guard isDeleted || record[0] == UInt8(ascii: " ") else {
      let error = RecordError(
        DBFFault.dbfDamaged, message: "the record starts neither with a blank nor with an asterisk: it is damaged")
      return emit.reject(Rejection(error), at: place(next), input: .raw(record))
    }
    if isDeleted {
      deleted += 1
      if deleted == 1 { firstDeleted = next }
      if !options.keepsDeleted { return emit.passOver(1) }
    }
    let start = emit.output.count
    emit.output.append("{\"_row\":" as StaticString)
    emit.output.append(decimal: next)
    emit.output.append(lead)
    if options.keepsDeleted {
      emit.output.append(isDeleted ? ",\"_deleted\":true" as StaticString : ",\"_deleted\":false")
    }
    write(record, from: start, &emit)
  }

  /// Writes the fields of `record`, or takes back what was written of it.
  private mutating func write(_ record: UnsafeRawBufferPointer, from start: Int, _ emit: inout Emitter) {
    let flags = header.nullFlags.flatMap { record.run($0.offset, $0.length) }
    values.begin(Position(file: file, row: next), nullFlags: flags)
    var isBlank = true
    for (slot, field) in fields.enumerated() {
      emit.output.append(prefixes[slot])
      let from = emit.output.count
      guard let value = record.run(field.offset, field.length) else { return }
      if let error = values.put(value, field, names[slot], isVisual: header.isVisual, &emit) {
        emit.output.truncate(to: start)
        return emit.reject(Rejection(error), at: place(next), input: .raw(record))
      }
      let written = emit.output.bytes[from...]
      if !(written.count == 4 && written.first == UInt8(ascii: "n")) { isBlank = false }
      sample.add(UnsafeRawBufferPointer(rebasing: written), slot)
    }
    sample.endRow()
    if isBlank {
      blank += 1
      return emit.output.truncate(to: start)
    }
    emit.output.append(UInt8(ascii: "}"))
    emit.endRecord()
  }

  // MARK: - What is told at the end

  private mutating func end(_ emit: inout Emitter) throws(StopError) {
    sample.tell(names, place(), &emit)
    values.tell(place(), &emit)
    letters.tell(isMended: mender != nil, place(), &emit)
    if deleted > 0 {
      let counted =
        "\(deleted) \(deleted == 1 ? "record is" : "records are") marked as deleted, the first \(firstDeleted)"
      emit.tell(
        Diagnostic(
          .warning, DBFFault.dbfDeleted,
          options.keepsDeleted
            ? "\(counted), and \(deleted == 1 ? "was" : "were") read: _deleted says which"
            : "\(counted), and \(deleted == 1 ? "was" : "were") left out: --keep-deleted reads them too", at: place()))
    }
    if blank > 0 {
      emit.tell(
        Diagnostic(
          .info, DBFFault.dbfBlank,
          "\(blank) \(blank == 1 ? "record holds" : "records hold") nothing, and were passed over",
          at: place()))
    }
    try tellEnd(&emit)
  }

  /// Holds what the header says against the file's end.
  private func tellEnd(_ emit: inout Emitter) throws(StopError) {
    if next < header.said {
      guard position < bytes.count, bytes[position] == 0x1A else {
        throw StopError(
          .dataError, DBFFault.dbfTruncated,
          "the table ends behind record \(next), and its header counts \(header.said): it was cut off; get it again",
          at: place())
      }
      return emit.tell(
        Diagnostic(
          .warning, DBFFault.dbfCount, "the table ends with record \(next), though its header counts \(header.said)",
          at: place()))
    }
    var behind = 0
    var at = position
    while let record = bytes.run(at, header.recordLength), [0x20, 0x2A].contains(record[0]) {
      behind += 1
      at += header.recordLength
    }
    guard behind > 0 else { return }
    emit.tell(
      Diagnostic(
        .warning, DBFFault.dbfCount,
        "\(behind) \(behind == 1 ? "record stands" : "records stand") behind the \(header.said) that the header counts, and \(behind == 1 ? "was" : "were") left out: open the table with its program, which mends the count",
        at: place()))
  }

  // MARK: - The table as a whole

  /// Emits a record that says what table there is: `number`, `name`, `state`, `dimensions`.
  public func list(name: String, emit: inout Emitter) {
    let range = CellRange(rows: 1...max(count, 1), columns: 0...max(fields.count - 1, 0))
    let members: [(String, JSONValue)] = [
      ("number", .number("1")), ("name", .string(name)), ("state", .string("visible")),
      ("dimensions", count == 0 ? .null : .string(range.name)),
    ]
    JSONValue.object(members).write(to: &emit.output)
    emit.endRecord()
  }

  /// The field called `name` of a record as the table has it: without the blanks that fill it up.
  public mutating func written(_ name: String, ofRecord row: Int) throws(StopError) -> [UInt8]? {
    var emitter = Emitter(stage: "")
    if !isBegun { try begin(&emitter) }
    guard let slot = names.firstIndex(of: name), row >= 1, row <= count,
      let record = bytes.run(header.start + (row - 1) * header.recordLength, header.recordLength),
      let value = record.run(fields[slot].offset, fields[slot].length)
    else { return nil }
    return [UInt8](DBFValue.bare(value))
  }
}
