import ILSRecord

/// The ten digits of an NHS number without what people put between: `943 476 5919`, `943-476-5919`.
struct NHSNumber: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let text = try run.loadTrimmed(value).map({ Array($0.utf8) }) else { return }
    let groups = text.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") }
    guard [[10], [3, 3, 4]].contains(groups.map(\.count)), groups.joined().allSatisfy({ $0 &- 0x30 < 10 }) else {
      throw RecordError(.nhsUnreadable, "not an NHS number: ten digits, as 943 476 5919 or without spaces")
    }
    run.become(String(decoding: Array(groups.joined()), as: UTF8.self))
  }
}

extension NamedTransform {
  static let nhsNumber = NamedTransform(
    "nhs_number",
    examples: [
      ("", "943 476 5919", "9434765919"), ("", " 943-476-5919 ", "9434765919"), ("", "9434765919", "9434765919"),
      ("", " ", "null"), ("", "943 4765919", "nhs.unreadable"), ("", "94 34 76 59 19", "nhs.unreadable"),
      ("", "943476591", "nhs.unreadable"), ("", "NONE", "nhs.unreadable"), ("", "9.434765919e9", "nhs.unreadable"),
      // The check digit is for the format to judge.
      ("", "943 476 5918", "9434765918"),
    ]
  ) { _ in [NHSNumber()] }
}
