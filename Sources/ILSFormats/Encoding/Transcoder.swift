import ILSRecord
import Glibc

/// Turns the bytes of one encoding into UTF-8, in any portions (iconv(3)).
///
/// A byte that means nothing becomes 0xFF, which is no UTF-8 either: so that the row that holds it is refused, and not
/// the file. With `replacesErrors` it becomes U+FFFD.
final class Transcoder {
  private let descriptor: iconv_t
  private let replacesErrors: Bool
  /// The bytes of a character that the last portion broke off.
  private var pending: [UInt8] = []
  /// iconv makes one character of a Hebrew letter and its points, which normal forms of Unicode take apart again: byte by byte,
  /// each stays what it is.
  private let keepsPoints: Bool

  /// - Throws: `usage` where iconv does not know the encoding.
  init(from name: String, replacesErrors: Bool) throws(StopError) {
    let opened = iconv_open("UTF-8", name)
    guard opened != iconv_t(bitPattern: -1), let opened else {
      throw StopError(
        .usage, UsageFault.usage, "the encoding \"\(name)\" is not known; iconv -l lists those that are")
    }
    descriptor = opened
    self.replacesErrors = replacesErrors
    keepsPoints = ["CP1255", "WINDOWS-1255", "MS-HEBR"].contains(name.uppercased())
  }

  deinit { iconv_close(descriptor) }

  /// Appends `bytes` as UTF-8 to `output`.
  func convert(_ bytes: UnsafeRawBufferPointer, to output: inout OutputBuffer) {
    guard !bytes.isEmpty else { return }
    if keepsPoints { return convertEach(bytes, to: &output) }
    if pending.isEmpty { return convertAll(bytes, to: &output) }
    let joined = pending + bytes
    pending = []
    joined.withUnsafeBytes { convertAll($0, to: &output) }
  }

  private func convertEach(_ bytes: UnsafeRawBufferPointer, to output: inout OutputBuffer) {
    var from = 0
    while from < bytes.count {
      let end = bytes[from...].firstIndex { $0 >= 0x80 } ?? bytes.count
      output.append(UnsafeRawBufferPointer(rebasing: bytes[from..<end]))
      if end < bytes.count {
        convertAll(UnsafeRawBufferPointer(rebasing: bytes[end...end]), to: &output)
        flush(&output)
      }
      from = end + 1
    }
  }

  private func convertAll(_ bytes: UnsafeRawBufferPointer, to output: inout OutputBuffer) {
    // iconv takes a pointer to what it will not change.
    var input = UnsafeMutablePointer<CChar>(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
    var left = bytes.count
    while left > 0 {
      let room = left * 4 + 16
      let to = output.reserve(room)
      var target: UnsafeMutablePointer<CChar>? = to.assumingMemoryBound(to: CChar.self)
      var rest = room
      let result = iconv(descriptor, &input, &left, &target, &rest)
      let failure = errno
      output.commit(room - rest)
      if result != -1 { return }
      if failure == EINVAL {
        if let input { pending = Array(UnsafeRawBufferPointer(start: input, count: left)) }
        return
      }
      if failure == EILSEQ {
        putInvalid(&output)
        input = input.map { $0 + 1 }
        left -= 1
      }
    }
  }

  private func putInvalid(_ output: inout OutputBuffer) {
    if replacesErrors { output.append("\u{FFFD}" as StaticString) } else { output.append(0xFF) }
  }

  /// Ends the text: half a character is invalid, and one that waited for an accent behind it (CP1258) comes out.
  func finish(to output: inout OutputBuffer) {
    flush(&output)
    if !pending.isEmpty { putInvalid(&output) }
    pending = []
  }

  private func flush(_ output: inout OutputBuffer) {
    let to = output.reserve(16)
    var target: UnsafeMutablePointer<CChar>? = to.assumingMemoryBound(to: CChar.self)
    var rest = 16
    _ = iconv(descriptor, nil, nil, &target, &rest)
    output.commit(16 - rest)
  }

  /// UTF-8 in another encoding; nil where that is not known, or has no such character.
  static func encode(_ text: [UInt8], as name: String) -> [UInt8]? {
    let opened = iconv_open(name, "UTF-8")
    guard opened != iconv_t(bitPattern: -1), let opened else { return nil }
    defer { iconv_close(opened) }
    var input = text.map { CChar(bitPattern: $0) }
    var output = [CChar](repeating: 0, count: text.count * 4 + 16)
    var (left, rest) = (input.count, output.count)
    let result = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        var (from, to) = (input.baseAddress, output.baseAddress)
        return iconv(opened, &from, &left, &to, &rest)
      }
    }
    guard result == 0, left == 0 else { return nil }
    return output[..<(output.count - rest)].map { UInt8(bitPattern: $0) }
  }
}
