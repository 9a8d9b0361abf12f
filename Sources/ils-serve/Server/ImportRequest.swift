import Foundation
import Hummingbird
import ServeParts

/// A request that brings a file: received, checked, and not yet acted upon.
struct ImportRequest: Sendable {
  var folder: String
  /// This request's own folder: a kept upload may serve several at once.
  var work: String
  var uploadID: String
  var file: String
  var isNDJSON = false
  /// The upload stays where it is, for a later request.
  var isKept = false
  var fields: [String: String]
  var options: ImportOptions
  var type: String
  /// A preset's name or the path of the mapping file; nil where the columns are the fields already.
  var mapping: String?
}

extension Service {
  /// Receives a form or NDJSON records; whatever is wrong, nothing of it stays.
  func receive(_ request: Request, _ context: ServeContext) async throws -> ImportRequest {
    try quota.checkSpool()
    let (id, folder) = try uploads.make()
    do {
      return try await take(request, context, id, folder)
    } catch {
      uploads.remove(folder)
      throw error
    }
  }

  private func take(
    _ request: Request, _ context: ServeContext, _ id: String, _ folder: String
  ) async throws -> ImportRequest {
    let receiver = Receiver(limit: settings.uploadLimit, folder: folder)
    var taken = ImportRequest(
      folder: folder, work: folder, uploadID: id, file: "", fields: [:], options: ImportOptions(), type: "")
    if (request.headers[.contentType] ?? "").lowercased().hasPrefix("application/x-ndjson") {
      for (name, value) in request.uri.queryParameters { taken.fields[String(name)] = String(value) }
      taken.file = try await receiver.records(request)
      taken.isNDJSON = true
    } else {
      let form = try await receiver.form(request)
      taken.fields = form.fields
      if let file = form.file {
        taken.file = file
      } else if let upload = form.fields["upload"], let caller = context.caller {
        (taken.folder, taken.file) = try uploads.find(upload, for: caller)
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
    if let options = taken.fields["options"] { taken.options = try ImportOptions(parsing: options) }
    if let source = taken.fields["source"], source.isEmpty || source.utf8.count > 100 {
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
    if !taken.isKept { metrics.uploadedBytes.add(size, ordering: .relaxed) }
  }

  /// A preset's name, or a mapping file that was sent in: written beside the upload, and checked by ils-map.
  private func mapping(_ text: String, _ taken: ImportRequest) async throws -> String {
    if catalogue.presets.contains(text) { return text }
    guard var json = JSON(Data(text.utf8)) else { throw Problem(.unprocessableContent, "fieldMappings is no JSON") }
    if json.array != nil { json = .object(["mappings": json]) }
    if !settings.allowsScripts, Service.hasScript(json) {
      throw Problem(
        .unprocessableContent, "custom transforms are not allowed here (the server was started without --allow-scripts)"
      )
    }
    let path = taken.work + "/mapping.json"
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data(json.text.utf8), attributes: [.posixPermissions: 0o600])
    else { throw Problem(.init(code: 507), "the server has no room for the mapping") }
    let outcome = try await tools.run("ils-map", ["--check", "--log-format", "json", "-m", path])
    if outcome.status != 0 {
      let faults = outcome.log.split(separator: UInt8(ascii: "\n")).compactMap { JSON($0)?["message"]?.string }
      throw Problem(.unprocessableContent, "fieldMappings: " + faults.prefix(10).joined(separator: "; "))
    }
    return path
  }

  /// Whether the mapping brings JavaScript of its own.
  static func hasScript(_ json: JSON) -> Bool {
    if let members = json.members {
      if let script = members["customTransform"], script != .null { return true }
      return members.contains { $0.key == "transform" && $0.value == .string("custom") || hasScript($0.value) }
    }
    return json.array?.contains { $0 == .string("custom") || hasScript($0) } ?? false
  }

  /// Removes what a request brought, unless it is kept for a later one.
  func release(_ taken: ImportRequest) {
    if !taken.isKept { uploads.remove(taken.folder) }
    if taken.work != taken.folder { uploads.remove(taken.work) }
  }
}
