import ILSRecord

/// Which rows hold the keys that references find them by.
struct KeyHolders: ~Copyable {
  private var first: IdentityIndex
  /// Keys that more than one row holds.
  private var shared: IdentityIndex

  enum Found: Equatable { case none, one(row: Int), several }

  init(_ memory: TableMemory) {
    first = IdentityIndex(memory)
    shared = IdentityIndex(memory)
  }

  /// Notes that a row holds a key. - Parameter row: less than 2^32.
  mutating func insert(_ key: PaddedBytes, row: Int) {
    if let known = first.insert(key, row: row), known != row { _ = shared.insert(key, row: 0) }
  }

  mutating func find(_ key: PaddedBytes) -> Found {
    guard let row = first.find(key) else { return .none }
    return shared.find(key) != nil ? .several : .one(row: row)
  }
}

extension KeyHolders.Found {
  /// What another key has found besides.
  mutating func meet(_ other: Self) {
    if self == .none { self = other } else if other != .none, other != self { self = .several }
  }
}
