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
    if count - at >= 16, ils_high_mask16(start + at) == 0 {
      at += 16
      continue
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
  let lead = bytes[at]
  if lead < 0x80 { return 1 }
  let left = bytes.count - at
  @inline(__always) func trails(_ offset: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
    offset < left && bytes[at + offset] >= low && bytes[at + offset] <= high
  }
  switch lead {
  case 0xC2...0xDF: return trails(1) ? 2 : 0
  case 0xE0: return trails(1, 0xA0) && trails(2) ? 3 : 0
  case 0xE1...0xEC, 0xEE, 0xEF: return trails(1) && trails(2) ? 3 : 0
  case 0xED: return trails(1, 0x80, 0x9F) && trails(2) ? 3 : 0
  case 0xF0: return trails(1, 0x90) && trails(2) && trails(3) ? 4 : 0
  case 0xF1...0xF3: return trails(1) && trails(2) && trails(3) ? 4 : 0
  case 0xF4: return trails(1, 0x80, 0x8F) && trails(2) && trails(3) ? 4 : 0
  default: return 0
  }
}
