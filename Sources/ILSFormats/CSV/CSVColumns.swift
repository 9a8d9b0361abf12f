import ILSRecord

/// The columns of a table as they are written into records: between two values, no more than a copy.
struct CSVColumns: ~Copyable {
  let names: [String]
  let count: Int
  /// What stands in front of each column's value, one behind the other; the quote that closes the value before it included.
  private let prefixes: UnsafeMutableRawBufferPointer
  private let table: UnsafeMutablePointer<(text: UnsafeRawPointer, length: Int)>
  /// The longest prefix, in bytes.
  let longest: Int
  /// The names, to be looked up.
  let taken: Set<String>

  /// - Parameter lead: members that stand between `_row` and the first column, each behind a comma: `,"_file":"a.csv"`.
  init(_ names: [String], lead: String) {
    self.names = names
    count = names.count
    taken = Set(names)
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
    table = .allocate(capacity: names.count)
    for index in names.indices {
      let text = UnsafeRawPointer(prefixes.baseAddress! + offsets[index])
      (table + index).initialize(to: (text, offsets[index + 1] - offsets[index]))
    }
  }

  deinit {
    prefixes.deallocate()
    table.deallocate()
  }

  /// Copies column `index`'s prefix to `out` and returns where it ends. Up to 31 bytes behind that are scribbled on.
  @inline(__always)
  func writePrefix(_ index: Int, _ out: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    copyShort(table[index].text, table[index].length, to: out)
  }
}

/// Copies `length` bytes, of which most runs have at most 32, and returns where the copy ends.
///
/// Reads 32 bytes at least, and scribbles on up to 31 behind the copy: no branch depends on a length below 33.
@inline(__always)
func copyShort(_ from: UnsafeRawPointer, _ length: Int, to out: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
  out.storeBytes(of: from.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
  (out + 16).storeBytes(of: (from + 16).loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
  if length > 32 { (out + 32).copyMemory(from: from + 32, byteCount: length - 32) }
  return out + length
}
