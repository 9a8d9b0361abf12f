import ILSRecord

/// What is said of a workbook, rather than found out from it.
public struct WorkbookOptions: Sendable {
  /// Which sheets are read.
  public enum Selection: Sendable, Equatable {
    /// The first visible sheet that holds anything.
    case firstWithData
    /// The sheet of that name; where there is none, the one of that number, counted from 1.
    case named(String)
    case all
  }

  public var sheets = Selection.firstWithData
  /// The cells that are read; nil: all.
  public var range: CellRange?
  /// The row that holds the names; nil: found out. 0: there is none, and `columns` or `column_N` name them.
  public var headerRow: Int?
  /// Names that stand in for those of the header.
  public var columns: [String]?
  /// Puts the name of the group that stands over a column in front of the column's.
  public var joinsGroups = false
  /// Every cell of a merged range has the value of its first.
  public var fillsMerged = false
  /// A number whose format pads it with zeros is the string that the format shows.
  public var asDisplayed = false
  /// A text such as `="00123"`, a formula that says a text, is that text.
  public var readsFormulas = true
  public var leftOut: CSVOptions.LeftOut = []
  /// Text that was read in the wrong encoding before it was exported is put right.
  public var mendsMojibake = false

  public init() {}
}

/// A sheet of a workbook, as its directory has it.
public struct WorkbookSheet: Sendable, Equatable {
  public enum State: String, Sendable { case visible, hidden, veryHidden = "very-hidden" }

  public var name: String
  public var state: State
  /// False for a chart, a dialogue or a sheet of macros.
  public var isTable = true
}

/// A rectangle of cells, as `B3:H200` names it.
public struct CellRange: Sendable, Equatable {
  /// From 1.
  public var rows: ClosedRange<Int>
  /// From 0.
  public var columns: ClosedRange<Int>

  /// The most that a sheet has (Excel specifications and limits).
  public static var lastRow: Int { 1_048_576 }
  public static var lastColumn: Int { 16_383 }

  public init(rows: ClosedRange<Int>, columns: ClosedRange<Int>) {
    self.rows = rows
    self.columns = columns
  }

  /// `B3:H200`, `B3`, `B:H` or `3:200`, with or without `$`; nil for anything else.
  public init?(_ text: String) {
    let corners = text.utf8.filter { $0 != UInt8(ascii: "$") }.split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard let first = corners.first, let last = corners.last, corners.count <= 2,
      let (fromRow, fromColumn) = CellRange.corner(first), let (toRow, toColumn) = CellRange.corner(last),
      corners.count == 2 || (fromRow != nil && fromColumn != nil)
    else { return nil }
    let (top, bottom) = (fromRow ?? 1, toRow ?? Self.lastRow)
    let (left, right) = (fromColumn ?? 0, toColumn ?? Self.lastColumn)
    guard top <= bottom, left <= right, top >= 1 else { return nil }
    self.init(rows: top...bottom, columns: left...right)
  }

  /// Row and column of `B3`; either may be missing, and not both.
  private static func corner(_ text: ArraySlice<UInt8>) -> (Int?, Int?)? {
    let letters = text.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
    let digits = text.dropFirst(letters.count)
    guard letters.count <= 3, digits.count <= 7, !text.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
    else { return nil }
    let column = letters.reduce(0) { $0 * 26 + Int($1 | 0x20) - 96 } - 1
    let row = digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    guard column <= lastColumn, row <= lastRow, digits.isEmpty || row > 0 else { return nil }
    return (digits.isEmpty ? nil : row, letters.isEmpty ? nil : column)
  }

  /// `B3:H200`
  public var name: String {
    "\(CellRange.columnName(columns.lowerBound))\(rows.lowerBound):\(CellRange.columnName(columns.upperBound))\(rows.upperBound)"
  }

  /// The letters of a column, counted from 0.
  public static func columnName(_ column: Int) -> String {
    var rest = column + 1
    var letters: [UInt8] = []
    while rest > 0 {
      letters.append(UInt8(ascii: "A") + UInt8((rest - 1) % 26))
      rest = (rest - 1) / 26
    }
    return String(decoding: letters.reversed(), as: UTF8.self)
  }
}
