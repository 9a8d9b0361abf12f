import Foundation
import ILSRecord
import ILSStore

/// Uploads: of requests that are being received or answered, and those that were kept after a preview, which a later request
/// names in place of sending the file again.
struct Uploads: Sendable {
  let spool: String

  private func path(_ id: JobID) -> String { "\(spool)/uploads/\(id)" }

  /// Makes a folder for what a request brings, and notes whose it is: nobody else may use it.
  func make(for caller: String) throws -> (id: String, path: String) {
    let id = JobID.make()
    try PrivateFiles.makeFolder(path(id))
    guard PrivateFiles.make(path(id) + "/owner.json", Array(JSONValue.object([("name", .string(caller))]).text.utf8))
    else {
      remove(path(id))
      throw Problem.noRoom("the spool folder cannot be written")
    }
    return (id.text, path(id))
  }

  func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  /// Lets later requests name it.
  func keep(_ path: String) throws {
    guard PrivateFiles.make(path + "/kept") else { throw Problem.noRoom("the spool folder cannot be written") }
  }

  /// The folder of a kept upload, and its file.
  func find(_ text: String, for caller: String) throws -> (path: String, file: String) {
    guard let id = JobID(text) else { throw Problem(.unprocessableContent, "upload is no id of an upload") }
    let path = path(id)
    guard Uploads.owner(path) == caller, access(path + "/kept", F_OK) == 0,
      let name = try? FileManager.default.contentsOfDirectory(atPath: path + "/upload").first
    else { throw Problem(.notFound, "there is no such upload any more: send the file again") }
    return (path, "upload/\(name)")
  }

  static func owner(_ path: String) -> String? {
    FileManager.default.contents(atPath: path + "/owner.json").flatMap { JSONValue(read: $0) }?["name"]?.string
  }

  var folders: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: spool + "/uploads")) ?? []).map { "\(spool)/uploads/\($0)" }
  }
}
