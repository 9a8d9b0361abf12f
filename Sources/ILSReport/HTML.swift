/// HTML as it is written: whatever came from data is escaped.
struct HTML {
  private(set) var text = ""

  /// Markup of ours.
  mutating func raw(_ markup: String) { text += markup }

  /// All that stands before what a page says.
  mutating func open(_ title: String) {
    raw(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
    element("title", title)
    raw("<style>\n\(StyleSheet.text)</style>\n</head>\n<body>\n<main>\n")
  }

  mutating func close() { raw("</main>\n</body>\n</html>") }

  mutating func element(_ name: String, _ content: String, _ attributes: String = "") {
    text += "<\(name)\(attributes.isEmpty ? "" : " " + attributes)>\(HTML.escape(content))</\(name)>\n"
  }

  /// A table; columns whose heading starts with # hold numbers.
  mutating func table(_ headings: [String], _ rows: [[String]], caption: String) {
    text += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(HTML.escape(caption))\"><table>\n"
    text += "<caption>\(HTML.escape(caption))</caption>\n<thead><tr>"
    for heading in headings {
      let isNumber = heading.hasPrefix("#")
      text +=
        "<th scope=\"col\"\(isNumber ? " class=\"number\"" : "")>\(HTML.escape(isNumber ? String(heading.dropFirst()) : heading))</th>"
    }
    text += "</tr></thead>\n<tbody>\n"
    for row in rows {
      text += "<tr>"
      for (heading, cell) in zip(headings, row) {
        text += "<td\(heading.hasPrefix("#") ? " class=\"number\"" : "")>\(HTML.escape(cell))</td>"
      }
      text += "</tr>\n"
    }
    text += "</tbody></table></div>\n"
  }

  /// Lines to sign on, for each signer.
  mutating func signatures(_ heading: String, _ statement: String, by signers: [String]) {
    raw("<section class=\"signing\">\n")
    element("h2", heading)
    element("p", statement)
    raw("<div class=\"signers\">\n")
    for signer in signers {
      raw("<div>\n")
      element("h3", signer)
      for line in ["Name", "Place", "Date", "Signature"] {
        raw("<p class=\"line\"><span>\(line)</span></p>\n")
      }
      raw("</div>\n")
    }
    raw("</div>\n</section>\n")
  }

  /// One bar of what became of rows, with its parts beside it, and the sentence that says the same.
  mutating func equation(_ counts: [(name: String, count: Int)], of whole: Int) {
    let shown = counts.filter { $0.count > 0 || $0.name == "inserted" }
    let words =
      "\(HTML.number(whole)) rows = " + shown.map { "\(HTML.number($0.count)) \($0.name)" }.joined(separator: " + ")
    raw("<figure>\n\(Drawing.bar(shown, label: words))<figcaption><ul class=\"legend\">\n")
    for part in shown {
      raw("<li><span class=\"key \(part.name)\"></span>")
      raw(
        "<strong>\(HTML.number(part.count))</strong> \(part.name) <small>\(HTML.share(part.count, of: whole))</small></li>\n"
      )
    }
    raw("</ul></figcaption></figure>\n")
    element("p", words + ".", "class=\"equation\"")
  }

  static func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\u{0}"..."\u{1F}", "\u{7F}": escaped += scalar == "\n" || scalar == "\t" ? " " : "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// `1,234,567`.
  static func number(_ value: Int) -> String {
    var digits = Array(String(value.magnitude))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return (value < 0 ? "-" : "") + String(digits)
  }

  /// `12.3 %`; nothing is called 0 or 100 % that is not.
  static func share(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "" }
    let tenths = part * 1000 / whole
    if part > 0, tenths == 0 { return "under 0.1 %" }
    if part == whole { return "100 %" }
    return "\(tenths / 10).\(tenths % 10) %"
  }
}
