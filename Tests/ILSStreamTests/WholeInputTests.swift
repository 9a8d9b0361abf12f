import Foundation
import ILSRecord
import Testing

@testable import ILSStream

@Suite struct WholeInputTests {
  private let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }

  /// All bytes of the source at `path`, after a look at the first `ahead` of them; its digest and count.
  private func whole(_ path: String, ahead: Int) throws(StopError) -> (bytes: [UInt8], digest: String?, read: Int) {
    var source = try ByteSource(path, digesting: true)
    let seen = try source.peek { $0.count < ahead }
    #expect(seen.count >= min(ahead, 1))
    let input = try source.whole()
    let padding = UnsafeRawBufferPointer(start: input.bytes.baseAddress.map { $0 + input.bytes.count }, count: 64)
    #expect(padding.allSatisfy { $0 == 0 })
    return ([UInt8](input.bytes), source.finishDigest(), source.bytesRead)
  }

  @Test(arguments: [0, 1, 9, 5000]) func aFileIsTheSameInWholeHoweverMuchWasSeen(ahead: Int) throws {
    let scratch = Scratch()
    let path = scratch.write("plain", bytes)
    var source = try ByteSource(path, digesting: true)
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { block.deallocate() }
    while try source.read(into: block) > 0 {}
    let all = try whole(path, ahead: ahead)
    #expect(all.bytes == bytes && all.read == bytes.count)
    #expect(all.digest == source.finishDigest())
  }

  @Test func whatIsCompressedIsUnpackedFirst() throws {
    let scratch = Scratch()
    let packed = try gzipped(bytes)
    let all = try whole(scratch.write("packed", packed), ahead: 9)
    #expect(all.bytes == bytes && all.read == packed.count)
  }

  @Test func aPipeIsSpooled() throws {
    let scratch = Scratch()
    let pipe = scratch.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let content = Data(bytes)
    let writer = Thread { FileHandle(forWritingAtPath: pipe)?.write(content) }
    writer.start()
    #expect(try whole(pipe, ahead: 9).bytes == bytes)
    #expect(scratch.names == ["pipe"])
  }

  @Test func whatWasSeenIsReadAgain() throws {
    let scratch = Scratch()
    var source = try ByteSource(scratch.write("plain", bytes))
    _ = try source.peek { $0.count < 10 }
    var all: [UInt8] = []
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1000, alignment: 16)
    defer { block.deallocate() }
    while case let got = try source.read(into: block), got > 0 { all += block[..<got] }
    #expect(all == bytes)
  }

  @Test func whatWasReleasedComesBack() throws {
    let scratch = Scratch()
    var source = try ByteSource(scratch.write("plain", bytes))
    let input = try source.whole()
    input.release(input.bytes)
    input.release(UnsafeRawBufferPointer(rebasing: input.bytes[100..<200]))
    #expect([UInt8](input.bytes) == bytes)
  }

  @Test func anEmptyFileHasNoBytes() throws {
    let scratch = Scratch()
    #expect(try whole(scratch.write("empty", []), ahead: 0).bytes.isEmpty)
  }
}
