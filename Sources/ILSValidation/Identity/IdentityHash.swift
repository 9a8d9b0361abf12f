import CValidation
import ILSRecord

/// A keyed hash of a value, or of the values of a key: two with the same hash are taken for the same.
struct IdentityHash: BitwiseCopyable, Equatable {
  var first: UInt64 = 0
  var second: UInt64 = 0

  /// What an index keeps beside the first half.
  var tag: UInt16 { UInt16(truncatingIfNeeded: second) }

  /// What stands for a value that is absent.
  static var none: IdentityHash { IdentityHash(first: 0xFF, second: 0xFF) }

  /// A seed that nobody knows: values can't be made to share a hash.
  static func random() -> IdentityHash {
    var random = SystemRandomNumberGenerator()
    return IdentityHash(first: random.next(), second: random.next())
  }

  /// The hash of a run of values, and one more. Runs begin with a seed: the first two could change places otherwise.
  @inline(__always)
  func mixed(with other: IdentityHash) -> IdentityHash {
    let mixed = ils_hash_mix(ils_hash(first: first, second: second), other.first, other.second)
    return IdentityHash(first: mixed.first, second: mixed.second)
  }
}

extension IdentityHash {
  /// The hash of a text as one of the ways to fold that `hashes.h` knows leaves it; nil where that does not do.
  /// - Complexity: O(*n*), sixteen bytes a step.
  @inline(__always)
  init?(_ text: PaddedBytes, _ seed: IdentityHash, _ folding: Int = ILS_FOLD_NONE) {
    var hash = ils_hash()
    let seed = ils_hash(first: seed.first, second: seed.second)
    guard ils_hash_text(&hash, text.bytes.baseAddress, text.count, Int32(folding), seed) != 0 else { return nil }
    self.init(first: hash.first, second: hash.second)
  }
}
