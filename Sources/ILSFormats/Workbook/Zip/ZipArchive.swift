import ILSRecord

/// The directory of a zip archive (PKWARE APPNOTE 6.3, with zip64), over its whole bytes.
///
/// Names are keys to look parts up by, and nothing else: no file of such a name is ever opened or written.
struct ZipArchive {
  struct Entry {
    var name: String
    var method: Int
    var isEncrypted: Bool
    var crc: UInt32
    var packedSize: Int
    var size: Int
    var headerOffset: Int
  }

  let bytes: UnsafeRawBufferPointer
  /// Told what was unpacked and will not be read again.
  let release: ((UnsafeRawBufferPointer) -> Void)?
  private(set) var entries: [Entry] = []
  /// Positions in `entries` by lower-case name.
  private var byName: [String: Int] = [:]

  /// Parts that an archive may have.
  private static var entryLimit: Int { 65_536 }

  /// - Throws: `zip.truncated` where the directory is not there, `zip.corrupt` where it lies.
  init(_ bytes: UnsafeRawBufferPointer, release: ((UnsafeRawBufferPointer) -> Void)? = nil) throws(StopError) {
    self.bytes = bytes
    self.release = release
    guard let end = ZipArchive.endRecord(bytes) else {
      throw ZipArchive.fault(
        .zipTruncated, "the workbook has no zip directory at its end: it was cut off; get the file again")
    }
    var count = bytes.u16(end + 10) ?? 0
    var size = bytes.u32(end + 12) ?? 0
    var start = bytes.u32(end + 16) ?? 0
    var directoryEnd = end
    if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF, let wide = zip64(before: end) {
      (count, size, start, directoryEnd) = wide
    }
    // Bytes in front of the archive shift every offset by their count.
    let shift = directoryEnd - size - start
    guard shift >= 0, start + shift <= directoryEnd, count <= Self.entryLimit else {
      throw ZipArchive.fault(.zipCorrupt, "the workbook's zip directory is damaged")
    }
    try readDirectory(from: start + shift, to: directoryEnd, count: count, shift: shift)
  }

  /// The part called `name`, in whatever case and with whichever slashes; nil where there is none.
  func entry(_ name: String) -> Entry? { byName[ZipArchive.key(name)].map { entries[$0] } }

  static func key(_ name: String) -> String {
    var key = ""
    for scalar in name.unicodeScalars.drop(while: { $0 == "/" || $0 == "\\" }) {
      if scalar == "\\" {
        key.unicodeScalars.append("/")
      } else if scalar.isASCII, scalar.properties.isUppercase {
        key.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) + 32))
      } else {
        key.unicodeScalars.append(scalar)
      }
    }
    return key
  }

  /// The packed bytes of `entry`.
  func packed(_ entry: Entry) throws(StopError) -> UnsafeRawBufferPointer {
    guard bytes.u32(entry.headerOffset) == 0x0403_4B50, let name = bytes.u16(entry.headerOffset + 26),
      let extra = bytes.u16(entry.headerOffset + 28),
      let packed = bytes.run(entry.headerOffset + 30 + name + extra, entry.packedSize)
    else { throw ZipArchive.fault(.zipCorrupt, "a part of the workbook lies outside the file: it is damaged") }
    if entry.isEncrypted {
      throw ZipArchive.fault(.workbookEncrypted, "encrypted workbook (zip encryption): save it without a password")
    }
    guard entry.method == 0 || entry.method == 8 else {
      throw ZipArchive.fault(
        .zipMethod, "a part is packed by method \(entry.method), which workbooks do not use: save it again with Excel"
      )
    }
    return packed
  }

  private mutating func readDirectory(from start: Int, to end: Int, count: Int, shift: Int) throws(StopError) {
    var at = start
    for _ in 0..<count {
      guard at + 46 <= end, bytes.u32(at) == 0x0201_4B50, let nameLength = bytes.u16(at + 28), nameLength <= 4096,
        let extraLength = bytes.u16(at + 30), let commentLength = bytes.u16(at + 32),
        let name = bytes.run(at + 46, nameLength), let extra = bytes.run(at + 46 + nameLength, extraLength)
      else { throw ZipArchive.fault(.zipCorrupt, "the workbook's zip directory is damaged") }
      var entry = Entry(
        name: String(decoding: name, as: UTF8.self), method: bytes.u16(at + 10) ?? 0,
        isEncrypted: (bytes.u16(at + 8) ?? 0) & 1 != 0, crc: UInt32(bytes.u32(at + 16) ?? 0),
        packedSize: bytes.u32(at + 20) ?? 0, size: bytes.u32(at + 24) ?? 0, headerOffset: bytes.u32(at + 42) ?? 0)
      ZipArchive.widen(&entry, extra)
      entry.headerOffset += shift
      let key = ZipArchive.key(entry.name)
      // Of two parts of one name the last is the present one, as in an archive that was appended to.
      byName[key] = entries.count
      entries.append(entry)
      at += 46 + nameLength + extraLength + commentLength
    }
  }

  /// Where the end-of-directory record starts: in the last 64 KiB, since only a comment may follow it.
  private static func endRecord(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var at = bytes.count - 22
    let last = max(at - 65_535, 0)
    while at >= last {
      if bytes.u32(at) == 0x0605_4B50 { return at }
      at -= 1
    }
    return nil
  }

  /// Count, size, start and end of the directory as zip64 has them.
  private func zip64(before end: Int) -> (Int, Int, Int, Int)? {
    guard bytes.u32(end - 20) == 0x0706_4B50, let at = bytes.u64(end - 12).flatMap({ Int(exactly: $0) }),
      bytes.u32(at) == 0x0606_4B50, let count = bytes.u64(at + 32).flatMap({ Int(exactly: $0) }),
      let size = bytes.u64(at + 40).flatMap({ Int(exactly: $0) }), size <= bytes.count,
      let start = bytes.u64(at + 48).flatMap({ Int(exactly: $0) }), start <= bytes.count
    else { return nil }
    return (count, size, start, at)
  }

  /// Takes sizes and offset of `entry` from its zip64 extra field where the narrow ones are full.
  private static func widen(_ entry: inout Entry, _ extra: UnsafeRawBufferPointer) {
    var at = 0
    while let tag = extra.u16(at), let length = extra.u16(at + 2) {
      if tag == 1, let field = extra.run(at + 4, length) {
        var offset = 0
        for path in [\Entry.size, \Entry.packedSize, \Entry.headerOffset] where entry[keyPath: path] == 0xFFFF_FFFF {
          guard let wide = field.u64(offset), wide < 1 << 48 else { return }
          entry[keyPath: path] = Int(wide)
          offset += 8
        }
        return
      }
      at += 4 + length
    }
  }

  static func fault(_ fault: WorkbookFileFault, _ message: String) -> StopError {
    StopError(.dataError, fault, message)
  }
}
