extension String {
  /// The text with nothing in it that a terminal would obey or that would break a line: control characters, line and
  /// paragraph separators, and what turns the direction of writing are shown as JSON would escape them.
  ///
  /// Names of fields, sheets and files are data too: whoever wrote the export chose them.
  public var visible: String {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
    var shown = UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar.isObeyed { shown.append(contentsOf: scalar.jsonEscape.unicodeScalars) } else { shown.append(scalar) }
    }
    return String(shown)
  }
}

extension Unicode.Scalar {
  /// Cc, U+2028, U+2029, and the marks that turn the direction of writing (Unicode 16.0, 23.2).
  fileprivate var isObeyed: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// `\n`, `\u001b`: the escapes of RFC 8259, section 7.
  fileprivate var jsonEscape: String {
    switch self {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default:
      let digits = String(value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}
