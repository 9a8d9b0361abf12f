import ILSRecord

/// Controls and invisible format characters out, tabs and line ends to one space.
struct StripControl: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard run.isString(value), !(run.isPlain(value) && value.isASCII && !value.text.contains(0x7F)) else { return }
    try run.load(value)
    run.spare.removeAll()
    var spaceIsDue = false
    for scalar in run.text.string().unicodeScalars {
      switch scalar.value {
      case 0x09...0x0D, 0x85, 0x2028, 0x2029:
        spaceIsDue = true
        continue
      // Controls, the byte order mark, and what steers direction or has no width; joiners are part of scripts and emoji.
      case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF,
        0xFFF9...0xFFFB:
        continue
      default: break
      }
      if spaceIsDue { run.spare.append(UInt8(ascii: " ")) }
      spaceIsDue = false
      run.spare.append(String(scalar))
    }
    if spaceIsDue { run.spare.append(UInt8(ascii: " ")) }
    run.turn()
  }
}

extension NamedTransform {
  static let stripControl = NamedTransform(
    "strip_control", examples: [("", "a\u{0}b\u{200B}c\td\u{202E}", "abc d")]
  ) { _ in [StripControl()] }
}
