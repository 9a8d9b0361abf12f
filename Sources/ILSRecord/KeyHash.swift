/// A keyed hash of 64 bits for tables and filters: fast, well mixed, and different for each seed.
///
/// Each eight bytes are multiplied into the state, and both halves of the product are kept. Not for signatures.
/// - Complexity: O(*n*) in bytes.
public func keyHash(_ key: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
  var state = mix(seed ^ UInt64(truncatingIfNeeded: key.count), 0x9E37_79B9_7F4A_7C15)
  var at = 0
  while at + 8 <= key.count {
    state = mix(state ^ key.loadUnaligned(fromByteOffset: at, as: UInt64.self), seed | 1)
    at += 8
  }
  var rest: UInt64 = 0
  while at < key.count {
    rest = rest << 8 | UInt64(key[at])
    at += 1
  }
  return mix(mix(state ^ rest, seed | 1), 0xD1B5_4A32_D192_ED03 ^ seed)
}

@inline(__always)
private func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = a.multipliedFullWidth(by: b)
  return product.high ^ product.low ^ (a &+ 0x2545_F491_4F6C_DD1D)
}
