/// The stages of a migration, in the order of the pipe.
public enum StageName: String, CaseIterable, Sendable {
  case parse, map, validate, load

  /// The executable.
  public var tool: String { "ils-\(rawValue)" }
}

/// An option of ils-migrate that goes to stages as it is.
///
/// This is the one table of them: the command line, the help and the pages' test are made from it, and a test holds it against
/// what each stage's `--help` says.
public struct StageOption: Sendable {
  public let name: String
  public let stages: [StageName]
  public let takesValue: Bool

  private static func values(_ stage: StageName, _ names: String...) -> [StageOption] {
    names.map { StageOption(name: $0, stages: [stage], takesValue: true) }
  }

  private static func flags(_ stage: StageName, _ names: String...) -> [StageOption] {
    names.map { StageOption(name: $0, stages: [stage], takesValue: false) }
  }

  public static let all: [StageOption] =
    values(
      .parse, "--format", "--encoding", "--encoding-errors", "--delimiter", "--quote", "--escape", "--comment",
      "--header-row", "--leave-out", "--columns", "--skip", "--ragged", "--path", "--flatten", "--sheet", "--range")
    + flags(
      .parse, "--mend-mojibake", "--join-groups", "--no-header", "--keep-formulas", "--all-sheets", "--fill-merged",
      "--as-displayed", "--keep-deleted")
    + values(.map, "--extra") + flags(.map, "--keep-unmapped")
    + values(.validate, "--memory") + flags(.validate, "--lenient")
    + values(.load, "--batch-size", "--connections", "--set", "--retry", "--lock-timeout", "--outcomes")
    + flags(.load, "--park-orphans", "--disable-triggers", "--name-rows")
    + [
      StageOption(name: "--schema", stages: [.validate, .load], takesValue: true),
      StageOption(name: "--max-errors", stages: StageName.allCases, takesValue: true),
      StageOption(name: "--fail-fast", stages: StageName.allCases, takesValue: false),
      StageOption(name: "--show-values", stages: StageName.allCases, takesValue: false),
    ]

  public static func named(_ name: String) -> StageOption? { all.first { $0.name == name } }
}
