import ILSDates
import Foundation
import ILSRecord
import ILSMapping
import Testing

@Suite struct DateTransformTests {
  /// input pattern (empty: none given), value, outcome.
  static let cases: [(String, String, String)] = [
    ("", "2024-01-15", "2024-01-15"), ("", "01/15/2024", "2024-01-15"), ("", "1/5/2024", "2024-01-05"),
    ("", "01-15-2024", "2024-01-15"), ("", "01.15.2024", "2024-01-15"), ("", "15/01/2024", "date.unreadable"),
    ("", "2024/01/15", "2024-01-15"), ("", "2024.1.5", "2024-01-05"), ("", "20240115", "2024-01-15"),
    ("", "July 4, 1976", "1976-07-04"), ("", "4 jul 1976", "1976-07-04"), ("", "04-JUL-76", "1976-07-04"),
    ("", "3rd of May 2001", "2001-05-03"), ("", "Tuesday, April 12, 1952", "1952-04-12"),
    ("", "1976 Jul 4", "1976-07-04"),
    ("", "Sept. 1, 1999", "1999-09-01"), ("", "  01/15/2024 ", "2024-01-15"),
    ("", "1/2/30", "2030-01-02"), ("", "1/2/31", "1931-01-02"), ("", "02/29/2023", "date.unreadable"),
    ("", "02/29/2024", "2024-02-29"), ("", "02/29/1900", "date.unreadable"), ("", "13/13/2024", "date.unreadable"),
    ("", "0003-03-04", "0003-03-04"), ("", "0000-03-04", "date.unreadable"), ("", "", ""), ("", "   ", "null"),
    ("", "99/99/9999", "null"), ("", "00/00/0000", "null"), ("", "0000-00-00", "null"), ("", "99999999", "null"),
    ("", "Sep 2003", "date.unreadable"), ("", "2003", "date.unreadable"), ("", "yesterday", "date.unreadable"),
    ("", "123-45-6789", "date.unreadable"), ("", "555-0100", "date.unreadable"), ("", "1.2.3.4", "date.unreadable"),
    ("", "36526", "date.unreadable"), ("", "-", "date.unreadable"), ("", "01/02/2024/", "2024-01-02"),
    ("", "١٢/٠١/٢٠٢٤", "date.unreadable"), ("", "01/15/24x", "date.unreadable"),
    // Midnight says nothing; any other time is cut off on purpose only.
    ("", "2024-01-15T00:00:00", "2024-01-15"), ("", "2024-01-15T00:00:00.000Z", "2024-01-15"),
    ("", "1/15/2024 12:00:00 AM", "2024-01-15"), ("", "1/15/2024 0:00", "2024-01-15"),
    ("", "2024-01-15T08:30:00Z", "date.has_time"), ("", "1/15/2024 12:00:00 PM", "date.has_time"),
    ("", "2024-01-15T00:00:00+05:00", "date.has_time"), ("", "20240115T1049", "date.has_time"),
    ("", "2024-01-15T25:00:00", "date.unreadable"),
    ("DD/MM/YYYY", "05/06/2024", "2024-06-05"), ("DD/MM/YYYY", "5.6.24", "2024-06-05"),
    ("DD/MM/YYYY", "2024-06-05", "2024-06-05"), ("DD/MM/YYYY", "13/13/2024", "date.unreadable"),
    ("DD/MM/YYYY", "01/15/2024", "date.unreadable"), ("DD/MM/YYYY HH:mm", "05/06/2024 00:00", "2024-06-05"),
    ("DDMMYYYY", "05062024", "2024-06-05"), ("YYMMDD", "760704", "1976-07-04"), ("DDMMYY", "040776", "1976-07-04"),
    ("YYYY-MM-DD", "76/07/04", "1976-07-04"),
    ("excel", "45306", "2024-01-15"), ("excel", "1", "1900-01-01"), ("excel", "60", "date.unreadable"),
    ("excel", "61", "1900-03-01"), ("excel", "45306.0", "2024-01-15"), ("excel", "45306.5", "date.has_time"),
    ("excel1904", "0", "1904-01-01"), ("excel1904", "43844", "2024-01-15"),
  ]

  @Test(arguments: cases) func datesBecomeISO(_ input: String, _ value: String, _ expected: String) throws {
    let transform = input.isEmpty ? #""date_format""# : #"{"transform":"date_format","input":"\#(input)"}"#
    #expect(try text(transform, value) == expected, "\(input) \(value)")
  }

