import Foundation
import ILSRecord
import Testing

@testable import ILSStream

@Suite struct SourceTests {
  private let scratch = Scratch()
  private let text = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 5) })

  @Test(arguments: [8, 100, 1 << 16]) func gzipIsUndoneWhateverItsName(step: Int) throws {
    let path = scratch.write("plain.csv", try gzipped(text))
    #expect(try drained(path, step: step) == text)
  }

  @Test func membersBehindEachOtherAreOneStream() throws {
    let path = scratch.write("two.gz", try gzipped(text) + gzipped([]) + gzipped(text) + [0, 0, 0])
    #expect(try drained(path) == text + text)
  }

  @Test func aCutOffMemberIsNamed() throws {
    let whole = try gzipped(text)
    for length in [2, 10, 18, whole.count / 2, whole.count - 1] {
      let path = scratch.write("cut.gz", Array(whole[..<length]))
      #expect(stopCode { () throws(StopError) in _ = try drained(path) } == "gzip.truncated", "\(length) bytes")
    }
  }

  @Test func damageIsNamed() throws {
    var damaged = try gzipped(text)
    for at in 100..<120 { damaged[at] ^= 0x55 }
    let path = scratch.write("damaged.gz", damaged)
    #expect(stopCode { () throws(StopError) in _ = try drained(path) } == "gzip.corrupt")
    let trailing = scratch.write("trailing.gz", try gzipped(text) + [0x41, 0x42])
    #expect(stopCode { () throws(StopError) in _ = try drained(trailing) } == "gzip.trailing")
  }

  @Test(arguments: [("zstd", "zstd -19 -q"), ("xz", "xz -6")])
  func otherCompressionIsUndoneToo(format: String, command: String) throws {
    let packed = try compressed(text, with: command)
    for step in [8, 100, 1 << 16] { #expect(try drained(scratch.write("plain.csv", packed), step: step) == text) }
    let empty = try compressed([], with: command)
    #expect(try drained(scratch.write("two", packed + empty + packed)) == text + text)
    for length in [packed.count / 2, packed.count - 1] {
      let path = scratch.write("cut", Array(packed[..<length]))
      #expect(stopCode { () throws(StopError) in _ = try drained(path) } == format + ".truncated", "\(length) bytes")
    }
    var damaged = packed
    for at in 100..<120 { damaged[at] ^= 0x55 }
    for path in [
      scratch.write("damaged", damaged), scratch.write("trailing", packed + Array("and something else".utf8)),
    ] {
      #expect(stopCode { () throws(StopError) in _ = try drained(path) } == format + ".corrupt", "\(path)")
    }
  }

  @Test func whatUnpacksWithoutEndIsRefused() throws {
    // 320 MiB of zeros are ten kilobytes; 40 MiB may be what they are.
    for (megabytes, stop) in [(320, "io.expansion"), (40, nil)] as [(Int, String?)] {
      let packed = try compressed([], with: "sh -c 'head -c \(megabytes << 20) /dev/zero | zstd -qc' sh")
      let path = scratch.write("zeros.csv.zst", packed)
      let code = stopCode { () throws(StopError) in
        var source = try ByteSource(path)
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { block.deallocate() }
        while try source.read(into: block) > 0 {}
      }
      #expect(code == stop)
    }
  }

  @Test func whatTheFuzzersFoundHolds() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../Fuzz/found/compressed")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files { #expect(checkCompressed([UInt8](try Data(contentsOf: file))) == nil, "\(file)") }
  }

  @Test func plainFilesOfOneByteAreRead() throws {
    #expect(try drained(scratch.write("one", [0x1F])) == [0x1F])
    #expect(try drained(scratch.write("part", [0xFD, 0x37, 0x7A])) == [0xFD, 0x37, 0x7A])
    #expect(try drained(scratch.write("none", [])) == [])
  }

  @Test func whatIsNotThereIsNamed() {
    func status(_ path: String) -> ILSRecord.ExitStatus? {
      do throws(StopError) {
        _ = try ByteSource(path)
        return nil
      } catch {
        return error.status
      }
    }
    #expect(status(scratch.path + "/nowhere") == .noInput)
    #expect(status(scratch.path) == .noInput)
  }

  @Test func theDigestIsOfTheStoredBytes() throws {
    var source = try ByteSource(scratch.write("abc", Array("abc".utf8)), digesting: true)
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
    defer { block.deallocate() }
    while try source.read(into: block) > 0 {}
    // FIPS 180-4, example B.1
    let digest = source.finishDigest()
    #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
