import ILSRecord

/// What ils-verify found, as a page that is printed and signed.
public struct VerificationPage {
  private let title: String
  private let facts: [(name: String, value: String)]
  private let checks: [JSONValue]
  private let verdict: JSONValue
  private let made: String
  private var html = HTML()

  public var text: String { html.text }

  /// - Parameters:
  ///   - facts: what was compared with what.
  ///   - checks: the records of ils-verify: `check`, `about`, `kind`, `rows`, `source`, `database`, `verdict` ...
  ///   - verdict: the last of them.
  ///   - made: the day, as it is to be shown.
  public init(
    title: String, facts: [(name: String, value: String)], checks: [JSONValue], verdict: JSONValue, made: String
  ) {
    (self.title, self.facts, self.checks, self.verdict, self.made) = (title, facts, checks, verdict, made)
  }

  public mutating func write() {
    html.open(title)
    html.element("h1", title)
    html.element("p", lead, "class=\"lead\"")
    html.table(["What", "Value"], facts.map { [$0.name, $0.value] }, caption: "What was compared")
    records()
    fields()
    others("table", "The tables")
    others("jobs", "The jobs")
    html.signatures(
      "Signed", "I have looked at what this page says, and at the doubts that it names.",
      by: ["Verified by", "Accepted by"])
    html.close()
  }

  private var hasSource: Bool { checks.contains { $0["about"]?.string == "records" } }

  private var lead: String {
    let (faults, doubts) = (verdict["faults"]?.integer ?? 0, verdict["doubts"]?.integer ?? 0)
    let what =
      faults > 0
      ? "\(HTML.number(faults)) checks found faults, \(HTML.number(doubts)) found doubts."
      : doubts > 0
        ? "No check found a fault; \(HTML.number(doubts)) found something that a person should look at."
        : hasSource ? "Every record is there, unchanged, and the tables are sound." : "The tables are sound."
    return "Made on \(made). \(what)"
  }

  // MARK: - Sections

  private func of(_ about: String) -> [JSONValue] { checks.filter { $0["about"]?.string == about } }

  private static func text(_ value: JSONValue?) -> String {
    switch value {
    case .number(let text): Int(text).map(HTML.number) ?? text
    case .string(let text): text
    default: ""
    }
  }

  private static func word(_ check: JSONValue) -> String {
    check["kind"]?.string == "count" ? "" : check["verdict"]?.string ?? ""
  }

  /// Some of what a check found.
  private static func such(_ check: JSONValue) -> String {
    guard check["rows"]?.integer ?? 0 > 0 else { return "" }
    return (check["records"] ?? check["ids"])?.array?.compactMap(\.string).joined(separator: ", ") ?? ""
  }

  private mutating func records() {
    guard hasSource else { return }
    html.element("h2", "The records")
    html.table(
      ["Check", "#Found", "#Source", "#Database", "#Difference", "Verdict", "Such as"],
      of("records").map { check in
        [Self.text(check["check"])] + ["rows", "source", "database", "difference"].map { Self.text(check[$0]) }
          + [Self.word(check), Self.such(check)]
      }, caption: "Records of the source, and the rows that they came to")
  }

  private mutating func fields() {
    var names: [String] = []
    for name in of("field").compactMap({ $0["field"]?.string }) where !names.contains(name) { names.append(name) }
    guard !names.isEmpty else { return }
    html.element("h2", "The fields")
    html.table(
      ["Field", "Verdict", "#Differ", "#Other", "#Filled", "#in table", "#Distinct", "#in table", "Sum, ends"],
      names.map(row), caption: "Each field in the source, and in the rows of the table that the records came to")
    html.element(
      "p",
      "Other: values that later jobs changed, that differ in rows which no job wrote last or another source made, that a trigger may have changed, or which no record has.",
      "class=\"note\"")
    let found = of("field").filter { $0["verdict"]?.string != "ok" && !Self.such($0).isEmpty }
    guard !found.isEmpty else { return }
    html.table(
      ["Field", "What", "#Records", "Such as"],
      found.map { [Self.text($0["field"]), Self.text($0["check"]), Self.text($0["rows"]), Self.such($0)] },
      caption: "Where they are not the same")
  }

  private func row(_ name: String) -> [String] {
    let own = of("field").filter { $0["field"]?.string == name }
    func check(_ name: String) -> JSONValue? { own.first { $0["check"]?.string == name } }
    let (filled, distinct, differ) = (check("filled"), check("distinct values"), check("values that differ"))
    let others = own.filter { $0["records"] != nil && $0["kind"]?.string == "doubt" }
    let ends = ["sum", "first value", "last value"].compactMap { check($0) }
    let agree = ends.isEmpty ? "" : ends.allSatisfy { $0["verdict"]?.string == "ok" } ? "the same" : "not the same"
    let verdicts = own.compactMap { $0["verdict"]?.string }
    return [
      name, ["fault", "doubt"].first { verdicts.contains($0) } ?? "ok", Self.text(differ?["rows"]),
      HTML.number(others.reduce(0) { $0 + ($1["rows"]?.integer ?? 0) }), Self.text(filled?["source"]),
      Self.text(filled?["database"]), Self.text(distinct?["source"]), Self.text(distinct?["database"]), agree,
    ]
  }

  private mutating func others(_ about: String, _ heading: String) {
    let own = of(about)
    guard !own.isEmpty else { return }
    html.element("h2", heading)
    html.table(
      ["Check", "#Found", "Verdict", "Such as"],
      own.map { [Self.text($0["check"]), Self.text($0["rows"]), Self.word($0), Self.such($0)] }, caption: heading)
  }
}
