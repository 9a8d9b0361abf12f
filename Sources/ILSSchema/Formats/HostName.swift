/// Host names (RFC 1123, 2.1) whose labels may be internationalised ones in their ASCII form (RFC 5890 to 5893).
enum HostName {
  /// Labels of letters, digits and hyphens, 63 bytes each at most and 253 in all; `xn--` labels must be valid A-labels.
  static func isValid(_ text: some Collection<UInt8>) -> Bool {
    guard !text.isEmpty, text.count <= 253 else { return false }
    return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { isLabel($0) }
  }

  /// The same, and labels may also stand as they are read (U-labels), parted by any of the four full stops of IDNA.
  static func isInternationalised(_ text: String) -> Bool {
    let labels = text.unicodeScalars.split(omittingEmptySubsequences: false) { fullStops.contains($0.value) }
    var length = labels.count - 1
    for label in labels {
      let scalars = label.map(\.value)
      if scalars.allSatisfy({ $0 < 0x80 }) {
        guard isLabel(scalars.map { UInt8($0) }) else { return false }
        length += scalars.count
      } else {
        guard isULabel(scalars), let encoded = Punycode.encode(scalars), encoded.count + 4 <= 63 else { return false }
        length += encoded.count + 4
      }
    }
    return !labels.isEmpty && length <= 253
  }

  private static let fullStops: Set<UInt32> = [0x2E, 0x3002, 0xFF0E, 0xFF61]

  private static func isLabel(_ label: some Collection<UInt8>) -> Bool {
    let bytes = Array(label)
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 63, first != 0x2D, last != 0x2D,
      bytes.allSatisfy({ $0 == 0x2D || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 })
    else { return false }
    guard bytes.count >= 4, bytes[2] == 0x2D, bytes[3] == 0x2D else { return true }
    // Two hyphens there are for labels in disguise.
    guard bytes[0] | 0x20 == UInt8(ascii: "x"), bytes[1] | 0x20 == UInt8(ascii: "n"),
      let scalars = Punycode.decode(bytes[4...]), scalars.contains(where: { $0 >= 0x80 })
    else { return false }
    return isULabel(scalars)
  }

  // MARK: - U-labels

  /// What RFC 5891, 4.2 asks of a label, and RFC 5892 of its characters.
  private static func isULabel(_ label: [UInt32]) -> Bool {
    guard let first = label.first.flatMap(Unicode.Scalar.init), let last = label.last else { return false }
    if label[0] == 0x2D || last == 0x2D { return false }
    if label.count >= 4, label[2] == 0x2D, label[3] == 0x2D { return false }
    switch first.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return false
    default: break
    }
    return label.indices.allSatisfy { isAllowed(label, $0) }
  }

  private static let alwaysAllowed: Set<UInt32> = [0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007]
  private static let neverAllowed: Set<UInt32> = [
    0x640, 0x7FA, 0x302E, 0x302F, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303B,
  ]

  private static func isAllowed(_ label: [UInt32], _ index: Int) -> Bool {
    let scalar = label[index]
    if scalar < 0x80 { return scalar == 0x2D || scalar &- 0x30 < 10 || scalar &- 0x61 < 26 }
    if alwaysAllowed.contains(scalar) { return true }
    if neverAllowed.contains(scalar) { return false }
    if let byContext = isAllowedByContext(label, index) { return byContext }
    guard let unicode = Unicode.Scalar(scalar) else { return false }
    // Upper case and compatibility forms are not stable under folding and normalisation.
    if String(unicode).lowercased() != String(unicode) { return false }
    switch unicode.properties.generalCategory {
    case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber: return true
    default: return false
    }
  }

  /// The rules of RFC 5892, appendix A; nil for characters that have none.
  private static func isAllowedByContext(_ label: [UInt32], _ index: Int) -> Bool? {
    let before = index > 0 ? label[index - 1] : 0
    let after = index + 1 < label.count ? label[index + 1] : 0
    switch label[index] {
    case 0x200C: return isVirama(before) || (isArabic(before) && isArabic(after))
    case 0x200D: return isVirama(before)
    case 0xB7: return before == 0x6C && after == 0x6C
    case 0x375: return isGreek(after)
    case 0x5F3, 0x5F4: return (0x590...0x5FF).contains(before)
    case 0x30FB: return label.contains(where: isJapanese)
    case 0x660...0x669: return !label.contains { (0x6F0...0x6F9).contains($0) }
    case 0x6F0...0x6F9: return !label.contains { (0x660...0x669).contains($0) }
    default: return nil
    }
  }

  private static func isVirama(_ scalar: UInt32) -> Bool {
    Unicode.Scalar(scalar)?.properties.canonicalCombiningClass == .virama
  }

  /// Letters that join on both sides, but for the few that join on one.
  private static func isArabic(_ scalar: UInt32) -> Bool {
    (0x620...0x64A).contains(scalar)
      && ![0x622, 0x623, 0x624, 0x625, 0x627, 0x629, 0x62F, 0x630, 0x631, 0x632, 0x648].contains(scalar)
  }

  private static func isGreek(_ scalar: UInt32) -> Bool {
    (0x370...0x3FF).contains(scalar) || (0x1F00...0x1FFF).contains(scalar)
  }

  private static func isJapanese(_ scalar: UInt32) -> Bool {
    (0x3041...0x3096).contains(scalar) || (0x309D...0x309F).contains(scalar) || (0x30A1...0x30FA).contains(scalar)
      || (0x30FD...0x30FF).contains(scalar) || (0x3400...0x9FFF).contains(scalar) || scalar == 0x3005
      || scalar == 0x3007
  }
}

