import Foundation
import Hummingbird
import ILSMigration
import ILSRecord
import ServeParts

/// A request that brings a file: received, checked, and not yet acted upon.
struct ImportRequest: Sendable {
  var folder: String
  /// This request's own folder: a kept upload may serve several at once.
  var work: String
  var uploadID: String
  var file = ""
  var isNDJSON = false
  /// The upload stays where it is, for a later request.
  var isKept = false
  var fields: [String: String] = [:]
  var options = ImportOptions()
  var type = ""
  /// A preset's name or the path of the mapping file; nil where the columns are the fields already.
  var mapping: String?

  /// What ils-migrate would be asked of it.
  func migration(_ more: [String] = []) throws -> MigrationRequest {
    let format = isNDJSON ? ["--format=ndjson"] : []
    let mapping = mapping.map { ["--mappings=\($0)"] } ?? []
    let source = fields["source"].map { ["--source=\($0)"] } ?? []
    return try options.request(type: type, file: file, more: format + mapping + source + more)
  }
}

/// Takes such requests in.
struct Reception: Sendable {
  let settings: Settings
  let catalogue: Catalogue
  let tools: Tools
  let uploads: Uploads
  let ledger: SpoolLedger
  let counts: RequestCounts

  /// Receives a form or NDJSON records, and does `work` with it; whatever is wrong, nothing of it stays.
  func take<Value: Sendable>(
    _ request: Request, _ caller: Caller, _ work: @Sendable (ImportRequest) async throws -> Value
  ) async throws -> Value {
    try ledger.take(0, for: caller.name)
    let (id, folder) = try uploads.make(for: caller.name)
    do {
      return try await work(
        try await receive(request, caller, ImportRequest(folder: folder, work: folder, uploadID: id)))
    } catch {
      uploads.remove(folder)
      throw error
    }
  }

  private func receive(
    _ request: Request, _ caller: Caller, _ empty: ImportRequest
  ) async throws -> ImportRequest {
    let receiver = Receiver(
      limit: settings.uploadLimit, ledger: ledger, token: caller.name, folder: empty.folder)
    var taken = empty
    if (request.headers[.contentType] ?? "").lowercased().hasPrefix("application/x-ndjson") {
      for (name, value) in request.uri.queryParameters { taken.fields[String(name)] = String(value) }
      taken.file = try await receiver.records(request)
      taken.isNDJSON = true
    } else {
      let form = try await receiver.form(request)
      taken.fields = form.fields
      if let file = form.file {
        taken.file = file
      } else if let upload = form.fields["upload"] {
        (taken.folder, taken.file) = try uploads.find(upload, for: caller.name)
        (taken.uploadID, taken.isKept) = (upload, true)
      } else {
        throw Problem(.unprocessableContent, "the form has no file")
      }
    }
    return try await check(taken)
  }

  private func check(_ taken: ImportRequest) async throws -> ImportRequest {
    var taken = taken
    try count(taken)
    guard let type = taken.fields["type"], catalogue.hasEntity(type) else {
      let names = catalogue.entities.compactMap { $0["name"]?.string }.joined(separator: ", ")
      throw Problem(.unprocessableContent, "type must be one of: \(names)")
    }
    taken.type = type
    if let options = taken.fields["options"] { taken.options = try ImportOptions(parsing: options.utf8) }
    if let source = taken.fields["source"], source.isEmpty || source.utf8.count > 100 || source.utf8.contains(0) {
      throw Problem(.unprocessableContent, "source has 1 to 100 characters")
    }
    if let mappings = taken.fields["fieldMappings"], !mappings.isEmpty {
      taken.mapping = try await mapping(mappings, taken)
    }
    return taken
  }

  private func count(_ taken: ImportRequest) throws {
    let size = (try? FileManager.default.attributesOfItem(atPath: "\(taken.folder)/\(taken.file)"))?[.size] as? Int ?? 0
    if size > settings.uploadLimit { throw Problem(.contentTooLarge, "the file is larger than the server takes") }
    if !taken.isKept { counts.uploadedBytes.add(size, ordering: .relaxed) }
  }

  /// A preset's name, or a mapping file that was sent in: written beside the upload, and checked by ils-map.
  private func mapping(_ text: String, _ taken: ImportRequest) async throws -> String {
    if catalogue.presets.contains(text) { return text }
    guard var json = JSONValue(read: text.utf8) else {
      throw Problem(.unprocessableContent, "fieldMappings is no JSON")
    }
    if json.array != nil { json = .object([("mappings", json)]) }
    if !settings.allowsScripts, hasScript(json) {
      throw Problem(
        .unprocessableContent, "custom transforms are not allowed here (the server was started without --allow-scripts)"
      )
    }
    let path = taken.work + "/mapping.json"
    guard PrivateFiles.make(path, Array(json.text.utf8)) else {
      throw Problem.noRoom("the server has no room for the mapping")
    }
    let outcome = try await tools.run("ils-map", ["--check", "--log-format", "json", "-m", path], seconds: 60)
    if outcome.status != 0 {
      throw Problem(
        .unprocessableContent, "fieldMappings: " + Diagnostics(outcome.log).messages.prefix(10).joined(separator: "; "))
    }
    return path
  }

  /// Removes what a request brought, unless it is kept for a later one.
  func release(_ taken: ImportRequest) {
    if !taken.isKept { uploads.remove(taken.folder) }
    if taken.work != taken.folder { uploads.remove(taken.work) }
  }
}
