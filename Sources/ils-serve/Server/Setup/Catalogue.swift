import Foundation
import ILSRecord

/// The entities, transforms and presets that the tools come with: those of the tools' folder, which need not be the server's own.
struct Catalogue: Sendable {
  let entities: [JSONValue]
  let transforms: [String]
  let presets: [String]
  private let presetTexts: [String: JSONValue]
  private let names: Set<String>

  /// - Parameter tools: the folder of the executables.
  init(tools: String?) {
    var folders = [ProcessInfo.processInfo.environment["ILS_DATA"]].compactMap { $0 }
    if let tools { folders += ["\(tools)/../share/ils", "\(tools)/ils_ILSData.resources"] }
    func files(_ kind: String) -> [String: JSONValue] {
      var found: [String: JSONValue] = [:]
      for folder in folders {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(kind)")) ?? []
        where name.hasSuffix(".json") && found[String(name.dropLast(5))] == nil {
          found[String(name.dropLast(5))] = FileManager.default.contents(atPath: "\(folder)/\(kind)/\(name)").flatMap {
            JSONValue(read: $0)
          }
        }
      }
      return found
    }
    let schemas = files("entities")
    names = Set(schemas.keys)
    entities = schemas.sorted { $0.key > $1.key }.map { Catalogue.describe($0.key, $0.value) }
    presetTexts = files("presets")
    presets = presetTexts.keys.sorted()
    transforms = Set(files("schemas").values.flatMap(Catalogue.transformNames)).sorted()
  }

  /// A preset's mapping file.
  func preset(_ name: String) -> [UInt8]? { presetTexts[name].map { Array($0.text.utf8) } }

  func hasEntity(_ name: String) -> Bool { names.contains(name) }

  private static func describe(_ name: String, _ schema: JSONValue) -> JSONValue {
    let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
    let fields = (schema["properties"]?.members ?? []).filter { !$0.name.hasPrefix("_") }
      .sorted { (required.contains($0.name) ? 0 : 1, $0.name) < (required.contains($1.name) ? 0 : 1, $1.name) }
      .map { field, rule -> JSONValue in
        var about: [(name: String, value: JSONValue)] = [
          ("name", .string(field)), ("required", .boolean(required.contains(field))),
        ]
        for key in ["title", "description", "enum"] { rule[key].map { about.append((key, $0)) } }
        return .object(about)
      }
    return .object([("name", .string(name)), ("title", schema["title"] ?? .string(name)), ("fields", .array(fields))])
  }

  /// The names that the mapping file's schema allows as "transform", wherever it does.
  private static func transformNames(_ schema: JSONValue) -> [String] {
    var names: [String] = []
    for (key, value) in schema.members ?? [] {
      if key == "transform" { names += (value["enum"]?.array ?? [value["const"] ?? .null]).compactMap(\.string) }
      names += transformNames(value)
    }
    for value in schema.array ?? [] { names += transformNames(value) }
    return names
  }
}
