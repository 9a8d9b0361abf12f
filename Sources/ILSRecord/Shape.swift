import CScan

/// The names of a record's fields in their order.
///
/// Records of one source nearly always share one shape. The scanner hands out the same object for the same names, so a
/// stage can work out once per shape which field goes where, and keep that by `id`.
public final class Shape: Sendable {
  /// Different for each shape of the process, whichever scanner makes it; those of one scanner are consecutive.
  public let id: Int
  /// Field names, escapes undone.
  public let names: [String]
  /// The number of the toolkit's own fields among them.
  public let rowIndex: Int?
  public let fileIndex: Int?
  public let sheetIndex: Int?
  /// A name that occurs twice, if one does.
  public let duplicate: String?
  private let indices: [String: Int]
  /// Each name as it is written, with quotes and colon (`"mrn":`), one behind the other; 16 bytes more are readable.
  nonisolated(unsafe) private let written: UnsafeRawBufferPointer
  /// Where each name starts in `written`; one more entry than names.
  private let offsets: [Int]

  /// - Parameter keys: the names between their quotes, as they are written.
  init(id: Int, keys: [[UInt8]]) throws(RecordError) {
    var names: [String] = []
    var indices: [String: Int] = [:]
    var written: [UInt8] = []
    var offsets = [0]
    var duplicate: String?
    for (index, key) in keys.enumerated() {
      let name = try Shape.decode(key)
      if indices.updateValue(index, forKey: name) != nil { duplicate = duplicate ?? name }
      names.append(name)
      written.append(UInt8(ascii: "\""))
      written.append(contentsOf: key)
      written.append(contentsOf: "\":".utf8)
      offsets.append(written.count)
    }
    self.id = id
    self.names = names
    self.indices = indices
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: written.count + 16, alignment: 16)
    copy.initializeMemory(as: UInt8.self, repeating: 0)
    copy.copyBytes(from: written)
    self.written = UnsafeRawBufferPointer(copy)
    self.offsets = offsets
    self.duplicate = duplicate
    rowIndex = indices["_row"]
    fileIndex = indices["_file"]
    sheetIndex = indices["_sheet"]
  }

  deinit { written.deallocate() }

  private static func decode(_ key: [UInt8]) throws(RecordError) -> String {
    var buffer = OutputBuffer(capacity: key.count)
    // The copy gives the escape decoder the readable bytes behind the key that it counts on.
    let padded = key + [UInt8](repeating: 0, count: 16)
    do {
      try padded.withUnsafeBytes {
        try buffer.appendUnescaped(UnsafeRawBufferPointer(rebasing: $0[..<key.count]))
      }
    } catch let error as RecordError {
      throw error
    } catch {
      preconditionFailure("appendUnescaped throws RecordError alone")
    }
    return buffer.string()
  }

  public var count: Int { names.count }

  /// The number of the field called `name`.
  public func index(of name: String) -> Int? { indices[name] }

  /// Field `index`'s name as it is written, with quotes and colon: ready to be copied in front of a value. Valid as long as
  /// the shape is.
  public func written(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: written[offsets[index]..<offsets[index + 1]])
  }
}
