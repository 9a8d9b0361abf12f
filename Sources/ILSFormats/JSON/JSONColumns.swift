import ILSRecord

/// A table that lies on its side in one JSON object: each member is a column, and the records are across them.
struct JSONColumns {
  /// The pointer to the object; empty for the text itself.
  let path: String
  private let columns: Int
  private let rows: Int
  /// What turns the object into rows under their names, as jq takes it.
  private let turned: String
  /// Nothing else is in the object.
  let isAll: Bool

  /// Looks for such an object, as far as two levels down.
  init?(in value: JSONValue) {
    guard let found = JSONColumns.look(value, []) else { return nil }
    self = found
  }

  private static func look(_ value: JSONValue, _ steps: [String]) -> JSONColumns? {
    guard let members = value.members else { return nil }
    if let found = lists(members, steps) ?? keyed(members, steps) ?? split(members, steps) { return found }
    guard steps.count < 2 else { return nil }
    for member in members { if let found = look(member.value, steps + [member.name]) { return found } }
    return nil
  }

  /// `{"mrn":[71,72],"name":["Kern","Falk"]}`: arrays of one length, and little else beside them.
  private static func lists(_ members: [(name: String, value: JSONValue)], _ steps: [String]) -> JSONColumns? {
    let lists = members.compactMap(\.value.array)
    let isAll = lists.count == members.count
    guard lists.count > 1, lists.count * 2 > members.count, Set(lists.map(\.count)).count == 1,
      lists[0].count > (isAll ? 0 : 1), lists.allSatisfy({ $0.allSatisfy { $0.members == nil && $0.array == nil } })
    else { return nil }
    let kept = isAll ? "" : "with_entries(select(.value | type == \"array\")) | "
    return JSONColumns(steps, lists.count, lists[0].count, kept + "[keys_unsorted] + ([.[]] | transpose)", isAll)
  }

  /// `{"mrn":{"0":71,"1":72},"name":{"0":"Kern","1":"Falk"}}`, as pandas writes a table.
  private static func keyed(_ members: [(name: String, value: JSONValue)], _ steps: [String]) -> JSONColumns? {
    let columns = members.compactMap(\.value.members)
    guard columns.count == members.count, columns.count > 1, let keys = columns.first?.map(\.name), !keys.isEmpty,
      keys.allSatisfy({ Int($0) != nil }), members.contains(where: { Int($0.name) == nil }),
      columns.allSatisfy({ $0.map(\.name) == keys && $0.allSatisfy { $0.value.members == nil } })
    else { return nil }
    return JSONColumns(steps, columns.count, keys.count, "[keys_unsorted] + ([.[] | [.[]]] | transpose)", true)
  }

  /// `{"columns":["mrn","name"],"data":[[71,"Kern"],[72,"Falk"]]}`: rows, and their names beside them.
  private static func split(_ members: [(name: String, value: JSONValue)], _ steps: [String]) -> JSONColumns? {
    for rows in members {
      guard let cells = rows.value.array?.first?.array, cells.count > 1, cells.allSatisfy({ $0.members == nil })
      else { continue }
      let names = members.first { other in
        other.value.array.map { $0.count == cells.count && $0.allSatisfy { $0.string != nil } } ?? false
      }
      guard let names else { continue }
      let count = rows.value.array?.count ?? 0
      return JSONColumns(steps, cells.count, count, "[\(step(names.name))] + \(step(rows.name))", true)
    }
    return nil
  }

  private init(_ steps: [String], _ columns: Int, _ rows: Int, _ turn: String, _ isAll: Bool) {
    path = steps.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    (self.columns, self.rows, self.isAll) = (columns, rows, isAll)
    turned = steps.isEmpty ? turn : steps.map(JSONColumns.step).joined() + " | " + turn
  }

  /// A member as jq names it.
  static func step(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (0x41...0x5A).contains($0 & 0xDF) }
    if isPlain, !name.isEmpty { return "." + name }
    var quoted = OutputBuffer()
    quoted.appendJSONString(name)
    return ".[\(quoted.string().replacing("'", with: "\\u0027"))]"
  }

  /// What is said of it, where it is one record as it stands.
  func message(base: String) -> String {
    "\(base + path == "" ? "the text" : base + path) is one record, which holds \(columns) columns of \(rows) \(rows == 1 ? "value" : "values") each: "
      + "if its rows are the records, turn it first (jq '\(turned)')"
  }
}
