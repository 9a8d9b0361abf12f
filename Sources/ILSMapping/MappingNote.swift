import ILSDates
import ILSRecord

/// What ils-map assumed of values, or did to those that it could not read: told with a count at the end.
enum MappingNote: Int, CaseIterable {
  case dateOrder, dateOtherOrder, dateCentury, datePlaceholder, numberGroups, phoneRegion, passedOver, nulled, kept,
    replaced

  var severity: Diagnostic.Severity {
    switch self {
    case .passedOver, .replaced: .info
    default: .warning
    }
  }

  var notice: MappingNotice {
    switch self {
    case .dateOrder, .dateOtherOrder: .dateAmbiguous
    case .dateCentury: .dateCentury
    case .datePlaceholder: .datePlaceholder
    case .numberGroups: .numberAmbiguous
    case .phoneRegion: .phoneRegion
    case .passedOver: .passedOver
    case .nulled: .nulled
    case .kept: .kept
    case .replaced: .replaced
    }
  }

  /// What happened to `count` values, as a sentence goes on.
  func message(_ count: Int) -> String {
    let (one, many) = texts
    return count == 1 ? "1 \(one)" : "\(count) \(many)"
  }

  private var texts: (one: String, many: String) {
    switch self {
    case .dateOrder:
      (
        "date could be DD/MM as well and was read as MM/DD: say which with \"input\" in the mapping",
        "dates could be DD/MM as well and were read as MM/DD: say which with \"input\" in the mapping"
      )
    case .dateOtherOrder:
      (
        "other can only be DD/MM: those are probably wrong as they were read",
        "others can only be DD/MM: those are probably wrong as they were read"
      )
    case .dateCentury:
      (
        "date has a year of two digits, read as one of \(DateReader.assumedYears): say others with \"pivot\" in the mapping",
        "dates have years of two digits, read as of \(DateReader.assumedYears): say others with \"pivot\" in the mapping"
      )
    case .datePlaceholder:
      ("date of all nines or zeros became null", "dates of all nines or zeros became null")
    case .numberGroups:
      (
        "number has a comma that was read as parting thousands: say with \"decimal\" in the mapping what it is",
        "numbers have a comma that was read as parting thousands: say with \"decimal\" in the mapping what it is"
      )
    case .phoneRegion:
      (
        "number has no country code and was read as one of the US: say with \"region\" in the mapping where it is at home",
        "numbers have no country code and were read as of the US: say with \"region\" in the mapping where they are at home"
      )
    case .passedOver:
      (
        "record has another value in a later source field, which is left out",
        "records have another value in a later source field, which is left out"
      )
    case .nulled:
      (
        "value that could not be read became null, as \"onError\" says",
        "values that could not be read became null, as \"onError\" says"
      )
    case .kept:
      (
        "value that could not be read stayed as it came, as \"onError\" says",
        "values that could not be read stayed as they came, as \"onError\" says"
      )
    case .replaced:
      ("value that could not be read became \"otherwise\"", "values that could not be read became \"otherwise\"")
    }
  }
}

/// The notes on one value.
struct MappingNotes: OptionSet {
  let rawValue: UInt16

  init(rawValue: UInt16) { self.rawValue = rawValue }
  init(_ note: MappingNote) { rawValue = 1 << note.rawValue }
}

/// How often each note was made on the values of one mapping, and where first.
struct NoteTally {
  private var counts = [Int](repeating: 0, count: MappingNote.allCases.count)
  private var rows = [Int](repeating: 0, count: MappingNote.allCases.count)
  /// The codes of what could not be read.
  private var reasons: Set<String> = []

  mutating func add(_ notes: MappingNotes, at record: Record) {
    for note in MappingNote.allCases where notes.contains(MappingNotes(note)) { add(note, at: record) }
  }

  mutating func add(_ note: MappingNote, at record: Record) {
    if counts[note.rawValue] == 0 { rows[note.rawValue] = record.row }
    counts[note.rawValue] += 1
  }

  mutating func add(_ note: MappingNote, because code: String, at record: Record) {
    add(note, at: record)
    reasons.insert(code)
  }

  func tell(of field: String, _ emit: inout Emitter) {
    // What speaks against an order that was assumed is part of what is said of it, and each such value is refused.
    for note in MappingNote.allCases where counts[note.rawValue] > 0 && note != .dateOtherOrder {
      var message = note.message(counts[note.rawValue]) + "; the first is in row \(rows[note.rawValue])"
      switch note {
      case .dateOrder where counts[MappingNote.dateOtherOrder.rawValue] > 0:
        let other = MappingNote.dateOtherOrder
        message += "; \(other.message(counts[other.rawValue])) (the first is in row \(rows[other.rawValue]))"
      case .nulled, .kept, .replaced: message += " (\(reasons.sorted().joined(separator: ", ")))"
      default: break
      }
      emit.tell(Diagnostic(note.severity, note.notice, message, field: field))
    }
  }
}
