import ILSRecord
import ILSStream

/// What somebody asks of ils-migrate, as the command line says it.
public struct MigrationRequest: Sendable {
  public enum Mode: String, Sendable {
    case load
    case dryRun = "dry-run"
    case validateOnly = "validate-only"
  }

  public var entity = ""
  public var file = ""
  public var mode = Mode.load
  /// Good records are loaded although others are refused.
  public var continuesOnError = false
  /// `--skip-duplicates` or `--update-existing`; nil where duplicates are faults.
  public var duplicates: String?
  public var mapping: String?
  public var source: String?
  public var database: String?
  public var folder: String?
  /// A folder whose migration was cut off, and goes on.
  public var resumes: String?
  public var leastRows: Int?
  public var initialises = false
  public var printsPipe = false
  public var writesJSON = false
  /// The SHA-256 of the approved plan that is done.
  var plan: String?
  /// The SHA-256 that the records must have when they reach the loader; empty to have it told.
  var records: String?
  /// Nothing is said of how it went, unless it goes wrong.
  var isQuiet = false
  /// For each stage, the options that it is given as they came.
  public var passed: [StageName: [String]] = [:]

  private static let valued: Set<String> = [
    "--mappings", "--source", "--database", "--keep", "--resume", "--expect-rows",
  ]

  /// Where the target is; empty to let the client library decide.
  var databaseURL: String { database ?? environment("DATABASE_URL") ?? "" }

  /// Nothing is asked.
  init() {}

  /// - Throws: `usage`, with the option that is meant.
  public init(_ arguments: [String]) throws(StopError) {
    var rest = arguments[...]
    var operands: [String] = []
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument != "-" else {
        operands.append(argument)
        continue
      }
      if argument == "--" {
        operands += rest
        break
      }
      try take(argument, &rest)
    }
    try place(operands)
    try check()
  }

  private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(StopError) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts[0]
    let option = StageOption.named(name)
    let takesValue = option?.takesValue ?? Self.valued.contains(name)
    var value = ""
    if takesValue {
      guard let given = parts.count == 2 ? parts[1] : rest.popFirst() else { throw Self.usage("\(name) needs a value") }
      value = given
    } else if parts.count == 2 {
      throw Self.usage("\(name) takes no value")
    }
    if let option {
      // Joined, so that a value may start with a hyphen.
      for stage in option.stages { passed[stage, default: []].append(takesValue ? "\(name)=\(value)" : name) }
    } else {
      try take(own: name, value)
    }
  }

  private mutating func take(own name: String, _ value: String) throws(StopError) {
    switch name {
    case "--validate-only": try choose(.validateOnly)
    case "--dry-run": try choose(.dryRun)
    case "--continue-on-error": continuesOnError = true
    case "--skip-duplicates", "--update-existing":
      guard duplicates == nil || duplicates == name else {
        throw Self.usage("--skip-duplicates and --update-existing exclude each other")
      }
      duplicates = name
    case "--mappings": mapping = Self.path(value)
    case "--source": source = value
    case "--database": database = value
    case "--keep": folder = Self.path(value)
    case "--resume": resumes = Self.path(value)
    case "--expect-rows":
      guard let least = Int(value), least >= 0 else { throw Self.usage("--expect-rows takes a number from 0") }
      leastRows = least
    case "--init": initialises = true
    case "--print": printsPipe = true
    case "--json": writesJSON = true
    default:
      throw Self.usage(
        "there is no option \(name)\(Self.near(name).map { ": did you mean \($0)?" } ?? "; ils-migrate --help lists them")"
      )
    }
  }

  /// A name that no stage takes for an option, and no command that is told.
  private static func path(_ name: String) -> String { name.hasPrefix("-") ? "./\(name)" : name }

  private mutating func choose(_ mode: Mode) throws(StopError) {
    guard self.mode == .load || self.mode == mode else {
      throw Self.usage("--validate-only and --dry-run exclude each other")
    }
    self.mode = mode
  }

  private mutating func place(_ operands: [String]) throws(StopError) {
    if resumes != nil {
      guard operands.isEmpty else { throw Self.usage("--resume takes its file from the folder") }
      return
    }
    guard operands.count >= 2 else {
      throw Self.usage("usage: ils-migrate TYPE FILE [OPTION ...]; ils-migrate --help tells the rest")
    }
    guard operands.count == 2 else { throw Self.usage("one file at a time: \(operands[2]) is one too many") }
    (entity, file) = (operands[0], operands[1])
  }

  private func check() throws(StopError) {
    if mapping == nil, let option = passed[.map]?.first(where: { StageOption.isOfMap(alone: $0) }) {
      throw Self.usage("\(option) is for --mappings, and there are none")
    }
    if mode == .validateOnly, initialises { throw Self.usage("--init makes tables, and --validate-only needs none") }
  }

  static func usage(_ message: String) -> StopError { StopError(.usage, UsageFault.usage, message) }

  // MARK: - Help

  private static let own = [
    "--validate-only", "--dry-run", "--continue-on-error", "--skip-duplicates", "--update-existing", "--mappings",
    "--source",
    "--database", "--keep", "--resume", "--expect-rows", "--init", "--print", "--json", "--help", "--version",
  ]

  /// The option that differs least, where that is little.
  private static func near(_ name: String) -> String? {
    let known = own + StageOption.all.map(\.name)
    let best = known.map { (name: $0, distance: editDistance($0, name)) }.min { $0.distance < $1.distance }
    return best.flatMap { $0.distance <= max(2, name.count / 4) ? $0.name : nil }
  }
}

extension StageOption {
  /// An option that only ils-map takes.
  fileprivate static func isOfMap(alone argument: String) -> Bool {
    let name = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? argument
    return named(name)?.stages == [.map]
  }
}

/// How many letters must be put in, taken out or changed (Levenshtein).
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a.utf8), Array(b.utf8))
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in b.enumerated() {
      let changed = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
