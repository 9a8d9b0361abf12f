import CScan
import Glibc
import Synchronization

/// All shapes that a scanner has seen, as a tree of names: a record's fields are a way through it.
///
/// A record leaves the way of the one before it where an optional field is absent; it then takes another branch, and
/// nothing is allocated or hashed. The branch that was taken last at each place is tried first.
struct ShapeTree: ~Copyable {
  private struct Node: BitwiseCopyable {
    /// The first bytes of `text`; first of all, so that a node is where they are.
    var head: SIMD2<UInt64> = .zero
    /// A bit for each of them that counts.
    var headMask: UInt32 = 0
    /// The child that was taken last; 0 for none, since the root is nobody's child.
    var lastTaken: Int32 = 0
    var length: Int
    /// The name as it is written, with quotes and colon.
    var text: UnsafeMutableRawPointer
    var parent: Int32
    var firstChild: Int32 = 0
    var sibling: Int32 = 0
    /// The shape that ends here, which `shapes` owns.
    var shape: Unmanaged<Shape>?
  }

  private var nodes: UnsafeMutablePointer<Node>
  private var count = 1
  private var capacity = 256
  private var shapes: [Shape] = []
  /// Each tree has its own numbers: a stage keeps by a shape's number what it has worked out, and may read several inputs.
  private var nextID = trees.wrappingAdd(1, ordering: .relaxed).oldValue << 32
  private static let trees = Atomic<Int>(0)
  /// A source that never repeats its field names must not fill the memory with them, nor make long searches: then it is
  /// time to forget.
  private(set) var isCrowded = false
  /// Bytes of names in nodes and shapes.
  private var weight = 0

  private static var weightLimit: Int { 1 << 23 }
  private static var siblingLimit: Int { 256 }

  init() {
    nodes = .allocate(capacity: capacity)
    nodes.initialize(to: Node(length: 0, text: .allocate(byteCount: 1, alignment: 1), parent: 0))
  }

  /// Gives the memory back; the tree is not to be used again. Its owner's deinit calls this: one of its own would be nested
  /// in that, which release builds of Swift 6.3 get wrong across modules.
  func deallocate() {
    for number in 0..<count { nodes[number].text.deallocate() }
    nodes.deallocate()
  }

  /// Forgets all but the root, node 0, where the way of every record starts.
  @inline(never)
  mutating func forget() {
    for number in 1..<count { nodes[number].text.deallocate() }
    count = 1
    (nodes[0].firstChild, nodes[0].lastTaken, nodes[0].shape) = (0, 0, nil)
    shapes.removeAll()
    (isCrowded, weight) = (false, 0)
  }

  /// The node behind `node` that the last record went to, and its name's length, if its name stands at `text` with quotes
  /// and colon; nil otherwise. `left` bytes of the text may be looked at, and 16 more are readable.
  @inline(__always)
  mutating func step(from node: Int32, _ text: UnsafeRawPointer, left: Int) -> (node: Int32, length: Int)? {
    let expected = nodes[Int(node)].lastTaken
    if isAt(text, expected, left) { return (expected, nodes[Int(expected)].length) }
    return nil
  }

  @inline(__always)
  private func isAt(_ text: UnsafeRawPointer, _ node: Int32, _ left: Int) -> Bool {
    // The root has no text, and nothing is said to stand where it would.
    let known = nodes + Int(node)
    guard known.pointee.headMask != 0, left > known.pointee.length,
      ils_starts_with16(text, UnsafeRawPointer(known), known.pointee.headMask) != 0
    else { return false }
    return known.pointee.length <= 16 || memcmp(text + 16, known.pointee.text + 16, known.pointee.length - 16) == 0
  }

  /// The same for every other name that is known there.
  @inline(never)
  mutating func otherStep(from node: Int32, _ text: UnsafeRawPointer, left: Int) -> (node: Int32, length: Int)? {
    var child = nodes[Int(node)].firstChild
    while child != 0 {
      if isAt(text, child, left) {
        nodes[Int(node)].lastTaken = child
        return (child, nodes[Int(child)].length)
      }
      child = nodes[Int(child)].sibling
    }
    return nil
  }

  /// The node behind `node` with the name `key`, given as it is written between its quotes; a new one where none is known.
  mutating func step(from node: Int32, key: UnsafeRawBufferPointer) -> Int32 {
    var child = nodes[Int(node)].firstChild
    var looked = 0
    while child != 0 {
      let known = nodes[Int(child)]
      if known.length == key.count + 3, memcmp(known.text + 1, key.baseAddress!, key.count) == 0 {
        nodes[Int(node)].lastTaken = child
        return child
      }
      child = known.sibling
      looked += 1
    }
    weight += key.count + 64
    if looked > Self.siblingLimit || weight > Self.weightLimit { isCrowded = true }
    return add(key, behind: node)
  }

  private mutating func add(_ key: UnsafeRawBufferPointer, behind node: Int32) -> Int32 {
    if count == capacity { grow() }
    let text = UnsafeMutableRawPointer.allocate(byteCount: key.count + 3 + 16, alignment: 16)
    text.initializeMemory(as: UInt8.self, repeating: 0, count: key.count + 3 + 16)
    text.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    (text + 1).copyMemory(from: key.baseAddress!, byteCount: key.count)
    text.storeBytes(of: UInt8(ascii: "\""), toByteOffset: key.count + 1, as: UInt8.self)
    text.storeBytes(of: UInt8(ascii: ":"), toByteOffset: key.count + 2, as: UInt8.self)
    var made = Node(length: key.count + 3, text: text, parent: node)
    made.head = text.loadUnaligned(as: SIMD2<UInt64>.self)
    made.headMask = 1 << UInt32(min(key.count + 3, 16)) - 1
    made.sibling = nodes[Int(node)].firstChild
    (nodes + count).initialize(to: made)
    let number = Int32(count)
    (nodes[Int(node)].firstChild, nodes[Int(node)].lastTaken) = (number, number)
    count += 1
    return number
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Node>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: nodes, count: count)
    nodes.deallocate()
    nodes = larger
    capacity *= 2
  }

  /// The shape of the names on the way to `node`; the tree owns it until it forgets.
  /// - Throws: where a name is no text.
  @inline(__always)
  mutating func shape(at node: Int32) throws(RecordError) -> Unmanaged<Shape> {
    if let known = nodes[Int(node)].shape { return known }
    return try makeShape(at: node)
  }

  @inline(never)
  private mutating func makeShape(at node: Int32) throws(RecordError) -> Unmanaged<Shape> {
    var keys: [[UInt8]] = []
    var at = node
    while at != 0 {
      let known = nodes[Int(at)]
      keys.append([UInt8](UnsafeRawBufferPointer(start: known.text + 1, count: known.length - 3)))
      at = known.parent
    }
    keys.reverse()
    let made = try Shape(id: nextID, keys: keys)
    nextID += 1
    weight += keys.reduce(0) { $0 + 2 * $1.count + 64 }
    if weight > Self.weightLimit { isCrowded = true }
    shapes.append(made)
    nodes[Int(node)].shape = Unmanaged.passUnretained(made)
    return Unmanaged.passUnretained(made)
  }
}
