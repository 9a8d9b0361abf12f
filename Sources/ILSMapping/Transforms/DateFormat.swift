import ILSDates
import ILSRecord

/// To `YYYY-MM-DD`.
struct DateFormat: Transform {
  let reader: DateReader
  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    let reading: DateReading
    if !run.isString(value) {
      try run.load(value)
      reading = reader.read(number: run.text.bytes)
    } else if run.isPlain(value) {
      reading = reader.read(value.text)
    } else {
      try run.load(value)
      reading = reader.read(run.text.bytes)
    }
    switch reading {
    case .date(let date, let assumptions):
      if assumptions.contains(.order) { run.notes.insert(MappingNotes(.dateOrder)) }
      if assumptions.contains(.century) { run.notes.insert(MappingNotes(.dateCentury)) }
      run.text.removeAll()
      run.text.append(date)
      run.form = .text
    case .placeholder:
      run.notes.insert(MappingNotes(.datePlaceholder))
      run.form = .null
    case .hasTime:
      throw RecordError(
        .dateHasTime, "has a time of day: cut it off on purpose with \"time\":\"cut\" in the mapping")
    case .yearAlone:
      throw RecordError(.dateUnreadable, "a year alone is no day: complete it, or map it with \"values\"")
    case .unreadable:
      try run.load(value)
      if Trim.trimmed(run.text.bytes).isEmpty {
        run.form = .null
        return
      }
      throw unreadable(&run)
    }
  }

  /// A date in no order but one that was not assumed speaks against the others that were.
  private func unreadable(_ run: inout TransformRun) -> RecordError {
    guard reader.isOrderAssumed, reader.serials == nil, case .date = dayFirst.read(run.text.bytes) else {
      return RecordError(
        .dateUnreadable, "no date in the order \(reader.order.rawValue): mend it, or name its order as \"input\"")
    }
    run.notes.insert(MappingNotes(.dateOtherOrder))
    return RecordError(
      .dateUnreadable, "no date in the order MM/DD, but one in DD/MM: name the order as \"input\", or mend it")
  }

  private var dayFirst: DateReader {
    var other = reader
    (other.order, other.isOrderAssumed) = (.dayMonthYear, false)
    return other
  }

  func join(_ quick: inout FastTransform) {
    guard quick.isText, reader.serials == nil, reader.order != .yearMonthDay || !reader.isOrderAssumed else {
      return quick.kind = .none
    }
    quick.kind = .date
    quick.dayFirst = reader.order == .dayMonthYear
    quick.isOrderAssumed = reader.isOrderAssumed
    // With the year in front, only ISO dates are quick.
    if reader.order == .yearMonthDay { quick.isYearFirst = true }
  }
}

extension MapWriter {
  /// What a date of ten characters came to.
  enum DateOutcome { case written, ambiguous, notTaken }

  /// `MM/DD/YYYY` (or DD/MM, with slashes, dots or hyphens) and ISO dates that are days of the calendar.
  @inline(__always)
  mutating func putDate(_ value: FieldValue, _ step: MapStep) -> DateOutcome {
    guard value.kind == .string, value.raw.count == 12 else { return .notTaken }
    let from = value.raw.baseAddress! + 1
    /// The number that two digits write; above 255 where one is no digit.
    @inline(__always) func pair(_ at: Int) -> Int {
      let tens = Int((from + at).load(as: UInt8.self) &- 0x30)
      let ones = Int((from + at + 1).load(as: UInt8.self) &- 0x30)
      return tens * 10 + ones + (tens > 9 || ones > 9 ? 1000 : 0)
    }
    let separator = (from + 2).load(as: UInt8.self)
    guard separator &- UInt8(ascii: "-") < 3 else {
      guard (from + 4).load(as: UInt8.self) == UInt8(ascii: "-"), (from + 7).load(as: UInt8.self) == UInt8(ascii: "-"),
        CivilDate(year: pair(0) * 100 + pair(2), month: pair(5), day: pair(8)) != nil
      else { return .notTaken }
      putName(step)
      put(from - 1, 12)
      return .written
    }
    let (a, b, year) = (pair(0), pair(3), pair(6) * 100 + pair(8))
    let (month, day) = step.dayFirst ? (b, a) : (a, b)
    guard !step.isYearFirst, (from + 5).load(as: UInt8.self) == separator,
      let date = CivilDate(year: year, month: month, day: day)
    else { return .notTaken }
    putName(step)
    // The digits are there: they only change places.
    put(UInt8(ascii: "\""))
    to.storeBytes(of: (from + 6).loadUnaligned(as: UInt32.self), as: UInt32.self)
    to.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 4, as: UInt8.self)
    to.storeBytes(of: (from + (step.dayFirst ? 3 : 0)).loadUnaligned(as: UInt16.self), toByteOffset: 5, as: UInt16.self)
    to.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 7, as: UInt8.self)
    to.storeBytes(of: (from + (step.dayFirst ? 0 : 3)).loadUnaligned(as: UInt16.self), toByteOffset: 8, as: UInt16.self)
    to.storeBytes(of: UInt8(ascii: "\""), toByteOffset: 10, as: UInt8.self)
    to += 11
    return step.isOrderAssumed && date.day <= 12 && date.day != date.month ? .ambiguous : .written
  }
}

extension NamedTransform {
  static let dateFormat = NamedTransform(
    "date_format",
    [
      .init(
        "input", .text,
        limits: [
          ("minLength", .number("3")),
          (
            "description", .string("The order of day, month and year, such as DD/MM/YYYY; or excel, excel1904")
          ),
        ]), .init("pivot", .integer(0...99)), .init("time", .choice(["cut"])),
    ],
    examples: [
      ("", "01/15/2024", "2024-01-15"), (#""input":"DD/MM/YYYY""#, "05/06/2024", "2024-06-05"),
      (#""input":"DD/MM/YYYY""#, "1er août 2001", "2001-08-01"), (#""time":"cut""#, "2024-01-15 10:20", "2024-01-15"),
      (#""input":"excel""#, "45306", "2024-01-15"), (#""input":"excel""#, "1980", "date.unreadable"),
      ("", "1980", "date.unreadable"),
    ]
  ) { options in
    var reader = DateReader()
    if let pattern = options.text("input") {
      if pattern == "excel" || pattern == "excel1904" {
        reader.serials = pattern == "excel" ? .from1900 : .from1904
      } else if let ordered = DateReader(pattern: pattern) {
        reader = ordered
      } else {
        options.fault(
          "input", "\"\(pattern)\" must name day, month and year once, such as DD/MM/YYYY, or be excel or excel1904")
      }
    }
    reader.pivot = options.integer("pivot")
    reader.cutsTime = options.text("time") != nil
    return [DateFormat(reader: reader)]
  }
}
