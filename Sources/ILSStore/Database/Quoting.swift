extension String {
  /// As an SQL identifier, quoted.
  var quotedIdentifier: String {
    "\"" + split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  /// As an SQL string literal.
  var quotedLiteral: String {
    let body = split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    return contains("\\")
      ? "E'" + body.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\") + "'"
      : "'\(body)'"
  }
}
