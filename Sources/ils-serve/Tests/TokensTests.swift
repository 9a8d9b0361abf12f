import ServeParts
import Testing

@Suite struct TokensTests {
  private let entry = TokenEntry(
    hash: TokenFile.hash("secret"), scopes: [.rollback, .read], expires: 100, name: "front desk")

  @Test func aLineComesBack() {
    #expect(TokenEntry(line: entry.line) == entry)
    #expect(entry.line.hasSuffix(" read,rollback 100 front desk"))
    #expect(!entry.line.contains("secret"))
  }

  @Test func aTokenIsKnownUntilItExpires() throws {
    let file = try TokenFile("# tokens\n\n\(entry.line)\n")
    #expect(file.verdict("secret", now: 99) == .known(name: "front desk", scopes: [.read, .rollback]))
    #expect(file.verdict("secret", now: 100) == .expired)
    #expect(file.verdict("secret ", now: 99) == .unknown)
    #expect(file.verdict("", now: 99) == .unknown)
  }

  @Test(arguments: [
    "x", "00 read - n", "\(String(repeating: "0", count: 64)) write - n",
    "\(String(repeating: "g", count: 64)) read - n",
  ])
  func aLineThatIsNoneIsNamed(line: String) {
    #expect(throws: PartsError(message: "line 2 is no token: HASH SCOPES EXPIRY NAME")) { try TokenFile("#\n" + line) }
  }
}