  @Test func timesAreCutOnPurpose() throws {
    let cut = #"{"transform":"date_format","time":"cut"}"#
    for value in [
      "Thu Sep 25 10:36:28 2003", "2003-09-25T10:49:41", "2003-09-25T10", "20030925T1049", "20030925 104941",
      "2003-09-25 10:49:41,502", "Thursday, September 25, 2003 AD 3:30:42pm PST", "Thu Sep 25 00:22:12 PDT 2003",
      "2003-09-25T08:15:30-05:00", "20030925T104941-0300", "0:01:02 on September 25, 2003", "9/25/2003 3:30 p.m.",
    ] {
      #expect(try text(cut, value) == "2003-09-25", "\(value)")
    }
  }

  @Test func thePivotIsTheMappings() throws {
    let transform = #"{"transform":"date_format","pivot":0}"#
    #expect(try text(transform, "1/2/24") == "1924-01-02")
    #expect(try text(transform, "1/2/00") == "2000-01-02")
  }

  @Test func ambiguousDatesAndPlaceholdersAreCountedOnce() throws {
    let records = ["01/02/2024", "13/02/2024", "02/13/2024", "03/03/2024", "2024-01-02", "1/2/2024", "99/99/9999"]
      .map { #"{"d":"\#($0)"}"# }
    let mapping = #"{"mappings":[{"sourceField":"d","targetField":"dob","transform":"date_format"}]}"#
    let mapped = try map(mapping, records)
    let told = mapped.diagnostics.filter { $0.severity == .warning }
    #expect(told.map(\.code) == ["date.ambiguous", "date.placeholder"])
    #expect(told[0].message.hasPrefix("2 dates"))
    #expect(told[0].field == "dob")
    let given = try map(
      mapping.replacing(#""date_format""#, with: #"{"transform":"date_format","input":"MM/DD/YYYY"}"#), records)
    #expect(given.diagnostics.filter { $0.severity == .warning }.map(\.code) == ["date.placeholder"])
  }

  /// Every form of dateutil's tests that names one day must be read as that day, or refused; never as another.
  @Test(.enabled(if: Corpus.exists)) func noDateOfTheCorpusIsMisread() throws {
    let cut = #"{"transform":"date_format","time":"cut"}"#
    var read = 0
    for line in try Corpus.lines("values/date-any.ndjson") {
      guard let value = line["value"]?.string, let note = line["note"]?.string, note.hasPrefix("means ") else {
        continue
      }
      let outcome = try text(cut, value)
      if outcome == "date.unreadable" { continue }
      read += 1
      #expect(note.hasPrefix("means \(outcome)"), "\(value): \(outcome), \(note)")
    }
    // What is left names no day (times of day, months alone), or has two digits for the year in front.
    #expect(read >= 26)
    print("dateutil's dates: \(read) read, none misread")
  }

  @Test(.enabled(if: Corpus.exists)) func isoDatesOfTheCorpusPassAndOthersDoNotBecomeThem() throws {
    for line in try Corpus.lines("values/date.ndjson") {
      guard let value = line["value"]?.string, let valid = line["valid"]?.boolean else { continue }
      if valid { #expect(try text(#""date_format""#, value) == value) }
    }
  }

  @Test func everyDayOfACenturyComesBack() throws {
    for days in stride(from: -20_000, through: 20_000, by: 7) {
      let date = try #require(CivilDate(daysSinceEpoch: days))
      let written = String(format: "%02d/%02d/%04d", date.day, date.month, date.year)
      #expect(try text(#"{"transform":"date_format","input":"DD/MM/YYYY"}"#, written) == date.iso)
      #expect(try outcome(#""date_format""#, "\(days + 25_569)") == "\"\(date.iso)\"" || days + 25_569 < 61)
    }
  }
}

/// Files that no one here wrote; tests that need them are skipped where they are not.
enum Corpus {
  /// `$ILS_CORPORA`, or beside the checkout.
  static let root =
    ProcessInfo.processInfo.environment["ILS_CORPORA"]
    ?? URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../shared/corpora").standardized.path
  static var exists: Bool { FileManager.default.fileExists(atPath: root) }

  static func lines(_ path: String) throws -> [JSONValue] {
    try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8).split(separator: "\n")
      .map { try JSONValue(parsing: Array($0.utf8)) }
  }
}