/// Labels of other scripts in ASCII (RFC 3492).
enum Punycode {
  private static func adapt(_ delta: Int, _ count: Int, _ isFirst: Bool) -> Int {
    var delta = isFirst ? delta / 700 : delta / 2
    delta += delta / count
    var step = 0
    while delta > 455 {
      delta /= 35
      step += 36
    }
    return step + 36 * delta / (delta + 38)
  }

  private static func threshold(_ step: Int, _ bias: Int) -> Int { min(max(step - bias, 1), 26) }

  /// The scalars of a label without its `xn--`; nil where it is none.
  static func decode(_ label: ArraySlice<UInt8>) -> [UInt32]? {
    var output: [UInt32] = []
    var rest = label
    if let hyphen = label.lastIndex(of: 0x2D) {
      output = label[..<hyphen].map { UInt32($0 | ($0 &- 0x41 < 26 ? 0x20 : 0)) }
      rest = label[(hyphen + 1)...]
    }
    var (scalar, position, bias) = (128, 0, 72)
    var bytes = rest.makeIterator()
    while var byte = bytes.next() {
      let start = position
      var (weight, step) = (1, 36)
      while true {
        let digit = byte &- 0x30 < 10 ? Int(byte) - 0x30 + 26 : Int(byte | 0x20) - 0x61
        guard (0..<36).contains(digit), weight < 1 << 40 else { return nil }
        position += digit * weight
        let least = threshold(step, bias)
        if digit < least { break }
        weight *= 36 - least
        step += 36
        guard let next = bytes.next() else { return nil }
        byte = next
      }
      bias = adapt(position - start, output.count + 1, start == 0)
      scalar += position / (output.count + 1)
      position %= output.count + 1
      guard scalar <= 0x10FFFF, let value = Unicode.Scalar(UInt32(scalar))?.value else { return nil }
      output.insert(value, at: position)
      position += 1
    }
    return rest.isEmpty ? nil : output
  }

  /// A label without its `xn--`.
  static func encode(_ label: [UInt32]) -> [UInt8]? {
    var output = label.filter { $0 < 0x80 }.map { UInt8($0) }
    let basic = output.count
    if basic > 0 { output.append(0x2D) }
    var (scalar, delta, bias, done) = (128, 0, 72, basic)
    while done < label.count {
      guard let next = label.filter({ $0 >= UInt32(scalar) }).min() else { return nil }
      delta += (Int(next) - scalar) * (done + 1)
      scalar = Int(next)
      for other in label {
        if other < next { delta += 1 }
        guard other == next else { continue }
        var (rest, step) = (delta, 36)
        while rest >= threshold(step, bias) {
          let least = threshold(step, bias)
          output.append(digit(least + (rest - least) % (36 - least)))
          rest = (rest - least) / (36 - least)
          step += 36
        }
        output.append(digit(rest))
        bias = adapt(delta, done + 1, done == basic)
        delta = 0
        done += 1
      }
      delta += 1
      scalar += 1
    }
    return output
  }

  private static func digit(_ value: Int) -> UInt8 { UInt8(value < 26 ? value + 0x61 : value - 26 + 0x30) }
}
