import ILSRecord

/// A compound file ([MS-CFB]): the streams that its root holds, over its whole bytes.
///
/// A chain of sectors is never longer than the file has sectors; one that is goes in a circle, and is refused.
struct CompoundFile {
  private struct Entry {
    var name: String
    var type: Int
    var left: Int
    var right: Int
    var child: Int
    var start: Int
    var size: Int
  }

  private let bytes: UnsafeRawBufferPointer
  private let sectorShift: Int
  private let miniCutoff: Int
  /// Sectors that hold the file allocation table.
  private var tableSectors: [Int] = []
  private var entries: [Entry] = []
  private var miniTable: StreamBytes?
  private var miniStream: StreamBytes?

  private static var miniShift: Int { 6 }
  /// Sector numbers from here on are marks, such as the end of a chain.
  private static var lastSector: Int { 0xFFFF_FFFA }

  /// - Throws: `ole2.corrupt`, `ole2.cycle`
  init(_ bytes: UnsafeRawBufferPointer) throws(StopError) {
    self.bytes = bytes
    guard let shift = bytes.u16(30), shift == 9 || shift == 12, let cutoff = bytes.u32(56), bytes.count >= 512 else {
      throw CompoundFile.corrupt("its header is not that of an Excel file")
    }
    sectorShift = shift
    miniCutoff = cutoff
    try readTable()
    try readDirectory()
    let miniStart = bytes.u32(60) ?? Self.lastSector
    guard let root = entries.first, miniStart < Self.lastSector, root.start < Self.lastSector else { return }
    // A damaged mini stream matters only to who asks for a small stream.
    miniTable = try? chain(miniStart, size: nil)
    miniStream = try? chain(root.start, size: nil)
  }

  /// The stream called `name`, in whatever case; nil where the root has none.
  func stream(_ name: String) throws(StopError) -> StreamBytes? {
    guard let entry = rootEntries().first(where: { $0.type == 2 && $0.name.lowercased() == name.lowercased() }) else {
      return nil
    }
    guard entry.size < miniCutoff else { return try chain(entry.start, size: entry.size) }
    return try smallStream(entry)
  }

  /// The entries directly below the root; all there are, where its tree is broken.
  private func rootEntries() -> [Entry] {
    var found: [Entry] = []
    var seen: Set<Int> = []
    var waiting = [entries.first?.child ?? -1]
    while let index = waiting.popLast() {
      guard entries.indices.contains(index), seen.insert(index).inserted else { continue }
      found.append(entries[index])
      waiting += [entries[index].right, entries[index].left]
    }
    let isWhole = found.contains { $0.type == 2 }
    return isWhole ? found : entries
  }

  // MARK: - Sectors

  private var sectorSize: Int { 1 << sectorShift }
  private var sectorCount: Int { bytes.count >> sectorShift }

  private mutating func readTable() throws(StopError) {
    let count = min(bytes.u32(44) ?? 0, sectorCount + 1)
    for index in 0..<min(count, 109) {
      if let sector = bytes.u32(76 + index * 4), sector < Self.lastSector { tableSectors.append(sector) }
    }
    var next = bytes.u32(68) ?? Self.lastSector
    var steps = 0
    while next < Self.lastSector, tableSectors.count < count {
      steps += 1
      guard steps <= sectorCount, let part = sector(next), part.count == sectorSize else {
        throw CompoundFile.corrupt("its table of sectors leads out of the file or in a circle")
      }
      for at in stride(from: 0, to: sectorSize - 4, by: 4) where tableSectors.count < count {
        if let sector = part.u32(at), sector < Self.lastSector { tableSectors.append(sector) }
      }
      next = part.u32(sectorSize - 4) ?? Self.lastSector
    }
  }

  /// The bytes of sector `number`: fewer at the end of a file that was cut off; nil behind it.
  private func sector(_ number: Int) -> UnsafeRawBufferPointer? {
    let at = (number + 1) << sectorShift
    guard number >= 0, at < bytes.count else { return nil }
    return bytes.run(at, min(sectorSize, bytes.count - at))
  }

  /// The sector behind `number` in its chain.
  private func sector(after number: Int) -> Int? {
    let perSector = sectorSize / 4
    guard number / perSector < tableSectors.count else { return nil }
    return sector(tableSectors[number / perSector])?.u32(number % perSector * 4)
  }

  /// The bytes of a chain: those of the file themselves where its sectors follow each other, else a copy.
  private func chain(_ start: Int, size: Int?) throws(StopError) -> StreamBytes {
    var runs: [Range<Int>] = []
    var next = start
    var length = 0
    while next < Self.lastSector, size.map({ length < $0 }) ?? true {
      guard length <= bytes.count else {
        throw StopError(
          .dataError, WorkbookFileFault.ole2Cycle, "the file's sectors go round in a circle: it is damaged")
      }
      let at = (next + 1) << sectorShift
      guard at < bytes.count else { throw CompoundFile.corrupt("a part of it lies behind its end") }
      let end = min(at + sectorSize, bytes.count)
      if let last = runs.last, last.upperBound == at {
        runs[runs.count - 1] = last.lowerBound..<end
      } else {
        runs.append(at..<end)
      }
      length += end - at
      guard let after = sector(after: next) else { break }
      next = after
    }
    return try StreamBytes(bytes, runs, limit: min(size ?? length, length))
  }

  private func smallStream(_ entry: Entry) throws(StopError) -> StreamBytes {
    guard let table = miniTable, let stream = miniStream else {
      throw CompoundFile.corrupt("its small streams are missing")
    }
    var runs: [Range<Int>] = []
    var next = entry.start
    var length = 0
    while next < Self.lastSector, length < entry.size {
      let at = next << Self.miniShift
      guard at < stream.count, length <= stream.count else {
        throw CompoundFile.corrupt("a small stream leads nowhere")
      }
      runs.append(at..<min(at + 64, stream.count))
      length += 64
      guard let after = table.u32(next * 4) else { break }
      next = after
    }
    return try stream.withBytes { (bytes) throws(StopError) in
      try StreamBytes(bytes, runs, limit: entry.size, copies: true)
    }
  }

  // MARK: - Directory

  private mutating func readDirectory() throws(StopError) {
    let directory = try chain(bytes.u32(48) ?? Self.lastSector, size: nil)
    var at = 0
    while let type = directory.u8(at + 66), at + 128 <= directory.count, entries.count < 65_536 {
      let length = min(max((directory.u16(at + 64) ?? 2) - 2, 0), 62)
      var units: [UInt16] = []
      for offset in stride(from: 0, to: length, by: 2) { units.append(UInt16(directory.u16(at + offset) ?? 0)) }
      entries.append(
        Entry(
          name: String(decoding: units, as: UTF16.self), type: type, left: directory.u32(at + 68) ?? -1,
          right: directory.u32(at + 72) ?? -1, child: directory.u32(at + 76) ?? -1, start: directory.u32(at + 116) ?? 0,
          size: directory.u32(at + 120) ?? 0))
      at += 128
    }
  }

  static func corrupt(_ message: String) -> StopError {
    StopError(.dataError, WorkbookFileFault.ole2Corrupt, "the file is damaged: \(message)")
  }
}
