import ILSRecord
import Testing

@testable import ILSValidation

@Suite struct IdentityIndexTests {
  private func insert(_ text: String, _ row: Int, _ index: inout IdentityIndex) -> Int? {
    var buffer = OutputBuffer()
    buffer.append(text)
    return index.insert(buffer.padded, row: row)
  }

  private func contains(_ text: String, _ index: inout IdentityIndex) -> Bool {
    var buffer = OutputBuffer()
    buffer.append(text)
    return index.find(buffer.padded) != nil
  }

  @Test func theFirstRowOfAValueIsNamed() {
    var index = IdentityIndex()
    for row in 1...100_000 {
      guard insert("MRN\(row)", row, &index) == nil else {
        Issue.record("row \(row) is new")
        return
      }
    }
    for row in stride(from: 1, through: 100_000, by: 997) {
      let found = insert("MRN\(row)", 7, &index)
      #expect(found == row)
    }
  }

  @Test func valuesOfEveryLengthAreToldApart() {
    var index = IdentityIndex()
    var text = ""
    for row in 1...200 {
      text += row % 2 == 0 ? "\u{1}" : "a"
      let found = insert(text, row, &index)
      #expect(found == nil, "length \(row)")
    }
  }

  /// However many values come twice: none of them, hardly any, half of them, nearly all.
  @Test(arguments: [1 << 60, 2_000_000, 100_000, 5000]) func itKnowsWhatADictionaryKnows(values: Int) {
    var random = SystemRandomNumberGenerator()
    var index = IdentityIndex()
    var rows: [Int: Int] = [:]
    for row in 1...200_000 {
      let value = Int.random(in: 0..<values, using: &random)
      let found = insert("\(value)", row, &index)
      guard found == rows[value] else {
        Issue.record("row \(row), \(value): \(found ?? 0), not \(rows[value] ?? 0)")
        return
      }
      rows[value] = rows[value] ?? row
    }
    for value in rows.keys.prefix(50_000) where !contains("\(value)", &index) { Issue.record("\(value) is lost") }
    for value in values..<values + 50_000 where contains("\(value)", &index) { Issue.record("\(value) never came") }
  }

  /// Fewer than 24 bytes a value are asked for.
  @Test(arguments: [100_000, 250_000, 500_000]) func aValueTakesFewBytes(count: Int) {
    let memory = CountingMemory()
    do {
      var index = IdentityIndex(memory)
      for row in 1...count { _ = insert("\(row)", row, &index) }
      // The pieces that it grows by: one in each shard, and a large one.
      let slack = 512 * 1024 + 1 << 21
      #expect(memory.bytes < count * 18 + slack)
      for row in 1...count where insert("\(row)", 0, &index) != row { Issue.record("row \(row) is lost") }
      #expect(memory.bytes < count * 24 + slack)
    }
    #expect(memory.bytes == 0)
  }
}

private final class CountingMemory: TableMemory {
  private(set) var bytes = 0

  override func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    self.bytes += bytes
    return super.allocate(bytes)
  }

  override func release(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
    self.bytes -= bytes
    super.release(memory, bytes)
  }
}
