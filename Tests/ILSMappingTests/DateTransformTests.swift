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
    ("", "3rd of May 2001", "2001-05-03"), ("", "Saturday, April 12, 1952", "1952-04-12"),
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
    ("excel1904", "0", "1904-01-01"), ("excel1904", "43844", "2024-01-15"), ("excel1904", "1980", "date.unreadable"),
    // Months in the languages of the neighbours; "jui" could be two of them.
    ("", "3 janvier 2001", "2001-01-03"), ("", "1er févr. 2001", "2001-02-01"),
    ("", "14 aou\u{302}t 2001", "2001-08-14"),
    ("", "15 juil. 2001", "2001-07-15"), ("", "15 jui 2001", "date.unreadable"), ("", "25 DÉC 1979", "1979-12-25"),
    ("", "3. März 2001", "2001-03-03"), ("", "3. Mrz 2001", "2001-03-03"), ("", "24. Dez. 2001", "2001-12-24"),
    ("", "Dienstag, 1. Mai 2001", "2001-05-01"), ("", "31-okt-2001", "2001-10-31"), ("", "6 Jän 2001", "2001-01-06"),
    ("", "5 de enero de 2001", "2001-01-05"), ("", "7 ago 2001", "2001-08-07"), ("", "9 setiembre 2001", "2001-09-09"),
    ("", "1º maggio 2001", "2001-05-01"), ("", "lunedì 4 giugno 2001", "2001-06-04"), ("", "2 mrt 2001", "2001-03-02"),
    ("", "12 mei 2001", "2001-05-12"), ("", "3\u{A0}mars\u{A0}2001", "2001-03-03"),
    ("", "3 mars mai 2001", "date.unreadable"),
    // A weekday that is another's contradicts the day, or the order.
    ("", "Monday, 2024-01-01", "2024-01-01"), ("", "Monday, 2024-01-02", "date.unreadable"),
    ("", "Wed 06/05/2024", "2024-06-05"), ("", "Wed 05/06/2024", "date.unreadable"),
    ("", "Donnerstag, 1. Januar 1970", "1970-01-01"), ("", "mardi 1 janvier 1900", "date.unreadable"),
    ("", "lundi 1 janvier 1900", "1900-01-01"), ("", "Mon Tue 01/01/2024", "date.unreadable"),
    ("", "3 мая 2001", "date.unreadable"), ("", "3 Xember 2001", "date.unreadable"),
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

  /// What a number is: a serial number only where it can be nothing else.
  @Test(arguments: [
    ("", "1972", "date.unreadable"), ("MM/DD/YYYY", "1972", "date.unreadable"), ("DDMMYY", "1972", "date.unreadable"),
    ("excel", "1972", "date.unreadable"), ("", "45306", "2024-01-15"), ("MM/DD/YYYY", "45306.0", "2024-01-15"),
    // A zero was lost: the day is not guessed.
    ("DDMMYY", "40776", "date.unreadable"), ("DDMMYY", "140776", "1976-07-14"), ("DDMMYYYY", "14071976", "1976-07-14"),
    ("MMDDYY", "150224", "date.unreadable"), ("", "150224", "date.unreadable"), ("", "44", "date.unreadable"),
    ("excel", "44", "1900-02-13"), ("", "20240115", "2024-01-15"), ("", "2100", "date.unreadable"),
  ]) func numbersAreDaysOnlyWhereTheyCanBeNothingElse(_ input: String, _ value: String, _ expected: String) throws {
    let transform = input.isEmpty ? #""date_format""# : #"{"transform":"date_format","input":"\#(input)"}"#
    let result = try outcome(transform, value)
    #expect(result == (expected.hasPrefix("date.") ? expected : "\"\(expected)\""))
  }

  @Test func theCenturyOfTwoDigitsIsSaidWhereNobodyGaveIt() throws {
    let records = ["1/13/76", "4 jul 30", "1976-07-04", "01/13/1976"].map { #"{"d":"\#($0)"}"# }
    func told(_ transform: String) throws -> [Diagnostic] {
      try map(#"{"mappings":[{"sourceField":"d","targetField":"dob","transform":\#(transform)}]}"#, records).diagnostics
    }
    let assumed = try told(#"{"transform":"date_format","input":"MM/DD/YYYY"}"#)
    #expect(assumed.map(\.code) == ["date.century"])
    #expect(assumed[0].message.hasPrefix("2 dates have years of two digits, read as of 1931 to 2030"))
    #expect(try told(#"{"transform":"date_format","input":"MM/DD/YYYY","pivot":30}"#).isEmpty)
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
    #expect(told[0].message.contains("the first is in row 1;"))
    #expect(
      told[0].message.hasSuffix(
        "1 other can only be DD/MM: those are probably wrong as they were read (the first is in row 2)"))
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
