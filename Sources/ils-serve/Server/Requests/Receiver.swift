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
  let ledger: SpoolLedger
  /// Whose token it is.
  let token: String
  /// Where the file goes; the caller removes it if anything fails.
  let folder: String

  /// Slower senders than this, in bytes a second, are sent away.
  private static let leastRate = 4096.0
  private static let patience = 30.0
  /// So many bytes of a body that is refused are read.
  private static let courtesy = 8 << 20

  func form(_ request: Request) async throws -> Form {
    var parser: MultipartParser
    do {
      parser = try MultipartParser(contentType: request.headers[.contentType] ?? "")
    } catch {
      let refusal = Problem(.unsupportedMediaType, error.message)
      try await chunks(of: request, refusal: refusal) { _ in }
      throw refusal
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
  ///
  /// Where something is wrong, a little more is read and thrown away: a sender who is cut off in the middle of a body never
  /// sees the answer.
  private func chunks(
    of request: Request, refusal: (any Error)? = nil, _ take: ([UInt8]) throws -> Void
  ) async throws {
    var refusal = refusal ?? excess(request.headers)
    let begun = ContinuousClock.now
    var (received, thrownAway) = (0, 0)
    for try await buffer in request.body {
      received += buffer.readableBytes
      let seconds = begun.duration(to: .now) / .seconds(1)
      if seconds > Self.patience + Double(received) / Self.leastRate {
        throw refusal ?? Problem(.requestTimeout, "the body comes too slowly")
      }
      if refusal == nil {
        do {
          if received > limit + Form.fieldLimit { throw tooLarge }
          try ledger.take(buffer.readableBytes, for: token)
          try take(Array(buffer.readableBytesView))
        } catch {
          refusal = error
        }
      } else {
        thrownAway += buffer.readableBytes
        if thrownAway > Self.courtesy { break }
      }
    }
    if let refusal { throw refusal }
  }

  /// What is wrong with the length that a request says it has.
  private func excess(_ headers: HTTPFields) -> Problem? {
    guard let length = headers[.contentLength].flatMap({ Int($0) }) else { return nil }
    if length > limit + Form.fieldLimit { return tooLarge }
    return ledger.excess(of: token, expecting: length).map { Problem.noRoom($0) }
  }

  private var tooLarge: Problem {
    Problem(.contentTooLarge, "the file is larger than the server takes: \(limit) bytes")
  }

  private func write(_ bytes: ArraySlice<UInt8>, to file: FileHandle?) throws {
    do {
      try file?.write(contentsOf: bytes)
    } catch {
      throw Problem.noRoom("the server has no room for the file")
    }
  }

  /// The file keeps its name as far as it is harmless, since messages name it and its ending tells its format.
  private func makeFile(named name: String) throws -> (String, FileHandle) {
    let base = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
    var safe = String(
      base.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" }.suffix(100))
    if safe.isEmpty || safe.hasPrefix(".") || safe.hasPrefix("-") { safe = "upload" + safe }
    try PrivateFiles.makeFolder(folder + "/upload")
    let path = "\(folder)/upload/\(safe)"
    guard PrivateFiles.make(path), let file = FileHandle(forWritingAtPath: path) else {
      throw Problem.noRoom("the server has no room for the file")
    }
    return ("upload/\(safe)", file)
  }
}
