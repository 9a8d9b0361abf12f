import Foundation
import ServeParts

/// Folders and files that nobody else may see.
enum PrivateFiles {
  /// Makes a folder that nobody else may enter.
  static func makeFolder(_ folder: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    var status = stat()
    guard stat(folder, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw Fault("\(folder) must be a folder of ours that nobody else may enter: chmod 700")
    }
  }

  /// Makes a file with contents; false where there is no room.
  static func make(_ path: String, _ contents: [UInt8] = []) -> Bool {
    FileManager.default.createFile(atPath: path, contents: Data(contents), attributes: [.posixPermissions: 0o600])
  }

  /// Keeps the spool for this process; the lock ends with it.
  static func lock(_ spool: String) throws {
    let descriptor = open(spool + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Fault("\(spool) belongs to another ils-serve that runs: give each server a spool of its own")
    }
  }

  static func tokens(_ file: String) throws -> TokenFile {
    var status = stat()
    guard stat(file, &status) == 0, let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw Fault("\(file) cannot be read: ils-serve token \(file) makes a token")
    }
    guard status.st_mode & 0o077 == 0 else { throw Fault("others may read or change \(file): chmod 600 \(file)") }
    do {
      return try TokenFile(text)
    } catch {
      throw Fault("\(file): \(error.message)")
    }
  }
}
