import Foundation
import Hummingbird

/// The files of the web page, read once.
enum Page {
  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml", "json": "application/json",
  ]

  static func add(to router: Router<ServeContext>) {
    guard let folder = Settings.pageFolder() else { return }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names {
      let ending = name.split(separator: ".").last.map(String.init) ?? ""
      guard let type = types[ending], let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
        continue
      }
      let answer: @Sendable (Request, ServeContext) -> Response = { _, _ in
        Response(status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: data)))
      }
      router.get("page/\(name)", use: answer)
      switch name {
      case "index.html": router.get("/", use: answer)
      case "openapi.json": router.get("openapi.json", use: answer)
      case "api-docs.html": router.get("api-docs", use: answer)
      default: break
      }
    }
  }
}
