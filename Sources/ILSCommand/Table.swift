import Glibc
import ILSRecord
import ILSStream

/// Text in columns, for people: each column as wide as the widest cell of the first rows. Nothing in a cell reaches the
/// terminal that it would obey.
public struct Table {
  /// How a column gives way where the table is wider than its room.
  public enum Yield: Sendable {
    case leftOut
    /// A time without its seconds; without its year and seconds.
    case toMinutes, toDay
    /// Cut behind so many characters at least.
    case cut(to: Int)
    /// Each text of it has a shorter one.
    case shortened([String: String])
  }

  private let titles: [String]
  private let numbers: Set<Int>
  /// How wide a line may be; nil for any width.
  private let room: Int?
  /// Which columns give way, one after another until the table fits.
  private let yields: [(column: Int, how: Yield)]
  /// The first rows wait here until the columns' widths are known.
  private var waiting: [[String]] = []
  private var widths: [Int]?
  /// Those that gave way.
  private var yielded: [(column: Int, how: Yield)] = []

  /// Rows that decide how wide the columns are.
  private let sample: Int

  /// - Parameters:
  ///   - numbers: the columns that are set to the right.
  ///   - sample: rows that decide how wide the columns are; those wait.
  public init(
    _ titles: [String], numbers: Set<Int> = [], sample: Int = 200, room: Int? = nil,
    yields: [(column: Int, how: Yield)] = []
  ) {
    (self.titles, self.numbers, self.sample, self.room, self.yields) = (titles, numbers, sample, room, yields)
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
      narrow()
    } else {
      for (column, how) in yielded { change(column, how) }
    }
    for row in waiting {
      var cells: [String] = []
      for (column, width) in (widths ?? []).enumerated() where width >= 0 {
        cells.append(Self.pad(row[column], width, toRight: numbers.contains(column)))
      }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      output.append(line + "\n")
    }
    waiting.removeAll(keepingCapacity: true)
  }

  /// How many characters a line of the terminal takes; nil where nobody knows.
  public static var terminalWidth: Int? {
    if let said = environment("COLUMNS").flatMap({ Int($0) }), said > 0 { return said }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  // MARK: - Giving way

  /// By how much the lines are too wide.
  private var excess: Int {
    guard let room, let widths else { return 0 }
    let shown = widths.filter { $0 >= 0 }
    return shown.reduce(0, +) + 2 * max(shown.count - 1, 0) - room
  }

  private mutating func narrow() {
    for (column, how) in yields {
      let excess = excess
      guard excess > 0, let width = widths?[column], width >= 0 else { continue }
      var how = how
      if case .cut(let least) = how { how = .cut(to: max(least, width - excess)) }
      yielded.append((column, how))
      if case .leftOut = how {
        widths?[column] = -1
      } else {
        change(column, how)
        widths?[column] = waiting.map { $0[column].count }.max() ?? 0
      }
    }
  }

  private mutating func change(_ column: Int, _ how: Yield) {
    for row in waiting.indices {
      let cell = waiting[row][column]
      switch how {
      case .leftOut: break
      case .toMinutes: waiting[row][column] = String(cell.prefix(16))
      case .toDay: if cell.count == 16 { waiting[row][column] = String(cell.dropFirst(5)) }
      case .cut(let width): if cell.count > width { waiting[row][column] = cell.prefix(width - 1) + "…" }
      case .shortened(let texts): waiting[row][column] = texts[cell] ?? cell
      }
    }
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
