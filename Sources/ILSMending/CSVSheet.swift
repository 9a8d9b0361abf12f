import ILSRecord
import ILSStream

/// One table as CSV (RFC 4180), in UTF-8 with a byte order mark, by which spreadsheets know that it is.
struct CSVSheet: SheetWriter, ~Copyable {
  private var file: OutputFile
  private var buffer = OutputBuffer()

  init(_ path: String) throws(StopError) { file = try OutputFile(path) }

  mutating func begin(_ name: String, headers: [String]) throws(StopError) {
    buffer.append("\u{FEFF}")
    try write(headers)
  }

  mutating func write(_ cells: [String]) throws(StopError) {
    for (number, cell) in cells.enumerated() {
      if number > 0 { buffer.append(UInt8(ascii: ",")) }
      let text = Self.harmless(cell)
      let isQuoted = text.utf8.contains { $0 < 0x20 || [UInt8(ascii: ","), UInt8(ascii: "\""), 0x20].contains($0) }
      buffer.append(isQuoted ? "\"\(text.replacing("\"", with: "\"\""))\"" : text)
    }
    buffer.append("\r\n")
    if buffer.count > 1 << 16 { try file.write(&buffer) }
  }

  mutating func close() throws(StopError) {
    try file.write(&buffer)
    try file.close()
  }

  // MARK: - What spreadsheets do to CSV

  /// A cell that a spreadsheet would take for a formula has an apostrophe before it, and one more where it has some already.
  static func harmless(_ text: String) -> String { isFormula(text) ? "'" + text : text }

  /// What somebody meant who wrote a cell of that form.
  static func meant(_ text: String) -> String {
    text.hasPrefix("'") && isFormula(text) ? String(text.dropFirst()) : text
  }

  private static func isFormula(_ text: String) -> Bool {
    guard let first = text.utf8.first(where: { $0 != UInt8(ascii: "'") }) else { return false }
    return "=+-@\t\r".utf8.contains(first)
  }
}
