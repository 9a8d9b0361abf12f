/// How a delimited text is written (RFC 4180, and as the world writes it).
public struct CSVDialect: Equatable, Sendable {
  /// How a quote stands inside a quoted field.
  public enum Escape: Sendable { case doubled, backslash }

  /// What becomes of a row that has more or fewer cells than the header.
  public enum Ragged: String, CaseIterable, Sendable {
    /// It is refused.
    case reject
    /// Missing cells become empty strings; cells too many are kept as `column_N`.
    case pad
    /// The record has the cells that the row has; cells too many are kept as `column_N`.
    case keep
  }

  /// One byte: comma, tab, semicolon, pipe ...
  public var delimiter = UInt8(ascii: ",")
  /// What the delimiter is in the text, where that is no single byte: `delimiter` stands for it then.
  public internal(set) var spelling: [UInt8]?
  /// nil: no byte quotes.
  public var quote: UInt8? = UInt8(ascii: "\"")
  public var escape = Escape.doubled
  /// Rows that start with this byte are passed over.
  public var comment: UInt8?
  public var ragged = Ragged.reject
  /// A cell `="00123"` is the text 00123: programs write it so that a spreadsheet leaves the text as it is.
  public var readsFormulas = true
  /// A row that ends one cell early has an empty last one: exporters leave those out.
  var padsLastCell = false
  /// Spaces stand between a delimiter and the quote that opens a cell.
  var hasSpacedQuotes = false
  /// Lines that start with `#` stand above the header: a row that starts so, and is no row of the table, is one more.
  var hasRemarks = false

  /// Stands for a delimiter where nothing separates: no text in UTF-8 holds it.
  public static var noDelimiter: UInt8 { 0xFF }

  public init(delimiter: UInt8 = UInt8(ascii: ",")) { self.delimiter = delimiter }
}
