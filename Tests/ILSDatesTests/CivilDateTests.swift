import Testing

@testable import ILSDates

@Suite struct CivilDateTests {
  @Test func everyDayOfFourHundredYearsCountsOnByOne() {
    var days = CivilDate(year: 1850, month: 1, day: 1)!.daysSinceEpoch
    for year in 1850..<2250 {
      for month in 1...12 {
        for day in 1...CivilDate.length(ofMonth: month, year: year) {
          let date = CivilDate(year: year, month: month, day: day)
          guard date?.daysSinceEpoch == days, CivilDate(daysSinceEpoch: days) == date else {
            Issue.record("\(year)-\(month)-\(day)")
            return
          }
          days += 1
        }
      }
    }
  }

  @Test func knownDaysHaveTheirNumbers() {
    #expect(CivilDate(iso: "1970-01-01")?.daysSinceEpoch == 0)
    #expect(CivilDate(iso: "2000-01-01")?.daysSinceEpoch == 10_957)
    #expect(CivilDate(iso: "1900-01-01")?.daysSinceEpoch == -25_567)
    #expect(CivilDate(daysSinceEpoch: -719_162)?.iso == "0001-01-01")
    #expect(CivilDate(daysSinceEpoch: 2_932_896)?.iso == "9999-12-31")
    #expect(CivilDate(daysSinceEpoch: 2_932_897) == nil)
  }

  @Test(arguments: [
    "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-32", "2024-1-01", "24-01-01",
    "2024/01/01", "2024-01-01T", " 2024-01-01", "2024-0a-01", "0000-01-01", "", "２０２４-01-01",
  ])
  func whatIsNoDayIsRefused(text: String) {
    #expect(CivilDate(iso: text) == nil)
  }

  @Test func datesAreWrittenAsTheyAreRead() {
    for text in ["2024-02-29", "2000-02-29", "0987-06-05", "9999-12-31"] { #expect(CivilDate(iso: text)?.iso == text) }
  }
}
