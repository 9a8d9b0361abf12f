import ILSRecord

/// The columns of a table as they are written into records: between two values, no more than a copy.
struct CSVColumns: ~Copyable {
  let names: [String]
  /// What stands in front of each column's value, one behind the other; the quote that closes the value before it included.
  private let prefixes: UnsafeMutableRawBufferPointer
  /// Where each prefix starts in `prefixes`; one more than names.
  private let offsets: [Int]
  /// The longest prefix, in bytes.
  let longest: Int

  /// - Parameter lead: members that stand between `_row` and the first column, each behind a comma: `,"_file":"a.csv"`.
  init(_ names: [String], lead: String) {
    self.names = names
    var text = OutputBuffer()
    var offsets = [0]
    for (index, name) in names.enumerated() {
      if index == 0 { text.append(lead) }
      text.append(index == 0 ? "," as StaticString : "\",")
      text.appendJSONString(name)
      text.append(":\"" as StaticString)
      offsets.append(text.count)
    }
    longest = zip(offsets, offsets.dropFirst()).map { $1 - $0 }.max() ?? 0
    // Copies go sixteen bytes at a time and may read behind the last prefix.
    prefixes = .allocate(byteCount: text.count + 32, alignment: 16)
    prefixes.initializeMemory(as: UInt8.self, repeating: 0)
    prefixes.copyMemory(from: text.bytes)
    self.offsets = offsets
  }

  deinit { prefixes.deallocate() }

  var count: Int { names.count }

  /// Copies column `index`'s prefix to `out` and returns where it ends. Up to 31 bytes behind that are scribbled on.
  @inline(__always)
  func writePrefix(_ index: Int, _ out: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    let (from, length) = offsets.withUnsafeBufferPointer { ($0[index], $0[index + 1] - $0[index]) }
    let source = prefixes.baseAddress! + from
    copy16(out, source)
    copy16(out + 16, source + 16)
    if length > 32 { out.copyMemory(from: source, byteCount: length) }
    return out + length
  }

  @inline(__always)
  private func copy16(_ to: UnsafeMutableRawPointer, _ from: UnsafeMutableRawPointer) {
    to.storeBytes(of: from.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
  }
}
