import ILSDates
import ILSRecord

extension TransformRun {
  mutating func date(_ value: FieldValue, _ reader: DateReader) throws(RecordError) {
    let reading: DateReading
    if !isString(value) {
      try load(value)
      // A number is a day's serial number, as a workbook's cell without a date style is, or a compact date.
      reading = reader.read(serial: text.bytes, reader.serials ?? .from1900) ?? reader.read(text.bytes)
    } else if isPlain(value) {
      reading = reader.read(value.text)
    } else {
      try load(value)
      reading = reader.read(text.bytes)
    }
    switch reading {
    case .date(let date, let isAmbiguous):
      if isAmbiguous { ambiguousDates += 1 }
      text.removeAll()
      text.append(date)
      form = .text
    case .placeholder:
      placeholderDates += 1
      form = .null
    case .hasTime:
      throw RecordError(
        code: "date.has_time", message: "has a time of day: cut it off on purpose with \"time\":\"cut\" in the mapping")
    case .unreadable:
      if try isBlank(value) {
        form = .null
        return
      }
      throw RecordError(
        code: "date.unreadable",
        message: "no date in the order \(reader.order.rawValue): mend it, or name its order as \"input\"")
    }
  }

  private mutating func isBlank(_ value: FieldValue) throws(RecordError) -> Bool {
    try load(value)
    return TransformRun.trimmed(text.bytes).isEmpty
  }
}
