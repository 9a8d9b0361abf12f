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

/// Two such hashes at one go, which have nothing to do with each other.
@inlinable
@inline(__always)
public func keyHashes(_ key: UnsafeRawBufferPointer, seeds: (UInt64, UInt64)) -> (UInt64, UInt64) {
  let length = UInt64(truncatingIfNeeded: key.count)
  var first = seeds.0 ^ length &* 0x9E37_79B9_7F4A_7C15
  var second = seeds.1 ^ length &* 0xC2B2_AE3D_27D4_EB4F
  var at = 0
  while key.count - at > 16 {
    let words = key.loadUnaligned(fromByteOffset: at, as: (UInt64, UInt64).self)
    first = mix(first ^ words.0, words.1 ^ seeds.1)
    second = mix(second ^ words.1, words.0 ^ seeds.0)
    at += 16
  }
  let rest = UnsafeRawBufferPointer(rebasing: key[at...])
  let front = rest.count > 8 ? rest.loadUnaligned(as: UInt64.self) : 0
  let back = lastBytes(rest)
  first = mix(first ^ front, back ^ seeds.1)
  second = mix(second ^ back, front ^ seeds.0)
  return (mix(first, 0xD1B5_4A32_D192_ED03 ^ seeds.0), mix(second, 0x8CB9_2BA7_2F3D_8DD7 ^ seeds.1))
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

/// Mixes a word into a state, as the hashes above do.
@inlinable
@inline(__always)
public func mixed(_ state: UInt64, _ key: UInt64) -> UInt64 { mix(state, key) }

@usableFromInline
@inline(__always)
func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = a.multipliedFullWidth(by: b)
  return product.high ^ product.low ^ (a &+ 0x2545_F491_4F6C_DD1D)
}
