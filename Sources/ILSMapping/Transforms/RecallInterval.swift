import ILSRecord

/// How long after an examination the next one is due, in months: `24 months`, `2 yrs`, `24/12`.
///
/// A number alone is of no unit, unless the mapping names one; weeks are no months.
struct RecallInterval: Transform {
  enum Unit: String, CaseIterable, Sendable {
    case months, years

    var months: Int { self == .months ? 1 : 12 }

    init?(word: String) {
      switch word {
      case "m", "mo", "mos", "mth", "mths", "mnth", "mnths", "month", "months", "/12": self = .months
      case "y", "yr", "yrs", "year", "years": self = .years
      default: return nil
      }
    }
  }

  /// What a number alone counts; nil: nobody said.
  let unit: Unit?

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let text = try run.loadTrimmed(value)?.lowercased() else { return }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let word = text.dropFirst(digits.count).filter { !$0.isWhitespace && $0 != "." }
    let named = word.isEmpty ? unit : Unit(word: word)
    guard (1...3).contains(digits.count), let count = Int(digits), let months = named.map({ $0.months * count }),
      (1...120).contains(months)
    else {
      throw RecordError(
        .intervalUnreadable, "not a recall interval of 1 to 120 months, such as 24 months, 2 years or 24/12")
    }
    run.becomeJSON(Array(String(months).utf8))
  }
}

extension NamedTransform {
  static let recallInterval = NamedTransform(
    "recall_interval", [.init("unit", .choice(RecallInterval.Unit.allCases.map(\.rawValue)))], isIdempotent: false,
    examples: [
      ("", "24 months", "24"), ("", "2 yrs", "24"), ("", "24/12", "24"), ("", "1Y", "12"), ("", "6m", "6"),
      ("", "12 Mths.", "12"), ("", " ", "null"), ("", "24", "interval.unreadable"), ("", "6/52", "interval.unreadable"),
      ("", "6 weeks", "interval.unreadable"), ("", "0 months", "interval.unreadable"),
      ("", "1.5 years", "interval.unreadable"),
      ("", "24/1", "interval.unreadable"), ("", "annual", "interval.unreadable"),
      ("", "11 years", "interval.unreadable"),
      (#""unit":"months""#, "24", "24"), (#""unit":"years""#, "2", "24"), (#""unit":"years""#, "6 months", "6"),
    ]
  ) { options in [RecallInterval(unit: options.text("unit").flatMap { RecallInterval.Unit(rawValue: $0) })] }
}
