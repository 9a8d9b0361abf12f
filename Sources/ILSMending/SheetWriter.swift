import ILSRecord

/// Where the tables of refused records go.
protocol SheetWriter: ~Copyable {
  /// Begins a table.
  mutating func begin(_ name: String, headers: [String]) throws(StopError)
  mutating func write(_ cells: [String]) throws(StopError)
  /// Ends the last table, and the file: only now it is there under its name.
  mutating func close() throws(StopError)
}
