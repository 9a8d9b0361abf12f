import ILSRecord

/// One part of a pressure within the eye, in mmHg: `16`, `16 mmHg GAT at 10:30`, or of both eyes' `R 16 L 15 NCT`, `16/15`.
struct IntraocularPressure: Transform {
  enum Part: String, CaseIterable, Sendable { case pressure, method, time }

  let part: Part
  /// Whose pressure it is where the field has both; nil where it has one.
  let eye: EyeText.Eye?

  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let text = try run.loadTrimmed(value) else { return }
    guard let read = Self.read(text.lowercased(), eye) else {
      throw RecordError(
        .pressureUnreadable,
        "not the pressure of \(eye == nil ? "one eye, such as 16 or 16 mmHg GAT" : "both eyes, such as R 16 L 15 or 16/15 NCT")"
      )
    }
    switch part {
    case .pressure: if let size = read.size { run.becomeJSON(Array(size.utf8)) } else { run.form = .null }
    case .method: take(read.method, &run)
    case .time: take(read.time, &run)
    }
  }

  private func take(_ text: String?, _ run: inout TransformRun) {
    if let text { run.become(text) } else { run.form = .null }
  }

  private static let methods: [[String]: String] = [
    ["gat"]: "Goldmann", ["goldmann"]: "Goldmann", ["nct"]: "non-contact", ["non", "contact"]: "non-contact",
    ["puff"]: "non-contact", ["air", "puff"]: "non-contact", ["icare"]: "rebound", ["rebound"]: "rebound",
    ["perkins"]: "Perkins", ["tonopen"]: "Tono-Pen", ["tono", "pen"]: "Tono-Pen",
  ]

  /// What is said of one eye, or of how both were measured.
  private struct Reading {
    var size: String?
    var method: String?
    var time: String?
  }

  private static func read(_ text: String, _ eye: EyeText.Eye?) -> Reading? {
    var text = text
    if text.hasPrefix("iop") { text.removeFirst(text.hasPrefix("iops") ? 4 : 3) }
    while let first = text.first, first == ":" || first.isWhitespace { text.removeFirst() }
    guard let eye else {
      let one = reading(text)
      return one?.size == nil ? nil : one
    }
    if let both = EyeText(text) { return named(both, eye) }
    // The right eye's is written first; a second number of the same eye has no place here.
    let sides = text.split(separator: "/", omittingEmptySubsequences: false)
    guard sides.count == 2, let right = reading(String(sides[0])), let left = reading(String(sides[1])),
      right.size != nil, left.size != nil, right.method == nil, right.time == nil
    else { return nil }
    return Reading(size: eye == .right ? right.size : left.size, method: left.method, time: left.time)
  }

  /// How both were measured stands behind the last, unless each has it.
  private static func named(_ both: EyeText, _ eye: EyeText.Eye) -> Reading? {
    let all = EyeText.Eye.allCases.map { both[$0].map { reading($0) } }
    guard all.allSatisfy({ $0.map { $0?.size != nil } ?? true }) else { return nil }
    let last = (both.last == .right ? all[0] : all[1]) ?? nil
    let first = (both.last == .right ? all[1] : all[0]) ?? nil
    if let first, first.method != nil || first.time != nil, first.method == nil || last?.method == nil { return nil }
    guard var own = (eye == .right ? all[0] : all[1]) ?? nil else { return Reading() }
    if first?.method == nil, first?.time == nil { (own.method, own.time) = (last?.method, last?.time) }
    return own
  }

  /// Nil where anything is left over, or two of a kind stand there.
  private static func reading(_ text: String) -> Reading? {
    var reading = Reading()
    var words = text.split { $0.isWhitespace || "();".contains($0) }.flatMap(parted)[...]
    while let word = words.popFirst() {
      if let size = size(word) {
        guard reading.size == nil else { return nil }
        reading.size = size
        if words.first == "mmhg" { words.removeFirst() }
      } else if let (method, length) = method(word, words.first) {
        guard reading.method == nil else { return nil }
        reading.method = method
        words.removeFirst(length - 1)
      } else {
        let isNamed = word == "at" || word == "@"
        guard let time = time(isNamed ? words.popFirst() ?? "" : word), reading.time == nil else { return nil }
        reading.time = time
      }
    }
    return reading
  }

  /// A unit, the sign for a time and the words of a name, apart from what they stand beside.
  private static func parted(_ word: Substring) -> [String] {
    if word.hasPrefix("@"), word.count > 1 { return ["@"] + parted(word.dropFirst()) }
    if word.hasSuffix("mmhg"), word.count > 4 { return [String(word.dropLast(4)), "mmhg"] }
    // A hyphen within a name, and no sign of a number.
    if !word.contains(where: \.isNumber) { return word.split(separator: "-").map(String.init) }
    return [String(word)]
  }

  private static func method(_ word: String, _ next: String?) -> (String, Int)? {
    if let next, let method = methods[[word, next]] { return (method, 2) }
    return methods[[word]].map { ($0, 1) }
  }

  /// A number of 1 to 80 with one decimal at most, as it was written.
  private static func size(_ word: String) -> String? {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }),
      parts[0].count <= 2, parts.count == 1 || parts[1].count == 1, let whole = Int(parts[0]), (1...80).contains(whole)
    else { return nil }
    return ([String(whole)] + parts.dropFirst().map(String.init)).joined(separator: ".")
  }

  /// Hours and minutes by a clock of 24 hours: 2:30 may be in the afternoon, and is for a person to read.
  private static func time(_ word: String) -> String? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return word
  }
}

