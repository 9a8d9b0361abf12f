import ILSRecord
import Testing

@testable import ILSStream

@Suite struct LineReaderTests {
  private let scratch = Scratch()

  /// The lines of a file that holds `text`; a line beyond the limit as "...".
  private func lines(_ text: [UInt8]) throws -> [String] {
    var reader = LineReader(try ByteSource(scratch.write("lines", text)))
    var found: [String] = []
    while true {
      switch reader.next() {
      case .line(let line): found.append("\(reader.number):" + String(decoding: line.bytes, as: UTF8.self))
      case .tooLong: found.append("\(reader.number):...")
      case .needsInput: try reader.fill()
      case .end: return found
      }
    }
  }

  @Test func theLastLineNeedsNoLineFeed() throws {
    #expect(try lines(Array("a\n\nb".utf8)) == ["1:a", "2:", "3:b"])
    #expect(try lines(Array("a\n".utf8)) == ["1:a"])
    #expect(try lines([]) == [])
  }

  @Test func linesMaySpanBlocks() throws {
    let long = [300_000, 1, 0, 700_000, 262_143, 262_144, 262_145].map { [UInt8](repeating: 0x78, count: $0) }
    let found = try lines(Array(long.joined(separator: [0x0A])))
    #expect(found == long.enumerated().map { "\($0 + 1):" + String(decoding: $1, as: UTF8.self) })
  }

  @Test func aLineBeyondTheLimitIsPassedOver() throws {
    let monster = [UInt8](repeating: 0x78, count: LineReader.lineLimit + 600_000)
    #expect(try lines(Array("a\n".utf8) + monster + Array("\nb\n".utf8)) == ["1:a", "2:...", "3:b"])
    #expect(try lines(monster) == ["1:..."])
  }
}
