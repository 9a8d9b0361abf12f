import Glibc

/// An encoding from before Unicode that a text may be in, or UTF-8.
struct CodePage: Sendable {
  /// As iconv(3) knows it.
  let name: String
  let scripts: [LanguageModel.Script]
  /// The logarithm of how usual it is among files that are not UTF-8.
  private let prior: Double
  /// The encoding that is tried, where that is a smaller one than what is read.
  let probe: String
  let eastAsian: EastAsianModel?
  /// One byte a character.
  var isSingleByte: Bool { eastAsian == nil && name != "UTF-8" }

  private init(
    _ name: String, _ scripts: [LanguageModel.Script], _ prior: Double, probe: String? = nil,
    eastAsian: EastAsianModel? = nil
  ) {
    self.name = name
    self.scripts = scripts
    self.prior = prior
    self.probe = probe ?? name
    self.eastAsian = eastAsian
  }

  static let unicode = CodePage("UTF-8", [.latin, .cyrillic, .greek, .hebrew, .arabic], 1)
  static let windows1252 = CodePage("WINDOWS-1252", [.latin], 0)

  /// The more usual ones first.
  static let all: [CodePage] = [
    unicode, windows1252, CodePage("WINDOWS-1250", [.latin], -1),
    CodePage("WINDOWS-1251", [.cyrillic], -1), CodePage("WINDOWS-1253", [.greek], -1),
    CodePage("WINDOWS-1254", [.latin], -1), CodePage("WINDOWS-1255", [.hebrew], -1),
    CodePage("WINDOWS-1256", [.arabic, .latin], -1), CodePage("WINDOWS-1257", [.latin], -1.5),
    CodePage("CP932", [], -1, eastAsian: .japanese), CodePage("EUC-JP", [], -1.5, eastAsian: .japanese),
    CodePage("GB18030", [], -1, probe: "GB2312", eastAsian: .simplified),
    CodePage("GB18030", [], -3, eastAsian: .simplified),
    CodePage("CP950", [], -1, eastAsian: .traditional), CodePage("BIG5-HKSCS", [], -3, eastAsian: .traditional),
    CodePage("CP949", [], -1, probe: "EUC-KR", eastAsian: .korean), CodePage("CP949", [], -3, eastAsian: .korean),
    CodePage("ISO-8859-2", [.latin], -2), CodePage("ISO-8859-15", [.latin], -2), CodePage("ISO-8859-7", [.greek], -2),
    CodePage("ISO-8859-9", [.latin], -2), CodePage("ISO-8859-5", [.cyrillic], -3.5),
    CodePage("ISO-8859-6", [.arabic], -3),
    CodePage("KOI8-R", [.cyrillic], -2), CodePage("KOI8-U", [.cyrillic], -2.5),
    CodePage("MACINTOSH", [.latin], -3), CodePage("MAC-CYRILLIC", [.cyrillic], -4),
    CodePage("IBM850", [.latin], -3), CodePage("IBM437", [.latin], -3.5), CodePage("IBM852", [.latin], -3.5),
    CodePage("IBM866", [.cyrillic], -3), CodePage("IBM857", [.latin], -4),
  ]

  /// The logarithm of how likely the encoding is before any word is read.
  func prior(_ evidence: EncodingEvidence) -> Double {
    if name == "UTF-8" { return evidence.unicodeCells > 0 ? prior : -4 }
    guard name.hasPrefix("MAC") else { return prior }
    return switch evidence.lineEnd {
    case .carriageReturn: prior + 3
    case .feed: prior
    case .both: prior - 2
    }
  }

  /// The characters of `bytes`; `Signs.undefined` for each byte that means nothing.
  func scalars(of bytes: [UInt8]) -> [UInt32] {
    guard let descriptor = iconv_open("UTF-32LE", probe), descriptor != iconv_t(bitPattern: -1) else {
      return bytes.map { $0 < 0x80 ? UInt32($0) : Signs.undefined }
    }
    defer { iconv_close(descriptor) }
    var found: [UInt32] = []
    found.reserveCapacity(bytes.count)
    if isSingleByte {
      let table = (0...255).map { byte in
        byte < 0x80 ? UInt32(byte) : Self.convert([UInt8(byte)], descriptor).first ?? Signs.undefined
      }
      return bytes.map { table[Int($0)] }
    }
    return Self.convert(bytes, descriptor)
  }

  private static func convert(_ bytes: [UInt8], _ descriptor: iconv_t) -> [UInt32] {
    var found = [UInt32](repeating: 0, count: bytes.count * 2 + 8)
    var used = 0
    var source = bytes.map { CChar(bitPattern: $0) }
    let count = source.count
    let capacity = found.count
    source.withUnsafeMutableBufferPointer { source in
      found.withUnsafeMutableBytes { target in
        var input = source.baseAddress
        var left = count
        while true {
          var output = target.baseAddress.map { ($0 + used * 4).assumingMemoryBound(to: CChar.self) }
          var room = (capacity - used) * 4
          let start = room
          let isWhole = left == 0 || iconv(descriptor, &input, &left, &output, &room) != -1
          if isWhole { _ = iconv(descriptor, nil, nil, &output, &room) }
          used += (start - room) / 4
          if isWhole || left == 0 { break }
          target.storeBytes(of: Signs.undefined, toByteOffset: used * 4, as: UInt32.self)
          used += 1
          input = input.map { $0 + 1 }
          left -= 1
        }
      }
    }
    return Array(found[..<used])
  }
}
