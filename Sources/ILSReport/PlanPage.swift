import ILSRecord

/// A plan of ils-migrate as a page that somebody approves and signs.
public struct PlanPage {
  /// What a plan says.
  public struct Plan {
    /// The command line behind the verb.
    public var arguments: [String] = []
    /// What decides the outcome: its role, name and SHA-256.
    public var inputs: [(role: String, path: String, sha256: String)] = []
    /// Which database it is for.
    public var database = ""
    /// The target table's shape, as a SHA-256.
    public var target = ""
    /// The equation of the rehearsal.
    public var counts: [(name: String, count: Int)] = []
    public var seconds = 0
    /// What has changed since an earlier plan was applied.
    public var changes: [String] = []
    /// What was assumed and warned of.
    public var notes: [String] = []
    /// Why records are refused.
    public var refused: [String] = []
    public var made = ""
    public var tool = ""
    /// The plan's own SHA-256.
    public var digest = ""

    public init() {}
  }

  private let plan: Plan
  private let title: String
  private let file: String
  private var html = HTML()

  public var text: String { html.text }

  public init(_ plan: Plan, title: String?, file: String) {
    (self.plan, self.file) = (plan, file)
    self.title = title ?? "Plan to migrate \(plan.arguments.first ?? "records")"
  }

  public mutating func write() {
    html.open(title)
    html.element("h1", title)
    html.element("p", "Made on \(plan.made) by \(plan.tool). \(lead)", "class=\"lead\"")
    html.element("h2", "What will become of the rows")
    let whole = plan.counts.first { $0.name == "rows" }?.count ?? 0
    html.equation(plan.counts.filter { Page.parts.contains($0.name) }, of: whole)
    html.element("p", "The rehearsal took \(max(plan.seconds, 1)) s; so will the load, about.", "class=\"note\"")
    if !plan.changes.isEmpty { list("What has changed since the plan before", plan.changes, none: "") }
    list("What was assumed, and what was warned of", plan.notes, none: "Nothing.")
    list("What is refused, and why", plan.refused, none: "No record.")
    inputs()
    html.element("h2", "What was asked")
    html.element("p", "ils-migrate \(plan.arguments.joined(separator: " "))", "class=\"equation\"")
    html.element(
      "p",
      "ils-migrate apply \(file) does this and nothing else: where a file, the table or the outcome is another by then, it stops, and nothing is loaded.",
      "class=\"note\"")
    html.signatures(
      "Approved", "The plan whose SHA-256 is \(plan.digest) may be applied.", by: ["Planned by", "Approved by"])
    html.close()
  }

  private var lead: String {
    let refused = plan.counts.reduce(0) { $0 + (["failed", "rejected"].contains($1.name) ? $1.count : 0) }
    let told = refused == 0 ? "No record is" : refused == 1 ? "One record is" : "\(HTML.number(refused)) records are"
    return "Nothing was loaded. \(told) refused."
  }

  private mutating func list(_ heading: String, _ lines: [String], none: String) {
    html.element("h2", heading)
    if lines.isEmpty { return html.element("p", none) }
    html.raw("<ul>\n")
    for line in lines { html.element("li", String(line.drop { $0 == " " })) }
    html.raw("</ul>\n")
  }

  private mutating func inputs() {
    html.element("h2", "What it rests on")
    html.element(
      "p", "What decides the outcome, files by their SHA-256: none of it may be another when the plan is applied.")
    html.raw("<dl>\n")
    for input in plan.inputs + [("the database", "", plan.database), ("the table's shape", "", plan.target)] {
      html.element("dt", "\(input.role) \(input.path)")
      html.element("dd", input.sha256)
    }
    html.raw("</dl>\n")
  }
}
