import ILSMigration
import ILSRecord

/// How a file is read and loaded: the `options` of a request, each an option of ils-migrate.
struct ImportOptions: Equatable, Sendable {
  private enum Kind {
    case flag, text, number
  }

  /// The names that an option has in a request, where they are not its own without hyphens, as in `batchSize`.
  ///
  /// What names files of the server, shows values, or is a loader's own business is left out.
  private static let table: [String: (option: String, kind: Kind)] = {
    let flags = [
      "skip-duplicates", "update-existing", "dry-run", "lenient", "park-orphans", "as-displayed", "mend-mojibake",
      "join-groups", "no-header", "all-sheets", "fill-merged", "keep-unmapped", "keep-formulas", "fail-fast",
    ]
    let texts = [
      "delimiter", "encoding", "encoding-errors", "sheet", "path", "quote", "escape", "comment", "leave-out", "columns",
      "ragged", "flatten", "range", "extra",
    ]
    let numbers = ["batch-size", "header-row", "skip", "max-errors"]
    let all = flags.map { ($0, Kind.flag) } + texts.map { ($0, Kind.text) } + numbers.map { ($0, Kind.number) }
    return Dictionary(uniqueKeysWithValues: all.map { (camelCase($0.0), ("--" + $0.0, $0.1)) })
  }()

  /// false: one bad record, and nothing is loaded. ils-migrate asks the other way round.
  private static let continueOnError = "continueOnError"

  static var names: [String] { (table.keys + [continueOnError]).sorted() }

  /// As they came.
  private(set) var json = JSONValue.object([])

  init() {}

  /// - Throws: a problem that names what is wrong; an option that is not known is not passed over.
  init(parsing text: some Sequence<UInt8>) throws {
    guard let json = JSONValue(read: Array(text)), let members = json.members else {
      throw Problem(.unprocessableContent, "options must be a JSON object")
    }
    for (name, value) in members { try Self.check(name, value) }
    self.json = json
    // What excludes what is for ils-migrate to say.
    _ = try request(type: "patients", file: "file")
  }

  private static func check(_ name: String, _ value: JSONValue) throws {
    guard let kind = name == continueOnError ? .flag : table[name]?.kind else {
      throw Problem(
        .unprocessableContent, "there is no option \(name); there are: \(names.joined(separator: ", "))")
    }
    let isRight =
      switch kind {
      case .flag: value.boolean != nil
      case .text: value.string.map { $0.utf8.count <= 1000 && !$0.utf8.contains(0) } ?? false
      case .number: value.integer.map { $0 >= 0 } ?? false
      }
    guard isRight || value.isNull else { throw Problem(.unprocessableContent, "option \(name) has another type") }
  }

  /// The same with an option more; what a form's own field says wins.
  func with(_ name: String, _ value: JSONValue) throws -> ImportOptions {
    try Self.check(name, value)
    var options = self
    options.json = json.with(name, value)
    return options
  }

  var isDryRun: Bool { json["dryRun"]?.boolean == true }

  /// The words of ils-migrate.
  private var words: [String] {
    var words = json[Self.continueOnError]?.boolean == false ? [] : ["--continue-on-error"]
    for (name, value) in json.members ?? [] {
      guard let option = Self.table[name]?.option else { continue }
      switch value {
      case .boolean(true): words.append(option)
      case .string(let text): words.append("\(option)=\(text)")
      case .number(let number): words.append("\(option)=\(number)")
      default: break
      }
    }
    return words
  }

  /// What ils-migrate would be asked.
  /// - Throws: a problem, with what it would say.
  func request(type: String, file: String, more: [String] = []) throws -> MigrationRequest {
    do throws(StopError) {
      return try MigrationRequest(words + more + ["--", type, file])
    } catch {
      throw Problem(.unprocessableContent, "options: \(error.message)")
    }
  }

  /// `batchSize` for `batch-size`.
  private static func camelCase(_ option: String) -> String {
    let parts = option.split(separator: "-")
    return parts.prefix(1).joined() + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
