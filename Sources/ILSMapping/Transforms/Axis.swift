import ILSRecord

/// The axis of a cylinder as a whole number of degrees, 1 to 180: `90`, `x 90`, `090\u{B0}`; 0 is 180.
struct Axis: Transform {
  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard var words = try run.loadTrimmed(value)?.lowercased() else { return }
    for sign in ["axis", "ax", "x", "@", "\u{D7}"] where words.hasPrefix(sign) {
      words.removeFirst(sign.count)
      break
    }
    for unit in ["\u{B0}", "degrees", "deg"] where words.hasSuffix(unit) {
      words.removeLast(unit.count)
      break
    }
    let digits = words.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    guard let axis = Self.degrees(String(digits)) else {
      throw RecordError(.axisUnreadable, "not an axis: a whole number of degrees from 0 to 180 is expected")
    }
    run.becomeJSON(Array(String(axis).utf8))
  }

  /// What up to three digits write; nil beyond 180. The meridian of 0 degrees is that of 180, which is how it is written.
  static func degrees(_ digits: String) -> Int? {
    // Data frames write 90.0.
    let whole = digits.hasSuffix(".0") ? digits.dropLast(2) : digits[...]
    guard (1...3).contains(whole.utf8.count), whole.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let axis = Int(whole),
      axis <= 180
    else { return nil }
    return axis == 0 ? 180 : axis
  }
}

extension NamedTransform {
  static let axis = NamedTransform(
    "axis",
    examples: [
      ("", "90", "90"), ("", "x90", "90"), ("", "x 5", "5"), ("", "AX 090\u{B0}", "90"), ("", "0", "180"),
      ("", "180", "180"), ("", "181", "axis.unreadable"), ("", "-5", "axis.unreadable"), ("", "90.0", "90"),
      ("", "90.5", "axis.unreadable"), ("", "H", "axis.unreadable"), ("", " ", "null"), ("", "1800", "axis.unreadable"),
    ]
  ) { _ in [Axis()] }
}