extension NamedTransform {
  static let intraocularPressure = NamedTransform(
    "intraocular_pressure",
    [
      .init("part", .choice(IntraocularPressure.Part.allCases.map(\.rawValue)), isRequired: true),
      .init("eye", .choice(EyeText.Eye.allCases.map(\.rawValue))),
    ],
    isIdempotent: false,
    examples: of(
      #""part":"pressure""#,
      [
        ("16", "16"), ("16 mmHg", "16"), ("IOP: 16mmHg", "16"), ("16.5", "16.5"), ("09", "9"), ("16 GAT", "16"),
        ("NCT 16", "16"), ("16 (air puff) at 10:30", "16"), (" ", "null"), ("80", "80"),
        ("0", "pressure.unreadable"), ("81", "pressure.unreadable"), ("160", "pressure.unreadable"),
        ("16/15", "pressure.unreadable"), ("16 15", "pressure.unreadable"), ("15,16,15", "pressure.unreadable"),
        (">21", "pressure.unreadable"), ("16+", "pressure.unreadable"), ("16.25", "pressure.unreadable"),
        ("R 16 L 15", "pressure.unreadable"), ("GAT", "pressure.unreadable"), ("16 kPa", "pressure.unreadable"),
        ("16 GAT NCT", "pressure.unreadable"), ("16 2:30", "pressure.unreadable"), ("-16", "pressure.unreadable"),
        ("n/a", "pressure.unreadable"), ("16 at", "pressure.unreadable"), ("16 mmHg mmHg", "pressure.unreadable"),
      ])
      + of(
        #""part":"method""#,
        [
          ("16", "null"), ("16 GAT", "Goldmann"), ("Goldmann 16", "Goldmann"), ("16 NCT", "non-contact"),
          ("16 non-contact", "non-contact"), ("16 (Air Puff)", "non-contact"), ("16 iCare", "rebound"),
          ("16 Tono-Pen", "Tono-Pen"), ("16 Perkins", "Perkins"), ("16 ORA", "pressure.unreadable"),
        ])
      + of(
        #""part":"time""#,
        [("16 @10:30", "10:30"), ("16 GAT at 14:05", "14:05"), ("16", "null"), ("16 at 24:00", "pressure.unreadable")])
      + of(
        #""part":"pressure","eye":"right""#,
        [
          ("16/15", "16"), ("R 16 L 15", "16"), ("L: 15, R: 16 mmHg", "16"), ("OD 16 OS 15 GAT", "16"),
          ("L 15", "null"),
          ("16 / 15 NCT 10:30", "16"), ("16", "pressure.unreadable"), ("16/", "pressure.unreadable"),
          ("16/15/14", "pressure.unreadable"), ("R 16 15 L 14", "pressure.unreadable"),
          ("R 16 GAT L 15", "pressure.unreadable"), ("16 GAT/15", "pressure.unreadable"),
        ])
      + of(
        #""part":"pressure","eye":"left""#,
        [
          ("16/15", "15"), ("R 16 L 15", "15"), ("OS 15 OD 16", "15"), ("R 16", "null"),
          ("OU 16", "pressure.unreadable"),
        ])
      + of(
        #""part":"method","eye":"right""#,
        [
          ("R 16 L 15 GAT", "Goldmann"), ("R 16 GAT L 15 NCT", "Goldmann"), ("16/15 NCT", "non-contact"),
          ("L 15 GAT", "null"), ("16/15", "null"),
        ])
      + of(#""part":"time","eye":"left""#, [("R 16 L 15 GAT 10:30", "10:30")])
  ) { options in
    [
      IntraocularPressure(
        part: options.text("part").flatMap { IntraocularPressure.Part(rawValue: $0) } ?? .pressure,
        eye: options.text("eye").flatMap { EyeText.Eye(rawValue: $0) })
    ]
  }
}
