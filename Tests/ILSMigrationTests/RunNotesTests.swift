import Foundation
import Testing

@testable import ILSMigration

@Suite struct RunNotesTests {
  private func notes(_ lines: String...) throws -> RunNotes {
    let path = NSTemporaryDirectory() + "notes-\(UUID().uuidString)"
    try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var notes = RunNotes()
    try notes.read(path, of: .map)
    return notes
  }

  @Test func theSameThingIsToldOnceWithItsCount() throws {
    let notes = try notes(
      #"{"level":"warning","tool":"ils-map","row":2,"field":"sex","code":"a.b","message":"odd"}"#,
      #"{"level":"warning","tool":"ils-map","row":5,"field":"sex","code":"a.b","message":"odd"}"#,
      #"{"level":"warning","tool":"ils-map","row":9,"field":"age","code":"a.b","message":"odd"}"#)
    #expect(
      notes.notes.map(\.text) == [
        "ils-map: warning: sex: odd [a.b] (2 times, rows 2, 5 ...)", "ils-map:9: warning: age: odd [a.b]",
      ])
  }

  @Test func whatAStageCountedAtItsEndIsTheCount() throws {
    let notes = try notes(
      #"{"level":"warning","tool":"ils-map","row":2,"field":"sex","code":"a.b","message":"odd"}"#,
      #"{"level":"warning","tool":"ils-map","field":"sex","code":"a.b","message":"95 more, 100 in all"}"#)
    #expect(notes.notes.map(\.count) == [100])
  }

  @Test func whatIsNoMessageOfOursIsKeptAsAnError() throws {
    let notes = try notes("Segmentation fault", #"{"progress":"ils-map","records":7}"#)
    #expect(notes.notes.map(\.text) == ["ils-map: error: Segmentation fault [stage.message]"])
    #expect(notes.progress.count == 1)
  }
}
