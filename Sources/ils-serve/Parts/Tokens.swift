import ILSRecord
import ILSStream

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
  /// The token's SHA-256, as hexadecimal digits in lower case.
  public var hash: String
  public var scopes: Set<Scope>
  /// Seconds since 1970; nil for never.
  public var expires: Int?
  public var name: String

  /// `HASH SCOPES EXPIRY NAME`: the SHA-256 in hexadecimal, scopes with commas between, seconds since 1970 or `-`.
  public var line: String {
    let scopes = Scope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: ",")
    return "\(hash) \(scopes) \(expires.map { "\($0)" } ?? "-") \(name)"
  }

  public init(hash: String, scopes: Set<Scope>, expires: Int?, name: String) {
    (self.hash, self.scopes, self.expires, self.name) = (hash, scopes, expires, name)
  }

  /// nil where the line is none.
  public init?(line: some StringProtocol) {
    let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
    guard parts.count == 4, parts[0].utf8.count == 64, parts[0].allSatisfy(\.isHexDigit) else { return nil }
    let scopes = parts[1].split(separator: ",").map { Scope(rawValue: String($0)) }
    guard !scopes.isEmpty, !scopes.contains(nil) else { return nil }
    let expires = parts[2] == "-" ? nil : Int(parts[2])
    guard parts[2] == "-" || expires != nil else { return nil }
    self.init(
      hash: parts[0].lowercased(), scopes: Set(scopes.compactMap { $0 }), expires: expires, name: String(parts[3]))
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

  /// A token is random and long, so that a slow hash would win nothing.
  public static func hash(_ token: String) -> String {
    var digest = SHA256()
    Array(token.utf8).withUnsafeBytes { digest.update($0) }
    return digest.finish()
  }

  /// Looks a token up. How long that takes tells nothing of how much of it is right: hashes are compared, all of them whole.
  public func verdict(_ token: String, now: Int) -> Verdict {
    let hash = TokenFile.hash(token)
    var found: TokenEntry?
    for entry in entries {
      var difference: UInt8 = 0
      for (a, b) in zip(entry.hash.utf8, hash.utf8) { difference |= a ^ b }
      if difference == 0 { found = entry }
    }
    guard let found else { return .unknown }
    if let expires = found.expires, expires <= now { return .expired }
    return .known(name: found.name, scopes: found.scopes)
  }
}
