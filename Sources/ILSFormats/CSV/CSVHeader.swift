import ILSRecord

/// The names of a table's columns, made fit for records: each one there, once, and none of the toolkit's.
public struct CSVHeader: Equatable, Sendable {
  public let names: [String]
  /// What was changed, to be told.
  public let notes: [String]

  /// Names from the cells of a header row. White space around a name is no part of it; a blank one becomes `column_N`,
  /// a second `x` becomes `x_2` (or the first `x_N` that no column is called), and a leading underscore, which marks the toolkit's own fields, gets an `x` in front.
  public init(_ cells: [String]) {
    var names: [String] = []
    var notes: [String] = []
    var taken: Set<String> = []
    // The next number of each name that occurs again: thousands of one name are no rare thing in a hostile file.
    var counts: [String: Int] = [:]
    // A column that is called x_2 keeps its name, wherever it stands.
    let given = Set(cells.map(CSVHeader.trimmed))
    for (index, cell) in cells.enumerated() {
      let trimmed = CSVHeader.trimmed(cell)
      var name = trimmed
      if name.isEmpty {
        name = ColumnMeaning.nameless(index + 1)
        notes.append("column \(index + 1) has no name: it is called \(name)")
      }
      if name.hasPrefix("_") {
        notes.append("column \(index + 1): \(name) is kept for the toolkit: it is called x\(name)")
        name = "x" + name
      }
      if name.unicodeScalars.count > CSVHeader.nameLimit {
        name = String(String.UnicodeScalarView(name.unicodeScalars.prefix(CSVHeader.nameLimit)))
        notes.append("column \(index + 1): the name is cut to \(CSVHeader.nameLimit) characters")
      }
      if taken.contains(name) || (name != trimmed && given.contains(name)) {
        let plain = name
        var count = counts[plain] ?? 2
        while taken.contains("\(plain)_\(count)") || given.contains("\(plain)_\(count)") { count += 1 }
        name = "\(plain)_\(count)"
        counts[plain] = count + 1
        notes.append("column \(index + 1): \(plain) occurs again: it is called \(name)")
      }
      taken.insert(name)
      names.append(name)
    }
    self.names = names
    self.notes = notes
  }

  /// The most columns that a table has.
  static var columnLimit: Int { 65_536 }

  /// Characters that a name may have.
  private static var nameLimit: Int { 255 }

  private static func trimmed(_ cell: String) -> String {
    let isSpace: (Unicode.Scalar) -> Bool = { $0.value <= 0x20 || $0.value == 0xA0 || $0.value == 0xFEFF }
    let scalars = cell.unicodeScalars.drop(while: isSpace)
    guard let last = scalars.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(scalars[...last])
  }
}
