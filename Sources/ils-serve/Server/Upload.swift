import Foundation
import Hummingbird
import ServeParts

/// A request's form: its fields, and where its file was put.
struct Form: Sendable {
  var fields: [String: String] = [:]
  /// The file's path, below the folder that it was received into.
  var file: String?

  /// The longest field, in bytes: field mappings.
  static let fieldLimit = 1 << 20
}

/// Receives a request's body into a private folder, a chunk at a time: the reader waits for the disk, the sender for the reader.
struct Receiver: Sendable {
  let limit: Int
  /// Where the file goes; the caller removes it if anything fails.
  let folder: String

  /// Slower senders than this, in bytes a second, are sent away.
  private static let leastRate = 4096.0
  private static let patience = 30.0

  func form(_ request: Request) async throws -> Form {
    var parser: MultipartParser
    do {
      parser = try MultipartParser(contentType: request.headers[.contentType] ?? "")
    } catch {
      throw Problem(.unsupportedMediaType, error.message)
    }
    var form = Form()
    var part: MultipartPart?
    var field: [UInt8] = []
    var file: FileHandle?
    defer { try? file?.close() }
    do {
      try await chunks(of: request) { chunk in
        try parser.feed(chunk) { event in
          switch event {
          case .begin(let began):
            part = began
            field = []
            guard began.name == "file" else { break }
            guard form.file == nil else { throw Problem(.badRequest, "the form has two files") }
            let place = try makeFile(named: began.filename ?? "upload")
            (form.file, file) = place
          case .bytes(let bytes):
            if part?.name == "file" {
              try write(bytes, to: file)
            } else {
              field += bytes
              if field.count > Form.fieldLimit { throw Problem(.contentTooLarge, "a field of the form is too long") }
            }
          case .end:
            if let part, part.name != "file" { form.fields[part.name] = String(decoding: field, as: UTF8.self) }
          }
        }
      }
      try parser.finish()
    } catch let error as PartsError {
      throw Problem(.badRequest, error.message)
    }
    return form
  }

  /// The body as it is: records.
  func records(_ request: Request) async throws -> String {
    let (path, file) = try makeFile(named: "records.ndjson")
    defer { try? file.close() }
    try await chunks(of: request) { try write($0[...], to: file) }
    return path
  }

  /// Hands on the body's chunks, as long as they come fast enough and are not too many.
  private func chunks(of request: Request, _ take: ([UInt8]) throws -> Void) async throws {
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit + Form.fieldLimit {
      throw tooLarge
    }
    let begun = ContinuousClock.now
    var received = 0
    for try await buffer in request.body {
      received += buffer.readableBytes
      if received > limit + Form.fieldLimit { throw tooLarge }
      let seconds = begun.duration(to: .now) / .seconds(1)
      if seconds > Self.patience + Double(received) / Self.leastRate {
        throw Problem(.requestTimeout, "the body comes too slowly")
      }
      try take(Array(buffer.readableBytesView))
    }
  }

  private var tooLarge: Problem {
    Problem(.contentTooLarge, "the file is larger than the server takes: \(limit) bytes")
  }

  private func write(_ bytes: ArraySlice<UInt8>, to file: FileHandle?) throws {
    do {
      try file?.write(contentsOf: bytes)
    } catch {
      throw Problem(.init(code: 507), "the server has no room for the file")
    }
  }

  /// The file keeps its name as far as it is harmless, since messages name it and its ending tells its format.
  private func makeFile(named name: String) throws -> (String, FileHandle) {
    let base = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
    var safe = String(
      base.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" }.suffix(100))
    if safe.isEmpty || safe.hasPrefix(".") || safe.hasPrefix("-") { safe = "upload" + safe }
    try Settings.makePrivate(folder + "/upload")
    let path = "\(folder)/upload/\(safe)"
    guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
      let file = FileHandle(forWritingAtPath: path)
    else { throw Problem(.init(code: 507), "the server has no room for the file") }
    return ("upload/\(safe)", file)
  }
}

/// Uploads that were kept after a preview: a later request names one in place of sending the file again.
struct Uploads: Sendable {
  let spool: String

  private struct Owner: Codable { var name: String }

  /// Makes a folder for an upload, or for a request that is being received.
  func make() throws -> (id: String, path: String) {
    let id = UUIDs.make(milliseconds: UInt64(Date().timeIntervalSince1970 * 1000))
    let path = "\(spool)/uploads/\(id)"
    try Settings.makePrivate(path)
    return (id, path)
  }

  func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  /// Notes whose upload it is: nobody else may use it.
  func keep(_ path: String, for caller: Caller) throws {
    try JSONEncoder().encode(Owner(name: caller.name)).write(to: URL(fileURLWithPath: path + "/owner.json"))
  }

  /// The folder of a kept upload, and its file.
  func find(_ text: String, for caller: Caller) throws -> (path: String, file: String) {
    guard let id = UUIDs.read(text) else { throw Problem(.unprocessableContent, "upload is no id of an upload") }
    let path = "\(spool)/uploads/\(id)"
    guard let data = FileManager.default.contents(atPath: path + "/owner.json"),
      let owner = try? JSONDecoder().decode(Owner.self, from: data), owner.name == caller.name,
      let name = try? FileManager.default.contentsOfDirectory(atPath: path + "/upload").first
    else { throw Problem(.notFound, "there is no such upload any more: send the file again") }
    return (path, "upload/\(name)")
  }
}
