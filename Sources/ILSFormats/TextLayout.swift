import ILSRecord

/// How a text turned out to be written: what it takes to find a record's bytes in it again.
public struct TextLayout: Sendable {
  public enum Kind: Sendable {
    /// - skip: lines in front that are passed over.
    case csv(CSVDialect, names: [String], skip: Int)
    /// JSON, a value a line.
    case lines
    /// JSON in another form; where the value that was sought stands, and the path to its array.
    case values(JSONPlace?, path: String?)
  }

  public let kind: Kind
  /// By the name that iconv(3) knows it by.
  public let encoding: String
  /// Bytes of the byte order mark.
  public let mark: Int
  /// Letters that were mangled before are put right.
  let mends: Bool

  /// How many bytes the encoding has for an ASCII character, and whether the byte that says it comes last of them; nil for
  /// encodings in which a byte may mean an ASCII character and be part of another.
  var unit: (width: Int, isBigEndian: Bool)? {
    let name = encoding.uppercased()
    if name.hasPrefix("UTF-16") { return (2, name.hasSuffix("BE")) }
    if name.hasPrefix("UTF-32") { return (4, name.hasSuffix("BE")) }
    if name.hasPrefix("UTF-7") || name.hasPrefix("ISO-2022") || name.hasPrefix("HZ") { return nil }
    return (1, false)
  }

  /// How UTF-8 is stored in the text's encoding; nothing where it has no such characters.
  func bytes(of text: [UInt8]) -> [UInt8] {
    guard unit != nil else { return [] }
    // Without an order that is named, iconv would put a mark in front.
    let isNamed = !["UTF-16", "UTF-32"].contains(encoding.uppercased())
    return Transcoder.encode(text, as: isNamed ? encoding : encoding + "LE") ?? []
  }

  /// The characters of some bytes of the text.
  func text(_ bytes: [UInt8]) throws(StopError) -> String {
    var text = OutputBuffer()
    let transcoder = try Transcoder(from: encoding, replacesErrors: false)
    bytes.withUnsafeBytes { transcoder.convert($0, to: &text) }
    transcoder.finish(to: &text)
    guard mends else { return text.string() }
    var mended = OutputBuffer()
    var mender = MojibakeMender()
    mender.mend(text.bytes, isLast: true, to: &mended)
    return mended.string()
  }
}
