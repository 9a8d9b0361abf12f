import ILSRecord

/// Puts one byte in the place of a delimiter of several, such as `||` or `¦`, so that rows are read as with any other. Where it
/// stands inside quotes, whoever reads the cell puts the delimiter back.
struct DelimiterFold {
  /// The unit separator, which hardly any text holds.
  static let standIn: UInt8 = 0x1F

  private let spelling: [UInt8]
  private let file: String?
  /// The start of a delimiter that the last chunk broke off.
  private var pending: [UInt8] = []

  init(_ spelling: [UInt8], file: String?) {
    self.spelling = spelling
    self.file = file
  }

  /// - Throws: `csv.delimiter` where the text holds the byte that stands in.
  mutating func fold(_ bytes: UnsafeRawBufferPointer, isLast: Bool, to output: inout OutputBuffer) throws(StopError) {
    guard !bytes.contains(Self.standIn) else {
      throw StopError(
        .dataError, CSVFault.csvDelimiter,
        "the text holds byte 31, which stands for a delimiter of several bytes while it is read: put another in its place first",
        at: Position(file: file))
    }
    var text = (pending + bytes)[...]
    pending = []
    while let start = text.firstIndex(of: spelling[0]) {
      output.append(bytes: text[..<start])
      text = text[start...]
      guard text.starts(with: spelling) else {
        if !isLast, text.count < spelling.count, spelling.starts(with: text) {
          pending = Array(text)
          return
        }
        output.append(text.removeFirst())
        continue
      }
      output.append(Self.standIn)
      text = text.dropFirst(spelling.count)
    }
    output.append(bytes: text)
  }

  /// What a delimiter may be, where it is no single byte of ASCII.
  static func canSpell(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return (2...32).contains(bytes.count) && !bytes.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x22 }
      && text.unicodeScalars.contains { !$0.properties.isAlphabetic && !(0x30...0x39).contains($0.value) }
  }
}

extension OutputBuffer {
  fileprivate mutating func append(bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { append($0) }
  }
}

extension CSVDialect {
  /// Bytes of the text with the delimiter as it is spelled there.
  func spelled(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    guard let spelling else { return Array(bytes) }
    return bytes.flatMap { $0 == delimiter ? spelling : [$0] }
  }
}

extension CSVOptions {
  /// Cells are separated by `text`, a character beyond ASCII or several. - Returns: false where it cannot be.
  public mutating func separate(by text: String) -> Bool {
    guard DelimiterFold.canSpell(text) else { return false }
    (delimiter, dialect.spelling) = (DelimiterFold.standIn, Array(text.utf8))
    return true
  }
}

/// What may separate cells without being looked for: a sign beyond ASCII, or one twice.
enum UnusualDelimiter {
  /// What stands equally often in all rows of a sample whose cells nothing usual separates; nil where nothing does.
  static func find(_ rows: [SampleRow]) -> String? {
    let lines = rows.filter { !$0.isBlank }.prefix(50).map { String(decoding: $0.cells.joined(), as: UTF8.self) }
    guard lines.count > 1, let first = lines.first else { return nil }
    return candidates(in: first).filter { sign in
      let times = count(sign, first)
      return lines.allSatisfy { count(sign, $0) == times }
    }.max { ($0.utf8.count, count($0, first)) < ($1.utf8.count, count($1, first)) }
  }

  private static func candidates(in line: String) -> [String] {
    let scalars = Array(line.unicodeScalars)
    var found: [String] = []
    for (index, scalar) in scalars.enumerated() where isSign(scalar) {
      if scalar.value >= 0x80 || single.contains(scalar) { found.append(String(scalar)) }
      if scalar.value < 0x80, index + 1 < scalars.count, scalars[index + 1] == scalar {
        found.append("\(scalar)\(scalar)")
      }
    }
    return Array(Set(found)).sorted()
  }

  /// Signs that separate cells alone, though more often they are text.
  private static let single: Set<Unicode.Scalar> = [":", "#", "!", "/", "\\", "@", "$", "%", "&", "*", "=", "`"]

  /// Whether a delimiter stands somewhere in front of a space or between digits.
  static func isText(_ delimiter: UInt8, in cell: [UInt8]) -> Bool {
    cell.indices.contains { index in
      guard cell[index] == delimiter, delimiter != 0x09, index > 0, index + 1 < cell.count else { return false }
      let digits = (0x30...0x39) as ClosedRange<UInt8>
      return cell[index + 1] == 0x20
        || delimiter == 0x2C && digits.contains(cell[index - 1]) && digits.contains(cell[index + 1])
    }
  }

  private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    return scalar.value > 0x20 && scalar != "\"" && scalar != "'" && scalar.value != 0xFFFD && scalar.value != 0xA0
      && !properties.isAlphabetic && properties.numericType == nil && !properties.isWhitespace
      && properties.generalCategory != .nonspacingMark
  }

  private static func count(_ sign: String, _ line: String) -> Int {
    let (text, sought) = (Array(line.utf8), Array(sign.utf8))
    var (at, times) = (0, 0)
    while at + sought.count <= text.count {
      let isThere = text[at..<(at + sought.count)].elementsEqual(sought)
      times += isThere ? 1 : 0
      at += isThere ? sought.count : 1
    }
    return times
  }
}
