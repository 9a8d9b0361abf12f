import Foundation
import Hummingbird

/// The files of the web page, read once.
enum Page {
  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml", "json": "application/json",
  ]
  /// Files that have a path of their own beside that below `/page/`.
  private static let aliases = ["index.html": "/", "openapi.json": "/openapi.json", "api-docs.html": "/api-docs"]

  /// Each path with its type and contents.
  private static let files: [String: (type: String, data: Data)] = {
    guard let folder = Places.page() else { return [:] }
    var files: [String: (type: String, data: Data)] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let ending = name.split(separator: ".").last.map(String.init) ?? ""
      guard let type = types[ending], let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
        continue
      }
      for path in ["/page/\(name)", aliases[name]].compactMap({ $0 }) { files[path] = (type, data) }
    }
    return files
  }()

  static func has(_ path: String) -> Bool { files[path] != nil }

  static func add(to router: Router<ServeContext>) {
    for (path, file) in files {
      router.get(RouterPath(path)) { _, _ in
        Response(status: .ok, headers: [.contentType: file.type], body: .init(byteBuffer: ByteBuffer(bytes: file.data)))
      }
    }
  }
}
