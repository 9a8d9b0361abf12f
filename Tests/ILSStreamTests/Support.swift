import Foundation
import ILSRecord

@testable import ILSStream

/// A folder that is gone when the test is.
final class Scratch {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "/ils-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) -> String {
    _ = FileManager.default.createFile(atPath: path + "/" + name, contents: Data(bytes))
    return path + "/" + name
  }

  func read(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: path + "/" + name).map { [UInt8]($0) } }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// `bytes` as gzip(1) compresses them.
func gzipped(_ bytes: [UInt8]) throws -> [UInt8] { try compressed(bytes, with: "gzip -9") }

/// `bytes` as `command`, which takes -c, compresses them.
func compressed(_ bytes: [UInt8], with command: String) throws -> [UInt8] {
  let scratch = Scratch()
  let plain = scratch.write("plain", bytes)
  let gzip = Process()
  gzip.executableURL = URL(fileURLWithPath: "/bin/sh")
  gzip.arguments = ["-c", "\(command) -c '\(plain)' > '\(plain).gz'"]
  try gzip.run()
  gzip.waitUntilExit()
  return scratch.read("plain.gz") ?? []
}

/// All bytes of the source at `path`, read `step` bytes at a time.
func drained(_ path: String, step: Int = 1 << 16) throws(StopError) -> [UInt8] {
  var source = try ByteSource(path)
  var all: [UInt8] = []
  let block = UnsafeMutableRawBufferPointer.allocate(byteCount: step, alignment: 16)
  defer { block.deallocate() }
  while true {
    let got = try source.read(into: block)
    if got == 0 { return all }
    all += block[..<got]
  }
}

/// The code of the StopError that `work` ends with.
func stopCode(_ work: () throws(StopError) -> Void) -> String? {
  do throws(StopError) {
    try work()
    return nil
  } catch {
    return error.code
  }
}
