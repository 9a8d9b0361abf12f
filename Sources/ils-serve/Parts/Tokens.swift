import CNettle

/// What the bearer of a token may do.
public enum Scope: String, CaseIterable, Sendable {
  /// Preview and validate files, see jobs and their errors.
  case read
  /// Start, cancel and resume imports, download what was refused.
  case `import`
  /// Roll back.
  case rollback
}

/// One token's line in the token file: the token itself is in nobody's files.
public struct TokenEntry: Equatable, Sendable {
  public var hash: [UInt8]
  public var scopes: Set<Scope>
  /// Seconds since 1970; nil for never.
  public var expires: Int?
  public var name: String

  /// `HASH SCOPES EXPIRY NAME`: the SHA-256 in hexadecimal, scopes with commas between, seconds since 1970 or `-`.
  public var line: String {
    let digits = hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    let scopes = Scope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: ",")
    return "\(digits) \(scopes) \(expires.map { "\($0)" } ?? "-") \(name)"
  }

  public init(hash: [UInt8], scopes: Set<Scope>, expires: Int?, name: String) {
    (self.hash, self.scopes, self.expires, self.name) = (hash, scopes, expires, name)
  }

  /// nil where the line is none.
  public init?(line: some StringProtocol) {
    let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
    guard parts.count == 4, parts[0].utf8.count == 64 else { return nil }
    var hash: [UInt8] = []
    var digits = parts[0].makeIterator()
    while let high = digits.next(), let low = digits.next() {
      guard let high = high.hexDigitValue, let low = low.hexDigitValue else { return nil }
      hash.append(UInt8(high << 4 | low))
    }
    let scopes = parts[1].split(separator: ",").map { Scope(rawValue: String($0)) }
    guard !scopes.isEmpty, !scopes.contains(nil) else { return nil }
    let expires = parts[2] == "-" ? nil : Int(parts[2])
    guard parts[2] == "-" || expires != nil else { return nil }
    self.init(hash: hash, scopes: Set(scopes.compactMap { $0 }), expires: expires, name: String(parts[3]))
  }
}

/// The tokens that a server takes.
public struct TokenFile: Sendable {
  public enum Verdict: Equatable, Sendable {
    case unknown
    case expired
    case known(name: String, scopes: Set<Scope>)
  }

  private let entries: [TokenEntry]

  /// Lines that start with # are passed over.
  /// - Throws: the number of the first line that is none.
  public init(_ text: String) throws(PartsError) {
    var entries: [TokenEntry] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy(\.isWhitespace) || line.hasPrefix("#") { continue }
      guard let entry = TokenEntry(line: line) else {
        throw PartsError(message: "line \(number + 1) is no token: HASH SCOPES EXPIRY NAME")
      }
      entries.append(entry)
    }
    self.entries = entries
  }

  /// SHA-256 (FIPS 180-4): a token is random and long, so that a slow hash would win nothing.
  public static func hash(_ token: String) -> [UInt8] {
    var context = sha256_ctx()
    nettle_sha256_init(&context)
    nettle_sha256_update(&context, token.utf8.count, Array(token.utf8))
    var digest = [UInt8](repeating: 0, count: 32)
    nettle_sha256_digest(&context, 32, &digest)
    return digest
  }

  /// Looks a token up. How long that takes tells nothing of how much of it is right: hashes are compared, all of them whole.
  public func verdict(_ token: String, now: Int) -> Verdict {
    let hash = TokenFile.hash(token)
    var found: TokenEntry?
    for entry in entries {
      var difference: UInt8 = entry.hash.count == hash.count ? 0 : 1
      for (a, b) in zip(entry.hash, hash) { difference |= a ^ b }
      if difference == 0 { found = entry }
    }
    guard let found else { return .unknown }
    if let expires = found.expires, expires <= now { return .expired }
    return .known(name: found.name, scopes: found.scopes)
  }
}
