/// A copy of a record, for a stage that must see the next one first.
///
/// A record is a view that ends with the call that it comes with. This keeps its line and its fields: some 20 ns for one of
/// 300 bytes, and nothing is allocated once the room is there.
public struct HeldRecord: ~Copyable {
  private var line = OutputBuffer()
  private var fields: UnsafeMutableBufferPointer<FieldSlot>
  private var count = 0
  private var number = 0
  /// Kept alive here; to make a record of the other counts no references.
  private var owner: Shape?
  private unowned(unsafe) var shape: Shape?
  public private(set) var isEmpty = true

  public init() { fields = .allocate(capacity: 64) }

  deinit { fields.deallocate() }

  /// Keeps a record, in the place of the one before.
  public mutating func hold(_ record: Record) {
    line.removeAll()
    line.append(record.bytes)
    if record.fields.count > fields.count { grow(record.fields.count) }
    if let first = record.fields.baseAddress {
      fields.baseAddress!.update(from: first, count: record.fields.count)
    }
    (count, number, isEmpty) = (record.fields.count, record.line, false)
    if owner == nil || owner!.id != record.shape.id { keep(record.shape) }
  }

  /// The record, valid until another is held; there is one unless this `isEmpty`.
  public var record: Record {
    Record(bytes: line.padded, fields: UnsafeBufferPointer(rebasing: fields[..<count]), shape: shape!, line: number)
  }

  /// Lets go of the record; its view stays valid until another is held.
  public mutating func release() { isEmpty = true }

  @inline(never)
  private mutating func keep(_ new: Shape) { (owner, shape) = (new, new) }

  private mutating func grow(_ needed: Int) {
    fields.deallocate()
    fields = .allocate(capacity: max(needed, fields.count * 2))
  }
}
