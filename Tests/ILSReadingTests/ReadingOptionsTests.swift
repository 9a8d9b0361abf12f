import Foundation
import Testing

@testable import ILSReading

/// Options that a manifest keeps, so that a job's sources can be read as they were.
@Suite struct ReadingOptionsTests {
  private static let said = [
    "--format=csv", "--encoding=CP1252", "--encoding-errors=replace", "--path=data.patients", "--flatten=.",
    "--delimiter=;", "--quote=none", "--escape=backslash", "--comment=#", "--header-row=3", "--columns=a,b", "--skip=2",
    "--ragged=keep", "--mend-mojibake", "--no-header", "--join-groups", "--keep-formulas", "--leave-out=headers",
    "--leave-out=totals",
    "--sheet=-1", "--range=B3:H200", "--all-sheets", "--fill-merged", "--as-displayed", "--keep-deleted",
  ]

  @Test(arguments: said) func whatWasSaidIsSaidAgain(_ option: String) throws {
    #expect(try ReadingOptions(kept: [option]).arguments == [option])
  }

  @Test func allTogether() throws {
    let read = try ReadingOptions(kept: Self.said).arguments
    #expect(read.sorted() == Self.said.sorted())
    #expect(try ReadingOptions(kept: []).arguments == [])
  }

  /// An option that is added and not kept would let a job be read in another way than it was.
  @Test func everyOptionIsAmongThem() {
    let known = Set(Self.said.map { $0.prefix { $0 != "=" } })
    let listed = ReadingOptions.helpMessage(includeHidden: true).matches(of: /--[a-z][a-z-]+/).map { $0.output }
    #expect(listed.count > known.count)
    // Listing sheets writes no records; the rest are mentions of options of other tools, and of help.
    let others: Set<Substring> = ["--list-sheets", "--help"]
    for option in Set(listed).subtracting(others) { #expect(known.contains(option), "\(option)") }
  }

  @Test func whatIsNotKnownIsSaid() {
    #expect(throws: (any Error).self) { try ReadingOptions(kept: ["--colour=red"]) }
  }
}
