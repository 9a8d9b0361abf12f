import ILSRecord
import ILSStream

/// A ZIP archive that is written file by file (APPNOTE 6.3, without ZIP64: less than 4 GiB).
struct ZipArchive: ~Copyable {
  private var file: OutputFile
  private var directory = OutputBuffer()
  private var count = 0
  private var offset = 0

  init(_ path: String) throws(StopError) { file = try OutputFile(path) }

  mutating func add(_ name: String, _ text: String) throws(StopError) {
    let deflater = try Deflater()
    var text = text
    text.withUTF8 { deflater.append(UnsafeRawBufferPointer($0), isLast: true) }
    try add(name, deflater)
  }

  /// Adds a file that was deflated to its end.
  mutating func add(_ name: String, _ deflater: Deflater) throws(StopError) {
    guard offset + deflater.output.count < 1 << 31, deflater.count < 1 << 32 else {
      throw StopError(.dataError, MendFault.mendTable, "too many refused records for a workbook: write .csv")
    }
    var head = OutputBuffer()
    head.append(little: 0x0403_4B50, 4)
    Self.describe(name, deflater, &head)
    head.append(little: 0, 2)  // nothing extra
    head.append(name)
    directory.append(little: 0x0201_4B50, 4)
    directory.append(little: 20, 2)  // made by: as 2.0 has it
    Self.describe(name, deflater, &directory)
    // No extra field and comment, on the first disk, no attributes.
    directory.append(little: 0, 2 + 2 + 2 + 2 + 4)
    directory.append(little: offset, 4)
    directory.append(name)
    count += 1
    offset += head.count + deflater.output.count
    head.append(deflater.output)
    try file.write(&head)
  }

  /// What the file's own head and the directory have alike: version to the length of the name.
  private static func describe(_ name: String, _ deflater: Deflater, _ buffer: inout OutputBuffer) {
    buffer.append(little: 20, 2)
    buffer.append(little: 1 << 11, 2)  // names are UTF-8
    buffer.append(little: 8, 2)  // deflated
    buffer.append(little: 0, 2)
    buffer.append(little: 0x21, 2)  // 1980-01-01: one set of rejects gives one file
    buffer.append(little: Int(deflater.sum), 4)
    buffer.append(little: deflater.output.count, 4)
    buffer.append(little: deflater.count, 4)
    buffer.append(little: name.utf8.count, 2)
  }

  mutating func close() throws(StopError) {
    let size = directory.count
    directory.append(little: 0x0605_4B50, 4)
    directory.append(little: 0, 4)  // one disk
    directory.append(little: count, 2)
    directory.append(little: count, 2)
    directory.append(little: size, 4)
    directory.append(little: offset, 4)
    directory.append(little: 0, 2)
    try file.write(&directory)
    try file.close()
  }
}

extension OutputBuffer {
  /// Appends the low bytes of a number, lowest first.
  fileprivate mutating func append(little number: Int, _ bytes: Int) {
    for place in 0..<bytes { append(place < 8 ? UInt8(truncatingIfNeeded: number >> (8 * place)) : 0) }
  }
}
