// What must hold of every file, compressed or not: a part of the fuzzers (scripts/fuzz) and of the tests.

import Glibc
import ILSRecord
import ILSStream

/// Reads the input as a file, in one piece and in small ones: no trap, and the same bytes and the same end.
func checkCompressed(_ input: [UInt8]) -> String? {
  guard let first = input.first else { return nil }
  var name = Array("/dev/shm/ils-fuzz-XXXXXX".utf8CString)
  let file = mkstemp(&name)
  guard file >= 0 else { return "no scratch file" }
  defer { close(file) }
  unlink(name)
  let content = Array(input.dropFirst())
  _ = content.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
  let path = "/proc/self/fd/\(file)"
  let whole = contents(path, step: 1 << 20)
  let pieces = contents(path, step: 8 + Int(first))
  return whole.bytes == pieces.bytes && whole.stop == pieces.stop ? nil : "the bytes depend on how they are read"
}

/// The bytes of the file at `path`, as far as 4 MiB, and what stopped the reading.
private func contents(_ path: String, step: Int) -> (bytes: [UInt8], stop: String?) {
  var bytes: [UInt8] = []
  let block = UnsafeMutableRawBufferPointer.allocate(byteCount: step, alignment: 16)
  defer { block.deallocate() }
  do throws(StopError) {
    var source = try ByteSource(path)
    while bytes.count < 1 << 22 {
      let got = try source.read(into: block)
      if got == 0 { break }
      bytes += block[..<got]
    }
    return (Array(bytes.prefix(1 << 22)), nil)
  } catch {
    return (bytes, error.code)
  }
}
