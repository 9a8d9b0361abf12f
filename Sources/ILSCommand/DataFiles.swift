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

  /// The path of the data file called `name`.
  /// - Throws: `configuration`, naming what there is.
  public static func path(_ kind: Kind, _ name: String) throws(StopError) -> String {
    if !name.contains("/") {
      for folder in folders {
        let path = "\(folder)/\(kind.rawValue)/\(name).json"
        if access(path, R_OK) == 0 { return path }
      }
    }
    let known = names(kind)
    throw StopError(
      .configuration, CommandFault.dataUnknown,
      "no \(kind.rawValue) file is called \"\(name)\"; "
        + (known.isEmpty ? "none are installed (set ILS_DATA)" : "there are: \(known.joined(separator: ", "))"))
  }

  /// The names of the data files, sorted.
  public static func names(_ kind: Kind) -> [String] {
    var found: Set<String> = []
    for folder in folders {
      for name in namesInFolder("\(folder)/\(kind.rawValue)") ?? [] where name.hasSuffix(".json") {
        found.insert(String(name.dropLast(5)))
      }
    }
    return found.sorted()
  }

  /// The schema of the entity called `name`.
  public static func entity(_ name: String) throws(StopError) -> JSONValue { try json(at: try path(.entities, name)) }

  /// The name that a data file is found by: `patients` for `/usr/share/ils/entities/patients.json`.
  public static func name(of path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return file.hasSuffix(".json") ? String(file.dropLast(5)) : file
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
