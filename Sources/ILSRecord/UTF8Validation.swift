import CScan

/// Where `bytes` stop being well-formed UTF-8 (Unicode 15, table 3-7), or nil if they never do.
///
/// Overlong forms, surrogates and code points above U+10FFFF are ill-formed. Reads nothing outside `bytes`.
/// - Complexity: O(*n*); runs of ASCII go sixteen bytes a step.
public func firstInvalidUTF8(_ bytes: UnsafeRawBufferPointer) -> Int? {
  guard let start = bytes.baseAddress else { return nil }
  let count = bytes.count
  var at = 0
  while at < count {
    if count - at >= 16 {
      let high = ils_high_mask16(start + at)
      at += high == 0 ? 16 : high.trailingZeroBitCount
      if high == 0 { continue }
    }
    let length = utf8SequenceLength(bytes, at: at)
    if length == 0 { return at }
    at += length
  }
  return nil
}

/// The length of the well-formed sequence at `at`, or 0 if there is none.
@inline(__always)
private func utf8SequenceLength(_ bytes: UnsafeRawBufferPointer, at: Int) -> Int {
  let left = bytes.count - at
  if left >= 4 { return Int(ils_utf8_length(bytes.baseAddress! + at)) }
  // Zeros behind the end, which go on with no sequence.
  var last: UInt32 = 0
  return withUnsafeMutableBytes(of: &last) { last in
    last.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[at...]))
    return Int(ils_utf8_length(last.baseAddress!))
  }
}
