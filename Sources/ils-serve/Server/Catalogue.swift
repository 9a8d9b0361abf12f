import Foundation

/// The entities, transforms and presets that the tools come with.
struct Catalogue: Sendable {
  let entities: [JSON]
  let transforms: [String]
  let presets: [String]
  private let presetTexts: [String: JSON]

  /// - Parameter tools: the folder of the executables.
  init(tools: String?) {
    var folders = [ProcessInfo.processInfo.environment["ILS_DATA"]].compactMap { $0 }
    if let tools { folders += ["\(tools)/../share/ils", "\(tools)/ils_ILSData.resources"] }
    func files(_ kind: String) -> [String: JSON] {
      var found: [String: JSON] = [:]
      for folder in folders {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(kind)")) ?? []
        where name.hasSuffix(".json") && found[String(name.dropLast(5))] == nil {
          found[String(name.dropLast(5))] = FileManager.default.contents(atPath: "\(folder)/\(kind)/\(name)").flatMap {
            JSON($0)
          }
        }
      }
      return found
    }
    entities = files("entities").sorted { $0.key > $1.key }.map { Catalogue.describe($0.key, $0.value) }
    presetTexts = files("presets")
    presets = presetTexts.keys.sorted()
    transforms = Set(files("schemas").values.flatMap(Catalogue.transformNames)).sorted()
  }

  /// A preset's mapping file.
  func preset(_ name: String) -> Data? { presetTexts[name].map { Data($0.text.utf8) } }

  func hasEntity(_ name: String) -> Bool { entities.contains { $0["name"]?.string == name } }

  private static func describe(_ name: String, _ schema: JSON) -> JSON {
    let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
    let fields = (schema["properties"]?.members ?? [:]).filter { !$0.key.hasPrefix("_") }
      .sorted { (required.contains($0.key) ? 0 : 1, $0.key) < (required.contains($1.key) ? 0 : 1, $1.key) }
      .map { field, rule -> JSON in
        var about: [String: JSON] = ["name": .string(field), "required": .bool(required.contains(field))]
        for key in ["title", "description", "enum"] { about[key] = rule[key] }
        return .object(about)
      }
    return .object(["name": .string(name), "title": schema["title"] ?? .string(name), "fields": .array(fields)])
  }

  /// The names that the mapping file's schema allows as "transform", wherever it does.
  private static func transformNames(_ schema: JSON) -> [String] {
    var names: [String] = []
    for (key, value) in schema.members ?? [:] {
      if key == "transform" { names += (value["enum"]?.array ?? [value["const"] ?? .null]).compactMap(\.string) }
      names += transformNames(value)
    }
    for value in schema.array ?? [] { names += transformNames(value) }
    return names
  }
}
