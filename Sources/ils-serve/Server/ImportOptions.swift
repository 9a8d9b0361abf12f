import Foundation

/// How a file is read and loaded: the `options` of a request.
struct ImportOptions: Codable, Equatable, Sendable {
  var skipDuplicates: Bool?
  var updateExisting: Bool?
  var batchSize: Int?
  var dryRun: Bool?
  /// false: one bad record, and nothing is loaded.
  var continueOnError: Bool?
  var lenient: Bool?
  var parkOrphans: Bool?
  var delimiter: String?
  var encoding: String?
  var sheet: String?
  var headerRow: Int?
  var path: String?
  var asDisplayed: Bool?

  static let names: Set<String> = [
    "skipDuplicates", "updateExisting", "batchSize", "dryRun", "continueOnError", "lenient", "parkOrphans", "delimiter",
    "encoding", "sheet", "headerRow", "path", "asDisplayed",
  ]

  init() {}

  /// - Throws: a problem that names what is wrong; an option that is not known is not passed over.
  init(parsing text: String) throws {
    guard let json = JSON(Data(text.utf8)), let members = json.members else {
      throw Problem(.unprocessableContent, "options must be a JSON object")
    }
    if let unknown = members.keys.sorted().first(where: { !Self.names.contains($0) }) {
      throw Problem(
        .unprocessableContent,
        "there is no option \(unknown); there are: \(Self.names.sorted().joined(separator: ", "))")
    }
    do {
      self = try JSONDecoder().decode(ImportOptions.self, from: Data(text.utf8))
    } catch DecodingError.typeMismatch(_, let context) {
      throw Problem(.unprocessableContent, "option \(context.codingPath.first?.stringValue ?? "") has another type")
    } catch {
      throw Problem(.unprocessableContent, "options cannot be read")
    }
    if skipDuplicates == true, updateExisting == true {
      throw Problem(.unprocessableContent, "skipDuplicates and updateExisting exclude each other")
    }
    if let batchSize, batchSize < 1 { throw Problem(.unprocessableContent, "batchSize must be 1 or more") }
  }

  /// What ils-parse is told.
  func reading(isNDJSON: Bool) -> [String] {
    var arguments: [String] = []
    if isNDJSON { arguments += ["--format", "ndjson"] }
    if let delimiter { arguments.append("--delimiter=\(delimiter)") }
    if let encoding { arguments.append("--encoding=\(encoding)") }
    if let sheet { arguments.append("--sheet=\(sheet)") }
    if let headerRow { arguments.append("--header-row=\(headerRow)") }
    if let path { arguments.append("--path=\(path)") }
    if asDisplayed == true { arguments.append("--as-displayed") }
    return arguments
  }

  /// What ils-validate is told.
  var validating: [String] {
    var arguments: [String] = []
    if lenient == true { arguments.append("--lenient") }
    // The loader settles records that come twice, as it settles those that are in the table.
    if skipDuplicates == true || updateExisting == true { arguments.append("--no-unique") }
    return arguments
  }

  /// What ils-load is told.
  var loading: [String] {
    var arguments: [String] = []
    if skipDuplicates == true { arguments.append("--skip-duplicates") }
    if updateExisting == true { arguments.append("--update-existing") }
    if let batchSize { arguments.append("--batch-size=\(batchSize)") }
    if dryRun == true { arguments.append("--dry-run") }
    if continueOnError == false { arguments.append("--atomic") }
    if parkOrphans == true { arguments.append("--park-orphans") }
    return arguments
  }
}
