/// A keyed hash of 64 bits for tables and filters: fast, well mixed, and different for each seed.
///
/// Each eight bytes are multiplied into the state, and both halves of the product are kept. Not for signatures.
/// - Complexity: O(*n*) in bytes.
@inlinable
public func keyHash(_ key: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
  var state = mix(seed ^ UInt64(truncatingIfNeeded: key.count), 0x9E37_79B9_7F4A_7C15)
  var at = 0
  while at + 8 <= key.count {
    state = mix(state ^ key.loadUnaligned(fromByteOffset: at, as: UInt64.self), seed | 1)
    at += 8
  }
  let rest = lastBytes(key)
  return mix(mix(state ^ rest, seed | 1), 0xD1B5_4A32_D192_ED03 ^ seed)
}

/// The last eight bytes, or as many as there are: some of them for a second time, and the length, which is in the hash, tells
/// which.
@usableFromInline
@inline(__always)
func lastBytes(_ key: UnsafeRawBufferPointer) -> UInt64 {
  let count = key.count
  if count >= 8 { return key.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) }
  if count >= 4 {
    let first = key.loadUnaligned(as: UInt32.self)
    return UInt64(first) << 32 | UInt64(key.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
  }
  return count == 0 ? 0 : UInt64(key[0]) << 16 | UInt64(key[count >> 1]) << 8 | UInt64(key[count - 1])
}

@usableFromInline
@inline(__always)
func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = a.multipliedFullWidth(by: b)
  return product.high ^ product.low ^ (a &+ 0x2545_F491_4F6C_DD1D)
}
