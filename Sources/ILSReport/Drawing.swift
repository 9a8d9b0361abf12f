/// Pictures of figures, as SVG; each has its text beside it.
enum Drawing {
  /// One bar whose parts are shares of a whole.
  static func bar(_ parts: [(name: String, count: Int)], label: String) -> String {
    let whole = max(parts.reduce(0) { $0 + $1.count }, 1)
    var drawing = open(width: 1000, height: 40, label)
    var x = 0.0
    for part in parts where part.count > 0 {
      let width = max(Double(part.count) * 1000 / Double(whole), 3)
      drawing += "<rect class=\"\(part.name)\" x=\"\(short(x))\" y=\"0\" width=\"\(short(width))\" height=\"40\"/>"
      x += width
    }
    // Parts too thin to be seen are drawn wider than they are.
    return drawing.replacing("viewBox=\"0 0 1000 40\"", with: "viewBox=\"0 0 \(short(max(x, 1))) 40\"") + "</svg>\n"
  }

  /// Columns side by side.
  static func columns(_ counts: [Int], label: String) -> String {
    let most = max(counts.max() ?? 0, 1)
    var drawing = open(width: 1000, height: 160, label)
    let step = 1000 / Double(max(counts.count, 1))
    for (index, count) in counts.enumerated() where count > 0 {
      let height = max(Double(count) * 150 / Double(most), 2)
      drawing +=
        "<rect class=\"column\" x=\"\(short(Double(index) * step + step * 0.1))\" y=\"\(short(155 - height))\" "
        + "width=\"\(short(step * 0.8))\" height=\"\(short(height))\"/>"
    }
    return drawing + "<line class=\"axis\" x1=\"0\" y1=\"156\" x2=\"1000\" y2=\"156\"/></svg>\n"
  }

  private static func open(width: Int, height: Int, _ label: String) -> String {
    "<svg role=\"img\" aria-label=\"\(HTML.escape(label))\" viewBox=\"0 0 \(width) \(height)\" preserveAspectRatio=\"none\">"
  }

  /// Two decimals.
  private static func short(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return hundredths % 100 == 0 ? "\(hundredths / 100)" : "\(Double(hundredths) / 100)"
  }
}
