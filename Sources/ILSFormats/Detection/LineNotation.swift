/// Text whose lines are no rows of a table, though nothing but how they are written shows it: settings, letters, logs, drawn tables.
///
/// All of the first lines have to be so, or a line that tables never have. Where one is missing, the text is read as a table.
enum LineNotation: CaseIterable {
  case drawnTable, message, settings, keyedLines, typesetting, markup, log, letter

  /// nil where `sample` looks like none of them.
  init?(_ sample: UnsafeRawBufferPointer) {
    let lines = LineNotation.lines(sample)
    guard let found = LineNotation.allCases.first(where: { $0.fits(lines, sample) }) else { return nil }
    self = found
  }

  /// As in `this is ..., not a table`, and what its user does about it.
  var description: (name: String, advice: String) {
    let export = "export a table as CSV or .xlsx from the program that made it"
    return switch self {
    case .drawnTable:
      ("text drawn as a table (psql, MySQL, Markdown)", "export it as CSV (psql --csv, mysql --batch)")
    case .message: ("an e-mail message", "save what is attached to it, and read that")
    case .settings: ("a file of settings (INI, TOML)", export)
    case .keyedLines:
      ("text in which each line names its value (YAML, LDIF)", "convert it first (yq -o json), or " + export)
    case .typesetting: ("text for TeX", export)
    case .markup: ("XML", export)
    case .log: ("a log", export)
    case .letter: ("text in sentences", export)
    }
  }

  /// The first lines that hold something, without their ends and the spaces around them; the last of a full sample may be cut.
  private static func lines(_ sample: UnsafeRawBufferPointer) -> [String] {
    let head = sample.prefix(8192)
    var lines = head.split(omittingEmptySubsequences: true) { $0 == 0x0A || $0 == 0x0D }.prefix(60)
    if head.count < sample.count, lines.count > 1 { lines.removeLast() }
    return lines.lazy.map { String(decoding: $0, as: UTF8.self).trimmed }.filter { !$0.isEmpty }
  }

  private func fits(_ lines: [String], _ sample: UnsafeRawBufferPointer) -> Bool {
    guard let first = lines.first else { return false }
    switch self {
    case .drawnTable:
      return lines.prefix(6).contains(where: LineNotation.isDrawing) && lines.count { $0.contains("|") } > 1
    case .message: return lines.count > 2 && LineNotation.isHeading(first) && lines[1].key != nil
    case .settings: return LineNotation.areSettings(lines)
    case .keyedLines: return LineNotation.areKeyed(lines)
    case .typesetting: return first.hasPrefix("\\documentclass") || first.hasPrefix("\\begin{")
    case .markup: return LineNotation.isMarkup(first, sample)
    case .log: return lines.count > 1 && lines.allSatisfy(LineNotation.isLogged)
    case .letter: return LineNotation.isLetter(lines)
    }
  }

  /// `+----+----+`, `---+---` or `|---|---|`: what stands between the names and the rows of a table that is drawn.
  private static func isDrawing(_ line: String) -> Bool {
    line.contains("--") && (line.contains("+") || line.hasPrefix("|"))
      && line.utf8.allSatisfy { [0x2B, 0x2D, 0x7C, 0x3A, 0x20, 0x3D].contains($0) }
  }

  private static func isHeading(_ line: String) -> Bool {
    ["From", "To", "Subject", "Date", "Received", "Return-Path", "Delivered-To", "MIME-Version", "Message-ID"]
      .contains { $0 == line.key }
  }

  /// Sections in brackets, and lines such as `key = value`.
  private static func areSettings(_ lines: [String]) -> Bool {
    let meant = lines.filter { !$0.hasPrefix("#") && !$0.hasPrefix(";") }
    let isSection: (String) -> Bool = { $0.hasPrefix("[") && $0.hasSuffix("]") && !$0.contains(",") }
    let isSetting: (String) -> Bool = { line in
      line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).first.map { key in
        key.count < line.count && String(key).trimmed.isWord
      } ?? false
    }
    return meant.contains(where: isSection) && meant.contains(where: isSetting)
      && meant.allSatisfy { isSection($0) || isSetting($0) }
  }

  /// `key: value` and `- item`, in each line.
  private static func areKeyed(_ lines: [String]) -> Bool {
    let meant = lines.filter { !$0.hasPrefix("#") && $0 != "---" && $0 != "..." }
    guard meant.count > 1 || lines.first?.hasPrefix("%YAML") == true else { return false }
    return meant.contains { $0.key != nil }
      && meant.allSatisfy { line in line.key != nil || (line.hasPrefix("- ") && line.count > 2) }
  }

  private static func isMarkup(_ first: String, _ sample: UnsafeRawBufferPointer) -> Bool {
    guard first.hasPrefix("<"), let letter = first.utf8.dropFirst().first, letter | 0x20 >= 0x61, letter | 0x20 <= 0x7A
    else { return false }
    let text = String(decoding: sample.prefix(8192), as: UTF8.self)
    return text.contains("</") || text.contains("/>")
  }

  /// A day, a time, and behind them a word that says how grave it is.
  private static func isLogged(_ line: String) -> Bool {
    let bare = line.drop { $0 == "[" }
    let (day, rest) = (bare.prefix(10), bare.dropFirst(11))
    guard day.utf8.count(where: { $0 == 0x2D || $0 == 0x2F }) == 2, day.first?.isNumber == true else { return false }
    let words = rest.split { " []".contains($0) }.prefix(4)
    return words.first?.contains(":") == true
      && words.dropFirst().contains { word in
        ["INFO", "WARN", "WARNING", "ERROR", "DEBUG", "TRACE", "FATAL", "NOTICE"].contains { word.hasPrefix($0) }
      }
  }

  /// Lines that end as sentences do, and no sign in them that might separate cells alike in all.
  private static func isLetter(_ lines: [String]) -> Bool {
    let ends: (String) -> Bool = { ",.!?:".contains($0.last ?? " ") }
    guard lines.count > 2, ends(lines[0]), lines.count(where: ends) * 10 >= lines.count * 6,
      lines.contains(where: { line in line.split { $0 == " " }.count >= 6 && !line.contains("\"") }),
      !lines.contains(where: { line in line.contains { "\t;|".contains($0) } })
    else { return false }
    return Set(lines.map { line in line.utf8.count { $0 == 0x2C } }).count > 1
  }
}

extension String {
  fileprivate var trimmed: String {
    var body = utf8[...]
    while let first = body.first {
      if first == 0x20 || first == 0x09 {
        body.removeFirst()
      } else if body.starts(with: [0xEF, 0xBB, 0xBF]) {
        body.removeFirst(3)
      } else {
        break
      }
    }
    while let last = body.last, last == 0x20 || last == 0x09 { body.removeLast() }
    return String(Substring(body))
  }

  /// Letters, digits and what joins them, the first a letter.
  fileprivate var isWord: Bool {
    guard let first = first, first.isLetter || first == "_" else { return false }
    return allSatisfy { $0.isLetter || $0.isNumber || "_-. ".contains($0) }
  }

  /// What stands in front of a colon that a space or the end follows, if it is a short name.
  fileprivate var key: String? {
    let line = hasPrefix("- ") ? String(dropFirst(2)) : self
    guard let colon = line.firstIndex(of: ":"), line.distance(from: line.startIndex, to: colon) <= 40 else {
      return nil
    }
    let name = String(line[..<colon])
    let rest = line[line.index(after: colon)...].drop { $0 == ":" }
    return name.isWord && (rest.isEmpty || rest.first == " ") ? name : nil
  }
}
