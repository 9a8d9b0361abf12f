import ILSRecord

/// What an API's answer says of how much there is, beside the array of its records: `"total": 1200`, `"next": "https://..."`.
///
/// An export of the first page alone is whole JSON: nothing but these members says that the rest is missing.
struct JSONPages {
  /// The most that an answer said there is of records, and of pages.
  private var total = 0
  private var totalPages = 0
  /// The last answer says that another follows.
  private var hasNext = false
  private var pages = 1
  /// A text that is a name if a colon follows.
  private var name: [UInt8] = []

  /// Beyond this many bytes a member is no such word.
  private static var limit: Int { 1 << 14 }
  private static var depthLimit: Int { 3 }

  /// Another answer begins.
  mutating func begin() {
    pages += 1
    hasNext = false
  }

  /// The next value of an object around the records, or in front of its colon the name of one.
  mutating func note(_ text: UnsafeRawBufferPointer, isBehindColon: Bool) {
    guard text.count <= Self.limit else { return name = [] }
    guard isBehindColon else { return name = Array(text) }
    guard let name = (try? JSONValue(parsing: name))?.string, let value = try? JSONValue(parsing: Array(text)) else {
      return
    }
    look(at: value, named: name, 0)
  }

  private mutating func look(at value: JSONValue, named name: String, _ depth: Int) {
    let word = name.lowercased().filter { $0.isLetter }
    // Deeper down, these are counted of something else.
    if depth > 1, ["count", "pages"].contains(word) { return }
    if Self.totals.contains(word), let count = Self.count(value) {
      total = max(total, count)
    } else if Self.pageTotals.contains(word), let count = Self.count(value) {
      totalPages = max(totalPages, count)
    } else if Self.nexts.contains(word) {
      hasNext = hasNext || Self.isSomething(value)
    } else if word == "last" || word == "islast", value == .boolean(false) {
      hasNext = true
    } else if depth < Self.depthLimit {
      for member in value.members ?? [] { look(at: member.value, named: member.name, depth + 1) }
      // FHIR and Atom: {"relation": "next", "url": ...}
      for link in value.array ?? [] where (link["relation"] ?? link["rel"])?.string == "next" { hasNext = true }
    }
  }

  /// A number, also as a text, or as the `value` of an object.
  private static func count(_ value: JSONValue) -> Int? {
    value.integer ?? value.string.flatMap { Int($0) } ?? value["value"]?.integer
  }

  private static func isSomething(_ value: JSONValue) -> Bool {
    if let text = value.string { return !text.isEmpty && text != "false" }
    if let members = value.members { return !members.isEmpty && !members.allSatisfy { $0.value.isNull } }
    return !value.isNull && value != .boolean(false) && value.integer != 0
  }

  /// Says that fewer records came than there are.
  func tell(_ count: Int, _ position: Position, _ emit: inout Emitter) {
    let says: String
    if total > count {
      says = "are \(total) records, and \(count) came"
    } else if totalPages > pages {
      says = "are \(totalPages) pages, and \(pages) came"
    } else if hasNext {
      says = "is another page behind the last one that came"
    } else {
      return
    }
    emit.tell(
      Diagnostic(
        .warning, TextFault.jsonPages,
        "the answer says that there \(says): get all pages, and give them one behind the other",
        at: position))
  }

  private static let totals: Set<String> = [
    "total", "totalcount", "totalresults", "totalrecords", "totalitems", "totalelements", "totalhits", "totalrows",
    "totalsize", "recordcount", "recordstotal", "itemcount", "numfound", "odatacount", "count", "rowcount",
  ]

  private static let pageTotals: Set<String> = [
    "totalpages", "pagecount", "pagetotal", "lastpage", "numpages", "pages",
  ]

  private static let nexts: Set<String> = [
    "next", "nextlink", "odatanextlink", "nextpage", "nextpageurl", "nextpagetoken", "nextcursor", "nexttoken",
    "nexturl",
    "nexthref", "nextrecordsurl", "nextoffset", "hasmore", "hasnext", "hasnextpage", "morerecords", "moreresults",
    "istruncated", "exceededtransferlimit",
  ]
}
