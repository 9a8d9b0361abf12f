import ILSRecord
import ILSValidation

/// The report: sections in the order in which a person asks for them.
struct Page {
  private let figures: Figures
  private let title: String
  private let made: String
  /// What codes mean, and how they are mended.
  private let known: [String: FaultCode]
  private(set) var html = HTML()

  init(_ figures: Figures, title: String?, made: String, codes: [FaultCode]) {
    self.figures = figures
    known = Dictionary(codes.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
    let names = figures.jobs.compactMap { job in
      job["entity"]?.string.map { entity in "\(entity)\(job["source"]?.string.map { " from \($0)" } ?? "")" }
    }
    self.title = title ?? (names.count == 1 ? "Migration of \(names[0])" : "Migration report")
    self.made = made
  }

  mutating func write() {
    html.open(title)
    html.element("h1", title)
    html.element("p", "Made on \(made). \(verdict)", "class=\"lead\"")
    equation()
    faults()
    mending()
    positions()
    profile()
    speeds()
    jobs()
    html.close()
  }

  private var verdict: String {
    figures.refused == 0 ? "No record was refused." : "\(HTML.number(figures.refused)) records were refused."
  }

  // MARK: - The equation

  static let parts = ["inserted", "updated", "skipped", "parked", "failed", "rejected", "dropped"]

  private mutating func equation() {
    var counts: [(name: String, count: Int)] = []
    let loads = figures.jobs.filter { $0["kind"]?.string == "load" && $0["equation"] != nil }
    if !loads.isEmpty {
      counts = Self.parts.map { part in (part, loads.reduce(0) { $0 + ($1["equation"]?[part]?.integer ?? 0) }) }
    } else if let rows = figures.rows {
      counts = [("valid", max(rows - figures.refused, 0)), ("rejected", figures.refused)]
    } else {
      return
    }
    let whole = figures.rows ?? counts.reduce(0) { $0 + $1.count }
    html.element("h2", "Where every row went")
    html.equation(counts, of: whole)
    let sum = counts.reduce(0) { $0 + $1.count }
    if sum != whole {
      html.element(
        "p",
        "\(HTML.number(abs(whole - sum))) rows are not accounted for: load with --manifest, and name every file of rejects.",
        "class=\"wrong\"")
    }
  }

  // MARK: - Faults

  private var sortedFaults: [Figures.Fault] {
    figures.faults.values.sorted { ($1.count, $0.code, $0.field ?? "") < ($0.count, $1.code, $1.field ?? "") }
  }

  private mutating func faults() {
    let faults = sortedFaults
    guard !faults.isEmpty else { return }
    html.element("h2", "What was refused, and why")
    let base = figures.rows ?? figures.summaries.reduce(0) { $0 + ($1["records"]?.integer ?? 0) }
    let hasValues = faults.contains { !$0.values.isEmpty }
    let rows = faults.prefix(200).map { fault in
      [
        fault.field ?? "the record", fault.message.isEmpty ? meaning(fault.code) : fault.message, fault.code,
        String(fault.stage.dropFirst(fault.stage.hasPrefix("ils-") ? 4 : 0)), HTML.number(fault.count),
        HTML.share(fault.count, of: base), fault.rows.joined(separator: ", "),
      ] + (hasValues ? [fault.values.joined(separator: ", ")] : [])
    }
    html.table(
      ["Field", "What is wrong", "Code", "Stage", "#Records", "#Share", "Rows, such as"]
        + (hasValues ? ["Values"] : []),
      Array(rows), caption: "Faults by field and code, the most frequent first")
    html.element("p", "A record may have several faults.", "class=\"note\"")
    if faults.count > 200 || figures.isCut { html.element("p", "Rarer ones are left out here.", "class=\"note\"") }
  }

  private func meaning(_ code: String) -> String { known[code]?.meaning ?? code }

  private func mending(_ code: String) -> String? {
    if FaultCode.isOfIdentity(code) {
      return
        "Two records share a key, and the message says what else agrees: keep one of the two, or mend the wrong one, "
        + "or say with \"_is\": \"new\" that it is another."
    }
    return known[code]?.mending
  }

  private mutating func mending() {
    var seen: Set<String> = []
    let codes = sortedFaults.map(\.code).filter { seen.insert($0).inserted && mending($0) != nil }
    guard !codes.isEmpty else { return }
    html.element("h2", "What to do next")
    html.raw("<dl>\n")
    for code in codes.prefix(40) {
      html.element("dt", code)
      html.element("dd", mending(code) ?? "")
    }
    html.raw("</dl>\n")
    html.raw(
      "<p class=\"note\">Mended records go in again: <code>jq -c .record FILE | ils-validate … | ils-load …</code></p>\n"
    )
  }

  // MARK: - Pictures

  private mutating func positions() {
    let histogram = figures.positions
    guard !histogram.isEmpty else { return }
    html.element("h2", "Where in the file")
    var bins = histogram.bins
    if let rows = figures.rows, figures.manifests.count <= 1, figures.jobs.count <= 1 {
      let last = min(max(rows / histogram.width + 1, bins.count), Histogram.limit)
      bins += Array(repeating: 0, count: last - bins.count)
    }
    let most = bins.indices.max { bins[$0] < bins[$1] } ?? 0
    let range =
      histogram.width == 1
      ? "row \(most)"
      : "rows \(HTML.number(most * histogram.width)) to \(HTML.number((most + 1) * histogram.width - 1))"
    let words = "Refused records by row. Most of them, \(HTML.number(bins[most])), are in \(range)."
    html.raw("<figure>\n\(Drawing.columns(bins, label: words))")
    html.raw(
      "<div class=\"ends\"><span>row 1</span><span>row \(HTML.number(bins.count * histogram.width))</span></div>")
    html.raw("<figcaption>\(HTML.escape(words))</figcaption></figure>\n")
    html.raw("<details><summary>The same as a table</summary>\n")
    html.table(
      ["Rows", "#Refused"],
      bins.indices.filter { bins[$0] > 0 }.map { bin in
        [
          histogram.width == 1
            ? "\(bin)" : "\(HTML.number(bin * histogram.width)) to \(HTML.number((bin + 1) * histogram.width - 1))",
          HTML.number(bins[bin]),
        ]
      }, caption: "Refused records by row")
    html.raw("</details>\n")
  }

  private mutating func profile() {
    let profile = figures.profile
    guard profile.count > 0 else { return }
    html.element("h2", "The records")
    html.element("p", "\(HTML.number(profile.count)) records were looked at.")
    births(profile)
    html.element("h3", "How full the fields are")
    bars(
      profile.fields.map { field in
        let filled = profile.filled[field] ?? 0
        return (field, filled, HTML.share(filled, of: profile.count))
      }, of: profile.count)
  }

  /// A list of bars, each a share of `whole`, with the words for it beside.
  private mutating func bars(_ rows: [(name: String, count: Int, words: String)], of whole: Int) {
    html.raw("<ul class=\"fill\">\n")
    for (name, count, words) in rows {
      html.raw("<li><span class=\"name\">\(HTML.escape(name))</span><span class=\"meter\">")
      html.raw(Drawing.bar([("filled", count), ("empty", whole - count)], label: "\(name): \(words)"))
      html.raw("</span><span class=\"number\">\(words)</span></li>\n")
    }
    html.raw("</ul>\n")
  }

  private mutating func births(_ profile: RecordProfile) {
    guard let first = profile.births.keys.min(), let last = profile.births.keys.max() else { return }
    let decades = (first / 10)...(last / 10)
    let counts = decades.map { decade in
      profile.births.filter { $0.key / 10 == decade }.reduce(0) { $0 + $1.value }
    }
    let year = Int(made.prefix(4)) ?? last
    let known = profile.births.values.reduce(0, +)
    var passed = 0
    let median =
      profile.births.keys.sorted().first { year in
        passed += profile.births[year] ?? 0
        return passed * 2 >= known
      } ?? last
    let words =
      "Born from \(first) to \(last): \(max(year - last, 0)) to \(year - first) years old, half of them under \(year - median + 1)."
    html.raw("<h3>Birth dates</h3>\n<figure>\n\(Drawing.columns(counts, label: words))")
    html.raw("<div class=\"ends\"><span>\(first / 10)0s</span><span>\(last / 10)0s</span></div>")
    html.raw("<figcaption>\(HTML.escape(words))</figcaption></figure>\n")
  }

  /// How long each stage was at work; the others wait for the slowest.
  private mutating func speeds() {
    let stages = figures.speeds.sorted { $0.value.perSecond < $1.value.perSecond }
    guard stages.count > 1, let slowest = stages.first else { return }
    html.element("h2", "Speed")
    html.element(
      "p",
      "The stages run side by side, at the pace of the slowest: \(slowest.key), the last to come to its end with "
        + "\(HTML.number(slowest.value.perSecond)) records a second.")
    bars(
      stages.map { ($0.key, $0.value.perSecond, "\(HTML.number($0.value.perSecond))/s") },
      of: stages.map(\.value.perSecond).max() ?? 1)
    html.table(
      ["Stage", "#Records", "#Records a second"],
      stages.map { [$0.key, HTML.number($0.value.records), HTML.number($0.value.perSecond)] },
      caption: "Speed of the stages")
  }

  // MARK: - Jobs

  private mutating func jobs() {
    guard !figures.jobs.isEmpty else { return }
    html.element("h2", "Jobs")
    let rows = figures.jobs.map { job in
      let progress = job["progress"]
      return [
        job["job"]?.string ?? "", job["kind"]?.string ?? "", job["entity"]?.string ?? "", job["source"]?.string ?? "",
        job["status"]?.string ?? "", String((job["startedAt"]?.string ?? "").prefix(19)).replacing("T", with: " "),
        HTML.number(progress?["successful"]?.integer ?? 0), HTML.number(progress?["failed"]?.integer ?? 0),
      ]
    }
    html.table(
      ["Job", "Kind", "Entity", "Source", "Status", "Begun", "#Loaded", "#Failed"], rows,
      caption: "Jobs, as they were recorded")
    for job in figures.jobs {
      guard let head = job["auditHead"]?.string else { continue }
      html.raw("<p class=\"note\">Keep the head of the audit trail elsewhere: <code>\(HTML.escape(head))</code></p>\n")
    }
    if !figures.outcomes.isEmpty {
      let told = figures.outcomes.sorted { $0.key < $1.key }.map { "\(HTML.number($0.value)) \($0.key)" }
      html.element("p", "Outcomes that were told one by one: \(told.joined(separator: ", ")).", "class=\"note\"")
    }
  }
}
