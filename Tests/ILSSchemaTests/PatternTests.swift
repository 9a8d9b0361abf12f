import ILSRecord
import Testing

@testable import ILSSchema

/// Regular expressions of ECMA-262 (with the `u` flag), as JSON Schema uses them.
@Suite struct PatternTests {
  private func matches(_ pattern: String, _ text: String) throws -> Bool {
    let pattern = try Pattern(pattern)
    return Array(text.utf8).withUnsafeBytes { pattern.matches($0) }
  }

  @Test(
    arguments: [
      ("", ["", "a"], []), ("abc", ["abc", "xabcx"], ["ab", "ABC"]), ("^abc$", ["abc"], ["xabc", "abcx", "abc\n"]),
      ("a|bc|", ["a", "", "zz"], []), ("^(a|bc)$", ["a", "bc"], ["", "abc"]),
      ("^a?b+c*$", ["b", "abbcc"], ["a", "aab"]),
      ("^a{2}$", ["aa"], ["a", "aaa"]), ("^a{2,}$", ["aa", "aaaa"], ["a"]), ("^a{1,3}$", ["a", "aaa"], ["", "aaaa"]),
      ("^a{0}$", [""], ["a"]), ("^(ab){2}$", ["abab"], ["ab", "aabb"]), ("^a+?b$", ["aab"], ["b"]),
      ("^[a-cx]$", ["a", "c", "x"], ["d", "-"]), ("^[^a-c]$", ["d", "é", "😀"], ["a", ""]),
      ("^[\\]\\-^]$", ["]", "-", "^"], ["\\"]),
      ("^[a-]$", ["a", "-"], ["b"]), ("^[^]$", ["a", "\n"], [""]), ("[]", [], ["", "a"]),
      ("^\\d{3}-\\d{2}$", ["123-45"], ["12-345", "１２３-45"]), ("^\\w+$", ["aZ_9"], ["é", "a b"]),
      ("^\\S+$", ["é"], ["a b", ""]),
      ("^\\s$", [" ", "\t", "\u{A0}", "\u{FEFF}", "\u{2028}"], ["a", ""]), ("^\\D$", ["a", "é"], ["1"]),
      ("^\\W$", ["é", "-"], ["a"]),
      ("^.$", ["a", "é", "😀"], ["\n", "\r", "\u{2028}", "ab"]), ("^\\t\\n\\r\\f\\v$", ["\t\n\r\u{C}\u{B}"], ["t"]),
      ("^\\x41\\u0042\\u{1F600}$", ["AB😀"], ["AB"]), ("^\\cJ$", ["\n"], ["J"]), ("^\\0$", ["\0"], ["0"]),
      ("^\\uD83D\\uDE00$", ["😀"], [""]),
      ("^\\/\\.\\$\\^\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\\\$", ["/.$^*+?()[]{}|\\"], ["x"]),
      ("\\bcat\\b", ["a cat", "cat", "cat."], ["cats", "tomcat", "cat_"]), ("\\Bcat", ["tomcat"], ["cat", "a cat"]),
      ("^(?:ab)+$", ["abab"], ["aba"]), ("^(?<year>\\d{4})$", ["2024"], ["24"]),
      ("a$|^b", ["xa", "bx"], ["ax", "xb"]),
      ("^\\p{L}+$", ["aé中"], ["a1", ""]), ("^\\p{Lu}\\p{Ll}*$", ["Éa"], ["éa"]), ("^\\P{L}$", ["1"], ["a"]),
      ("^[\\p{N}_]$", ["1", "٣", "_"], ["a"]),
      ("^\\p{Letter}$", ["a"], ["1"]), ("^\\p{General_Category=Nd}$", ["1", "٣"], ["½"]),
      ("^(a*)*$", ["aaa", ""], ["b"]), ("^(a|aa)+$", ["aaaaa"], ["b"]),
      ("(x+x+)+y", ["xxy"], ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]),
    ] as [(String, [String], [String])])
  func aPatternMatchesWhatTheStandardSays(pattern: String, yes: [String], no: [String]) throws {
    for text in yes { #expect(try matches(pattern, text), "\(pattern) matches \(text.debugDescription)") }
    for text in no { #expect(try !matches(pattern, text), "\(pattern) does not match \(text.debugDescription)") }
  }

  @Test(arguments: [
    "(", ")", "a)", "[", "[b-a]", "a**", "*a", "+", "a{2,1}", "\\", "\\1", "(a)\\1", "\\k<x>", "(?=a)", "(?!a)",
    "(?<=a)b", "(?<!a)b",
    "\\u{110000}", "\\xZZ", "\\p{Nonsense}", "\\p{Script=Greek}", "\\c1", "(?<1a>b)", "(?i)a", "{", "a{", "]", "\\-",
    "\\a", "[\\b-\\d]", "(?<n>a)(?<n>b)",
  ])
  func whatIsNoPatternOrCannotBeLinearIsRefused(pattern: String) {
    #expect(throws: PatternFault.self) { try Pattern(pattern) }
  }

  /// The format `regex` is about what the standard knows, whether or not it can be matched in linear time.
  @Test func aReferenceNeedsItsGroup() {
    for right in ["(a)\\1", "\\1(a)", "(?<n>a)\\k<n>", "(?=(a))\\1"] {
      #expect(throws: Never.self) { try PatternParser.parse(right) }
    }
    for wrong in ["\\1", "(?:a)\\1", "(a)\\2", "(?<n>a)\\k<m>"] {
      #expect(throws: PatternFault.self) { try PatternParser.parse(wrong) }
    }
  }

  /// A back-tracking matcher would need 2^n steps for each of these.
  @Test(arguments: ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*a){20}$", "(x+x+)+y"])
  func noPatternHangs(pattern: String) throws {
    let text = String(repeating: "a", count: 100_000) + "!"
    #expect(try !matches(pattern, text))
  }

  @Test func countsThatWouldFillTheMemoryAreRefused() {
    #expect(throws: PatternFault.self) { try Pattern("(a{1000}){1000}") }
    #expect(throws: PatternFault.self) { try Pattern(String(repeating: "(", count: 100_000)) }
  }

  @Test func statesAreForgottenBeforeTheyFillTheMemory() throws {
    // Of 2^16 subsets of states, any may be met.
    var text = ""
    var seed: UInt64 = 7
    for _ in 0..<200_000 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1
      text += seed >> 63 == 0 ? "a" : "b"
    }
    #expect(try matches("a.{15}b", text))
    #expect(try !matches("^(a|b)*a.{16}c$", text))
  }
}
