import ILSRecord
import ILSStream

/// The memo file beside a dBase table: of the same name but for its ending.
enum MemoFile {
  /// nil where there is none. No path that stands in the table is looked at.
  static func beside(_ table: String) throws(StopError) -> WholeInput? {
    guard table != "-", let dot = table.lastIndex(of: "."), !table[dot...].contains("/") else { return nil }
    let stem = String(table[..<dot])
    for ending in [".dbt", ".fpt", ".DBT", ".FPT", ".Dbt", ".Fpt"] {
      guard let status = FileStatus(path: stem + ending), status.isRegular else { continue }
      var source = try ByteSource(stem + ending)
      return try source.whole()
    }
    return nil
  }
}
