import ILSRecord
import ILSStream
import Glibc

/// The entities and presets that come with the toolkit, found by name.
///
/// They are looked for in `$ILS_DATA`, in `share/ils` beside the `bin` folder that holds the executable, and where
/// SwiftPM puts resources beside what it builds.
public enum DataFiles {
  public enum Kind: String, Sendable {
    case entities, presets
  }

  /// Folders that may hold data files, those that win first.
  static var folders: [String] {
    var found: [String] = []
    if let given = environment("ILS_DATA") { found.append(given) }
    if let executable = executablePath(), let slash = executable.lastIndex(of: "/") {
      let bin = String(executable[..<slash])
      found.append(bin + "/../share/ils")
      found.append(bin + "/ils_ILSData.resources")
    }
    return found
  }

  private static func executablePath() -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { path in
      let length = readlink("/proc/self/exe", path.baseAddress!, path.count)
      guard length > 0 else { return nil }
      return String(decoding: UnsafeRawBufferPointer(path)[..<length], as: UTF8.self)
    }
  }

  /// The set of entities that plain names are of (`ILS_ENTITIES`); nil for the one that stands beside the others, `ils`.
  private static var chosenSet: String? { environment("ILS_ENTITIES").flatMap { $0 == baseSet ? nil : $0 } }

  private static let baseSet = "ils"

  /// - Throws: `configuration` where `ILS_ENTITIES` names a set that is not installed: who goes through all of its entities would
  ///   find none, and nothing wrong.
  public static func checkSet() throws(StopError) {
    guard let chosenSet, names(.entities).isEmpty else { return }
    throw StopError(
      .configuration, CommandFault.dataUnknown,
      "ILS_ENTITIES is \(chosenSet), and no entities of such a set are installed")
  }

  /// Where a data file of this name lies below a folder of them, without `.json`: `ils2/orders`; nil for what is no name.
  private static func place(_ kind: Kind, _ name: String) -> String? {
    var parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }) else { return nil }
    if kind == .entities, parts.count == 1, let chosenSet { parts.insert(chosenSet, at: 0) }
    if kind == .entities, parts.count == 2, parts[0] == baseSet { parts.removeFirst() }
    return parts.joined(separator: "/")
  }

  /// The path of the data file called `name`: of the chosen set, or of the one that stands before a slash.
  /// - Throws: `configuration`, naming what there is.
  public static func path(_ kind: Kind, _ name: String) throws(StopError) -> String {
    if let place = place(kind, name) {
      for folder in folders {
        let path = "\(folder)/\(kind.rawValue)/\(place).json"
        if access(path, R_OK) == 0 { return path }
      }
    }
    let known = everyName(kind)
    throw StopError(
      .configuration, CommandFault.dataUnknown,
      "no \(kind.rawValue) file is called \"\(name)\"; "
        + (known.isEmpty ? "none are installed (set ILS_DATA)" : "there are: \(known.joined(separator: ", "))"))
  }

  /// The names of the data files, sorted; of entities those of the chosen set.
  public static func names(_ kind: Kind) -> [String] {
    namesBelow(kind.rawValue + (kind == .entities ? chosenSet.map { "/" + $0 } ?? "" : ""))
  }

  /// The names of all data files, those of other sets with the set's before a slash.
  static func everyName(_ kind: Kind) -> [String] {
    var sets: Set<String> = []
    for folder in folders {
      for name in namesInFolder("\(folder)/\(kind.rawValue)") ?? [] where !name.contains(".") { sets.insert(name) }
    }
    return namesBelow(kind.rawValue)
      + sets.sorted().flatMap { set in namesBelow("\(kind.rawValue)/\(set)").map { "\(set)/\($0)" } }
  }

  private static func namesBelow(_ place: String) -> [String] {
    var found: Set<String> = []
    for folder in folders {
      for name in namesInFolder("\(folder)/\(place)") ?? [] where name.hasSuffix(".json") {
        found.insert(String(name.dropLast(5)))
      }
    }
    return found.sorted()
  }

  /// The schema of the entity called `name`.
  public static func entity(_ name: String) throws(StopError) -> JSONValue { try json(at: try path(.entities, name)) }

  /// Finds the entities that the schema at `path` refers to: one that is installed beside the sets refers to its like,
  /// whichever set plain names are of.
  public static func beside(_ path: String) -> (String) throws(StopError) -> JSONValue {
    let isOfBase = folders.contains { path.hasPrefix("\($0)/entities/") } && !name(of: path).contains("/")
    return { name throws(StopError) in
      try entity(isOfBase && !name.contains("/") ? "\(baseSet)/\(name)" : name)
    }
  }

  /// The name that a data file is found by: `patients` for `/usr/share/ils/entities/patients.json`, `ils2/patients` for
  /// `/usr/share/ils/entities/ils2/patients.json`.
  public static func name(of path: String) -> String {
    let bare = path.hasSuffix(".json") ? String(path.dropLast(5)) : path
    for folder in folders {
      for kind in [Kind.entities, .presets] where bare.hasPrefix("\(folder)/\(kind.rawValue)/") {
        return String(bare.dropFirst(folder.count + kind.rawValue.count + 2))
      }
    }
    return bare.split(separator: "/").last.map(String.init) ?? bare
  }

  /// Parses the JSON file at `path`; faults are told with its name and place.
  public static func json(at path: String) throws(StopError) -> JSONValue { try json(try readWhole(path), of: path) }

  /// Parses the bytes of the JSON file at `path`.
  static func json(_ bytes: [UInt8], of path: String) throws(StopError) -> JSONValue {
    do throws(RecordError) {
      return try JSONValue(parsing: bytes)
    } catch {
      throw StopError(.configuration, code: error.code, error.message, at: Position(file: path))
    }
  }
}
