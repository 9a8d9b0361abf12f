/// A header's value with parameters: `form-data; name="file"` (RFC 9110, 5.6.6; RFC 7578, 4.2).
struct HeaderValue {
  let value: String
  /// By name in lower case; the first of a name counts.
  private(set) var parameters: [String: String] = [:]

  init(_ text: some StringProtocol) {
    var rest = Substring(text)
    let end = rest.firstIndex(of: ";") ?? rest.endIndex
    value = String(trim(rest[..<end]))
    rest = rest[end...]
    while let semicolon = rest.firstIndex(of: ";") {
      rest = rest[rest.index(after: semicolon)...]
      guard let equals = rest.firstIndex(of: "=") else { break }
      let name = trim(rest[..<equals]).lowercased()
      rest = rest[rest.index(after: equals)...].drop { $0 == " " }
      let text = rest.first == "\"" ? HeaderValue.quoted(&rest) : HeaderValue.token(&rest)
      if parameters[name] == nil { parameters[name] = text }
    }
  }

  private static func token(_ rest: inout Substring) -> String {
    let end = rest.firstIndex(of: ";") ?? rest.endIndex
    defer { rest = rest[end...] }
    return String(trim(rest[..<end]))
  }

  /// Browsers write a quote in a name as %22, others behind a backslash.
  private static func quoted(_ rest: inout Substring) -> String {
    var text = ""
    rest = rest.dropFirst()
    while let character = rest.popFirst(), character != "\"" {
      text.append(character == "\\" && (rest.first == "\"" || rest.first == "\\") ? rest.popFirst() ?? "\\" : character)
    }
    return text.replacing("%22", with: "\"").replacing("%0D", with: "").replacing("%0A", with: "")
  }
}

private func trim(_ text: Substring) -> Substring {
  let start = text.drop { $0 == " " || $0 == "\t" }
  guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
  return start[...last]
}
