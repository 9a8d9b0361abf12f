import ILSRecord
import Testing

@testable import ILSFormats

/// Rows that are read the fast way come out as those that are read a byte at a time.
@Suite struct CSVWholeRowsTests {
  /// What cells are made of: enough that every path meets every other at every offset of a window.
  private static let pieces: [String] = [
    "", "", "1", "ab", "Smith", "a longer text than one run of sixteen bytes", "é", "Łódź", "漢字", "😀", "\"\"", "\"x\"",
    "\"a,b\"", "\"two\nlines\"", "\"two\r\nlines\"", "\"he said \"\"no\"\"\"", "in \"side\"", "back\\slash",
    "\"back\\slash\"",
    "tab\there", "\"tab\there\"", "\u{1}", "#", " lead", "trail ", String(repeating: "w", count: 63),
    String(repeating: "x", count: 64), String(repeating: "long ", count: 60),
    "\"" + String(repeating: "q,", count: 40) + "\"",
  ]
  /// What makes a row one that is refused.
  private static let faults: [[UInt8]] = [
    [0xFF], [0xC3], [0], Array("\"open".utf8), Array("\"a\"b".utf8), Array(",".utf8),
  ]

  private struct Dice {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  private func text(_ seed: Int, rows: Int, faultsIn hundred: Int) -> [UInt8] {
    var dice = Dice(state: UInt64(seed))
    let ends = [["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r", "\n\n"]][dice.next(4)]
    let columns = 1 + dice.next(6)
    var text = Array((1...columns).map { "column\($0)" }.joined(separator: ",").utf8) + Array(ends[0].utf8)
    for _ in 0..<rows {
      for column in 0..<columns {
        if column > 0 { text.append(UInt8(ascii: ",")) }
        text += Array(Self.pieces[dice.next(Self.pieces.count)].utf8)
        if dice.next(100 * columns) < hundred { text += Self.faults[dice.next(Self.faults.count)] }
      }
      text += Array(ends[dice.next(ends.count)].utf8)
    }
    return text
  }

  private func same(_ text: [UInt8], _ options: CSVOptions, _ note: String, step: Int = 1) {
    let slow = decode(text, step: step, CSVDecoder(options))
    let fast = decode(text, CSVDecoder(options))
    #expect(fast == slow, "\(note)")
    #expect(decode(text, step: 700, CSVDecoder(options)) == slow, "\(note), in portions")
  }

  @Test(arguments: [0, 5, 30]) func fastAndSlowAgree(faults: Int) {
    for seed in 1...60 {
      var options = CSVOptions()
      options.delimiter = UInt8(ascii: ",")
      options.headerRow = 1
      same(text(seed, rows: 60, faultsIn: faults), options, "seed \(seed)")
    }
  }

  @Test func theyAgreeInEveryDialect() {
    let changes: [(inout CSVOptions) -> Void] = [
      { $0.dialect.escape = .backslash }, { $0.dialect.quote = nil }, { $0.dialect.quote = UInt8(ascii: "'") },
      { $0.dialect.comment = UInt8(ascii: "#") }, { $0.dialect.ragged = .pad }, { $0.dialect.ragged = .keep },
      { $0.delimiter = 0x09 }, { $0.delimiter = UInt8(ascii: " ") },
    ]
    for (number, change) in changes.enumerated() {
      for seed in 1...15 {
        var options = CSVOptions()
        options.delimiter = UInt8(ascii: ",")
        options.headerRow = 1
        change(&options)
        same(text(seed, rows: 60, faultsIn: 10), options, "dialect \(number), seed \(seed)")
      }
    }
  }

  @Test func columnsWithLongNamesHaveRoom() {
    let name = String(repeating: "n", count: 250)
    let header = (0..<40).map { "\(name)\($0)" }.joined(separator: ",")
    let row = Array(repeating: "", count: 40).joined(separator: ",")
    same(Array((header + "\n" + String(repeating: row + "\n", count: 400)).utf8), CSVOptions(), "empty cells")
  }

  @Test func aRowOfManyBlocksIsOneRow() {
    let cell = String(repeating: "0123456789", count: 20_000)
    same(Array("a,b\n1,\(cell)\n2,\"\(cell)\"\n3,4\n".utf8), CSVOptions(), "long cells", step: 255)
  }
}
