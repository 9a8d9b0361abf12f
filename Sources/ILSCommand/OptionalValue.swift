/// An option whose value may be left out, as git's `--color` has it, which ArgumentParser does not know.
public enum OptionalValue {
  /// This process's arguments, with the value that `option` has where it is left out.
  /// - Parameter values: what counts as its value where it stands in the next argument.
  public static func filled(
    _ option: String, among values: Set<String>, default value: String,
    _ arguments: [String] = Array(CommandLine.arguments.dropFirst())
  ) -> [String] {
    var filled: [String] = []
    for (index, argument) in arguments.enumerated() {
      filled.append(argument)
      if argument == "--" { return filled + arguments[(index + 1)...] }
      let next = index + 1 < arguments.count ? arguments[index + 1] : nil
      if argument == option, !(next.map(values.contains) ?? false) { filled[filled.count - 1] = "\(option)=\(value)" }
    }
    return filled
  }
}
