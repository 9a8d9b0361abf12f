import Foundation
import ServeParts

/// What a server was started with, checked.
struct Settings: Sendable {
  static let version = "0.1.0"

  var host: String
  var port: Int
  /// nil: whoever reaches the server may do everything.
  var tokens: TokenFile?
  var spool: String
  var database: String?
  var jobLimit: Int
  var uploadLimit: Int
  /// Seconds.
  var retention: Double
  var allowsScripts: Bool
  var quota: Quota
  var tls: (certificate: String, key: String)?
  /// The folder of the executables that do the work; nil: they are in PATH.
  let tools = Places.tools()

  static func isLoopback(_ host: String) -> Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }

  /// The database for whoever asks it from this process.
  var databaseURL: String { database ?? ProcessInfo.processInfo.environment["DATABASE_URL"] ?? "" }
}

/// What one token, and all of them together, may have of the server.
struct Quota: Sendable {
  var spoolBytes: Int
  var tokenBytes: Int
  var jobsOfToken: Int
  var checksOfToken: Int
  var checkSeconds: Int
}

/// Something that is wrong with what the server was started with.
struct Fault: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

func complain(_ message: String) { FileHandle.standardError.write(Data("ils-serve: \(message)\n".utf8)) }
