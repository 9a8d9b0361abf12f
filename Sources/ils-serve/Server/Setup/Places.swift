import Foundation

/// Where things are that are not named.
enum Places {
  private static var ownFolder: String? {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
      URL(fileURLWithPath: $0).deletingLastPathComponent().path
    }
  }

  /// `$ILS_BIN`, or where this executable is; as a last resort, PATH.
  static func tools() -> String? {
    [ProcessInfo.processInfo.environment["ILS_BIN"], ownFolder].compactMap { $0 }
      .first { access($0 + "/ils-parse", X_OK) == 0 }
  }

  /// The page's files: installed beside the entities, or where SwiftPM put them.
  static func page() -> String? {
    guard let bin = ownFolder else { return nil }
    return ["\(bin)/../share/ils/page", "\(bin)/ils-serve_ils-serve.resources/Page"].first {
      access($0 + "/index.html", R_OK) == 0
    }
  }

  static func spool() -> String {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["HOME"] ?? "/var/lib"
    return (environment["XDG_STATE_HOME"] ?? home + "/.local/state") + "/ils-serve"
  }
}
