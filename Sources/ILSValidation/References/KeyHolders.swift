import ILSRecord

/// Which rows hold the keys that references find them by.
struct KeyHolders: ~Copyable {
  private var first: IdentityIndex
  /// Keys that more than one row holds.
  private var shared: IdentityIndex

  enum Found { case none, one, several }

  init(_ memory: TableMemory) {
    first = IdentityIndex(memory)
    shared = IdentityIndex(memory)
  }

  /// Notes that a row holds a key. - Parameter row: less than 2^32.
  mutating func insert(_ key: PaddedBytes, row: Int) {
    if let known = first.insert(key, row: row), known != row { _ = shared.insert(key, row: 0) }
  }

  mutating func find(_ key: PaddedBytes) -> Found {
    guard first.contains(key) else { return .none }
    return shared.contains(key) ? .several : .one
  }
}
