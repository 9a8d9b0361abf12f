import Foundation
import Testing

/// Every folder of Tests/Golden: what its `cmd` prints, and how it ends, is what `out`, `err` and `status` hold.
@Suite struct GoldenTests {
  static let folder = Place.root + "/Tests/Golden"
  static let cases = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

  @Test func thereAreCases() { #expect(!Self.cases.isEmpty) }

  @Test(arguments: cases) func goldenCase(name: String) throws {
    let scratch = try Scratch()
    let expected = "\(Self.folder)/\(name)"
    let result = try scratch.run(
      """
      mkdir run; ILS_BIN='\(Place.bin)' '\(Place.root)/scripts/tests/golden-run' '\(expected)' "$PWD/run"
      mkdir want; find '\(expected)' -maxdepth 1 -type f ! -name cmd ! -name 'in.*' -exec cp {} want/ ';'
      diff -ru want run
      """)
    #expect(result.status == 0, "scripts/accept \(name) would change:\n\(result.out)\(result.err)")
  }
}
