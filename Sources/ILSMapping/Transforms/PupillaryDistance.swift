import ILSRecord

/// One part of a pupillary distance in millimetres: `63`, `31.5/31.5` (right and left), `63/60` (far and near).
struct PupillaryDistance: Transform {
  enum Part: String, CaseIterable, Sendable { case binocular, right, left, near }

  let part: Part

  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let text = try run.loadTrimmed(value) else { return }
    guard let distance = Self.read(text.lowercased()) else {
      throw RecordError(
        .distanceUnreadable, "not a pupillary distance in millimetres, such as 63, 31.5/31.5 or 63/60")
    }
    let tenths =
      switch part {
      case .binocular: distance.binocular
      case .right: distance.right
      case .left: distance.left
      case .near: distance.near
      }
    guard let tenths else {
      run.form = .null
      return
    }
    run.becomeJSON(Array((tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)").utf8))
  }

  /// In tenths of a millimetre; nil for what is not told. Half of both eyes' distance is nobody's own.
  private typealias Distance = (binocular: Int?, right: Int?, left: Int?, near: Int?)

  /// From the middle of the nose to one pupil, and from one pupil to the other.
  private static let monocular = 200...420
  private static let binocular = 430...820

  private static func read(_ text: String) -> Distance? {
    var words = text
    for sign in ["pd", ":"] where words.hasPrefix(sign) { words.removeFirst(sign.count) }
    if words.hasSuffix("mm") { words.removeLast(2) }
    let parts = words.split(separator: "/", omittingEmptySubsequences: false).map { tenths(String($0)) }
    if parts.count == 1, let both = parts[0], binocular.contains(both) { return (both, nil, nil, nil) }
    guard parts.count == 2, let first = parts[0], let second = parts[1] else { return nil }
    if monocular.contains(first), monocular.contains(second) { return (first + second, first, second, nil) }
    // Eyes turn inwards to read: by 2 to 6 mm.
    guard binocular.contains(first), binocular.contains(second), second < first, first - second <= 80 else {
      return nil
    }
    return (first, nil, nil, second)
  }

  /// A number with one decimal at most, or with zeros behind it.
  private static func tenths(_ text: String) -> Int? {
    let digits = text.filter { !$0.isWhitespace }.split(
      separator: text.contains(",") ? "," : ".", omittingEmptySubsequences: false)
    guard let whole = digits.first, digits.count <= 2, (1...3).contains(whole.utf8.count),
      digits.allSatisfy({ $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }), let size = Int(whole)
    else { return nil }
    guard digits.count == 2 else { return size * 10 }
    guard let tenth = digits[1].first?.wholeNumberValue, digits[1].dropFirst().allSatisfy({ $0 == "0" }) else {
      return nil
    }
    return size * 10 + tenth
  }
}

extension NamedTransform {
  static let pupillaryDistance = NamedTransform(
    "pupillary_distance", [.init("part", .choice(PupillaryDistance.Part.allCases.map(\.rawValue)), isRequired: true)],
    isIdempotent: false,
    examples: of(
      #""part":"binocular""#,
      [
        ("63", "63"), ("PD 63 mm", "63"), ("31.5/31.5", "63"), ("31,5 / 32", "63.5"), ("63/60", "63"),
        ("63.50", "63.5"),
        ("31.5", "distance.unreadable"), ("31.25/31.25", "distance.unreadable"), ("630", "distance.unreadable"),
        ("60/63", "distance.unreadable"), ("63/30", "distance.unreadable"), ("x", "distance.unreadable"), (" ", "null"),
        ("31.5/31.5/60", "distance.unreadable"), ("63-60", "distance.unreadable"),
      ])
      + of(#""part":"right""#, [("31.5/32", "31.5"), ("63", "null"), ("63/60", "null")])
      + of(#""part":"left""#, [("31.5/32", "32"), ("63", "null")])
      + of(#""part":"near""#, [("63/60", "60"), ("31/31", "null"), ("63", "null")])
  ) { options in
    [PupillaryDistance(part: options.text("part").flatMap { PupillaryDistance.Part(rawValue: $0) } ?? .binocular)]
  }
}
