import Glibc
import ILSCommand
import ILSRecord

/// The refused records of a run, as tables that people mend in a spreadsheet.
public struct RejectTables {
  /// What a table's file is: by the end of its name.
  public enum Kind: String {
    case csv, xlsx

    /// - Throws: `usage` for any other.
    public init(of path: String) throws(StopError) {
      guard let end = path.split(separator: ".").last, let kind = Kind(rawValue: end.lowercased()) else {
        throw StopError(.usage, UsageFault.usage, "\(path): a table is an .xlsx or a .csv")
      }
      self = kind
    }

    /// A value's text as a cell of such a file comes back that nobody changed.
    func shown(_ text: String) -> String { self == .csv ? CSVSheet.harmless(text) : XLSXBook.shown(text) }
  }

  let tables: [MendTable]

  /// - Parameters:
  ///   - folder: that of a run of ils-migrate.
  ///   - schema: of the entity.
  ///   - stage: the only one whose rejects are wanted; nil for all.
  /// - Throws: `dataError` where there are no rejects.
  public init(folder: String, schema: JSONValue, stage: String? = nil) throws(StopError) {
    var tables: [MendTable] = []
    for name in ["parse", "map", "validate", "load"] where stage == nil || stage == name {
      guard let rejects = try Rejects(stage: name, in: folder) else { continue }
      tables.append(try MendTable(rejects, schema: name == "map" ? nil : schema))
    }
    guard !tables.isEmpty else {
      throw StopError(
        .dataError, MendFault.mendNothing, "holds no refused records\(stage.map { " of \($0)" } ?? "")",
        at: Position(file: folder))
    }
    self.tables = tables
  }

  public var count: Int { tables.reduce(0) { $0 + $1.rejects.count } }

  /// Writes the tables: a sheet a stage, or the one table of a CSV.
  /// - Parameter advice: how a code is mended.
  /// - Throws: `cannotCreate` where the file is there already: somebody's mending may be in it.
  public func write(to path: String, advice: (String) -> String?) throws(StopError) {
    guard access(path, F_OK) != 0 else {
      throw StopError(
        .cannotCreate, MendFault.mendTable, "is there already, and may hold what somebody mended: name another",
        at: Position(file: path))
    }
    switch try Kind(of: path) {
    case .xlsx:
      var book = try XLSXBook(path)
      try write(to: &book, advice)
    case .csv:
      guard tables.count == 1 else {
        throw StopError(
          .usage, UsageFault.usage,
          "a CSV holds one table, and \(tables.map(\.rejects.stage).joined(separator: ", ")) refused records: name one by --stage, or write an .xlsx"
        )
      }
      var sheet = try CSVSheet(path)
      try write(to: &sheet, advice)
    }
  }

  private func write(to writer: inout some SheetWriter & ~Copyable, _ advice: (String) -> String?) throws(StopError) {
    for table in tables {
      try writer.begin(table.rejects.stage, headers: table.headers)
      for number in 1...table.rejects.count {
        try writer.write(table.cells(try table.rejects[number], advice: advice))
      }
    }
    try writer.close()
  }
}
