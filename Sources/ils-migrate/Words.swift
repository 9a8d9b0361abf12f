import ILSCommand
import ILSRecord

/// The words behind a subcommand of few options, all of which take a value.
struct Words {
  private(set) var operands: [String] = []
  private(set) var values: [String: String] = [:]

  /// - Throws: `usage`, for an option that is none of `valued`, or has no value.
  init(_ arguments: [String], valued: [String], short: [String: String] = [:]) throws(StopError) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        break
      }
      guard word.hasPrefix("-") else {
        operands.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let name = short[parts[0]] ?? parts[0]
      guard valued.contains(name) else {
        throw StopError(
          .usage, UsageFault.usage,
          "there is no option \(parts[0]) here: \(valued.joined(separator: ", ")) are all")
      }
      guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
        throw StopError(.usage, UsageFault.usage, "\(name) needs a value")
      }
      values[name] = value
    }
  }
}
