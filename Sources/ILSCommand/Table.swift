import ILSRecord

/// Text in columns, for people: each column as wide as the widest cell of the first rows. Nothing in a cell reaches the
/// terminal that it would obey.
public struct Table {
  private let titles: [String]
  private let numbers: Set<Int>
  /// The first rows wait here until the columns' widths are known.
  private var waiting: [[String]] = []
  private var widths: [Int]?

  /// Rows that decide how wide the columns are.
  private let sample: Int

  /// - Parameters:
  ///   - numbers: the columns that are set to the right.
  ///   - sample: rows that decide how wide the columns are; those wait.
  public init(_ titles: [String], numbers: Set<Int> = [], sample: Int = 200) {
    (self.titles, self.numbers, self.sample) = (titles, numbers, sample)
  }

  /// Adds a row, and appends what can be written by now.
  public mutating func add(_ row: [String], to output: inout OutputBuffer) {
    waiting.append(row.map(\.visible))
    if widths != nil || waiting.count >= sample { flush(to: &output) }
  }

  /// Appends all that is left; of a table without rows, the titles.
  public mutating func flush(to output: inout OutputBuffer) {
    if widths == nil {
      waiting.insert(titles, at: 0)
      widths = titles.indices.map { column in waiting.map { $0[column].count }.max() ?? 0 }
    }
    for row in waiting {
      var line = row.enumerated().map { column, cell in
        Self.pad(cell, widths?[column] ?? 0, toRight: numbers.contains(column))
      }.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      output.append(line + "\n")
    }
    waiting.removeAll(keepingCapacity: true)
  }

  /// Appends names and values, one pair a line.
  public static func write(pairs: [(name: String, text: String)], to output: inout OutputBuffer) {
    let width = pairs.map(\.name.visible.count).max() ?? 0
    for (name, text) in pairs { output.append(pad(name.visible, width) + "  " + text.visible + "\n") }
  }

  private static func pad(_ text: String, _ width: Int, toRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(width - text.count, 0))
    return toRight ? space + text : text + space
  }
}
