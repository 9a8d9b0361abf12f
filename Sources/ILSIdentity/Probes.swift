import ILSRecord

extension IdentityRules {
  /// What stands for a probe in a set of them; the last bit stands for all from there on.
  public static func bit(_ probe: Int) -> Int { 1 << min(probe, 30) }

  /// Writes what a probe looks for: its number and its values; false where one of its fields is absent.
  /// - Parameter value: appends a term's folded value; false where it is absent.
  @inline(__always)
  public func write(
    probe number: Int, to key: inout OutputBuffer, _ value: (Int, inout OutputBuffer) -> Bool
  ) -> Bool {
    key.removeAll()
    key.append(UInt8(truncatingIfNeeded: number))
    for term in probes[number].scope {
      // No text holds these bytes: they keep the parts, and what is absent, apart.
      if !value(term, &key) { key.append(0xFE) }
      key.append(0xFF)
    }
    for term in probes[number].fields {
      guard value(term, &key) else { return false }
      key.append(0xFF)
    }
    return true
  }

  /// The same of a profile.
  public func write(probe number: Int, to key: inout OutputBuffer, _ profile: Profile) -> Bool {
    write(probe: number, to: &key) { term, key in
      guard let text = profile[term] else { return false }
      key.append(text)
      return true
    }
  }

  /// A text as it is compared; nil where nothing is left of it.
  public func fold(_ text: String, _ term: Int) -> String? {
    var buffer = OutputBuffer(capacity: text.utf8.count)
    var text = text
    text.withUTF8 { buffer.append(UnsafeRawBufferPointer($0), folding: foldings[term]) }
    return buffer.isEmpty ? nil : buffer.string()
  }
}
