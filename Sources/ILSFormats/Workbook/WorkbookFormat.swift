/// Which kind of workbook or table in binary some bytes start, by their first eight, or 64 of a dBase table.
public enum WorkbookFormat: Sendable, Equatable {
  /// A zip archive (APPNOTE 4.3.6): .xlsx, .xlsm.
  case zip
  /// A compound file ([MS-CFB] 2.2): .xls, or an encrypted workbook of any kind.
  case compound
  /// A bare stream of BIFF records: Excel 2 to 4, and what some programs write.
  case stream
  /// A dBase or FoxPro table (.dbf).
  case dBase

  private static let marks: [(WorkbookFormat, [UInt8])] = [
    (.zip, [0x50, 0x4B, 0x03, 0x04]), (.zip, [0x50, 0x4B, 0x05, 0x06]),
    (.compound, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
    (.stream, [0x09, 0x00, 0x04, 0x00]), (.stream, [0x09, 0x02, 0x06, 0x00]), (.stream, [0x09, 0x04, 0x06, 0x00]),
    (.stream, [0x09, 0x08, 0x08, 0x00]), (.stream, [0x09, 0x08, 0x10, 0x00]),
  ]

  /// nil where `head` starts no workbook.
  public init?(_ head: UnsafeRawBufferPointer) {
    if let (format, _) = Self.marks.first(where: { head.starts(with: $0.1) }) {
      self = format
    } else if DBFStart.starts(head) {
      self = .dBase
    } else {
      return nil
    }
  }

  /// Whether more bytes behind `head` could show that it starts a workbook.
  public static func isOpen(_ head: UnsafeRawBufferPointer) -> Bool {
    marks.contains { head.count < $0.1.count && $0.1.starts(with: head) } || DBFStart.isOpen(head)
  }
}
