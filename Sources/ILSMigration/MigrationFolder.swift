import Glibc
import ILSRecord
import ILSStream

/// The folder of one migration: what it was asked, and what it left. Only its owner may enter: it holds patient data.
public struct MigrationFolder {
  public let path: String
  static let planName = "migration.json"

  /// Makes a folder, or takes an empty one.
  /// - Parameter path: nil for `migration-TYPE-TIME` in the current folder.
  /// - Throws: `cannotCreate` where it cannot be made, or is not empty.
  public init(new path: String?, entity: String, at time: time_t) throws(StopError) {
    var name = path ?? "migration-\(DataName.last(of: entity))-\(Self.stamp(time))"
    var isMade = mkdir(name, 0o700) == 0
    while path == nil, !isMade, errno == EEXIST {  // two in one second
      name += "+"
      isMade = mkdir(name, 0o700) == 0
    }
    guard isMade || errno == EEXIST else {
      throw StopError(
        .cannotCreate, StreamFault.ioCreate, "cannot make the folder: \(systemErrorText())", at: Position(file: name))
    }
    guard let names = namesInFolder(name), names.isEmpty, Self.claim(name) else {
      throw StopError(
        .cannotCreate, MigrationFault.migrateFolder, "is no empty folder: the rejects of another run may be in it",
        at: Position(file: name))
    }
    // A folder that was there may be open to others.
    chmod(name, 0o700)
    self.path = name
  }

  /// Of two that find the folder empty, the first to make the plan's file has it.
  private static func claim(_ folder: String) -> Bool {
    let made = open("\(folder)/\(planName)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard made >= 0 else { return false }
    close(made)
    return true
  }

  /// The folder of a migration that was begun.
  /// - Throws: `noInput` or `dataError` where it holds no plan.
  public static func plan(in path: String) throws(StopError) -> MigrationPlan {
    let file = "\(path)/\(planName)"
    do {
      return try MigrationPlan(JSONValue(parsing: try readWhole(file)))
    } catch let error as StopError {
      throw error
    } catch {
      let message = (error as? RecordError)?.message ?? "cannot be read"
      throw StopError(.dataError, MigrationFault.migrationInvalid, message, at: Position(file: file))
    }
  }

  private static func stamp(_ time: time_t) -> String {
    var (time, parts) = (time, tm())
    localtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y%m%d-%H%M%S", &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: - Files

  public static func write(_ values: [JSONValue], to path: String) throws(StopError) {
    var buffer = OutputBuffer()
    for value in values {
      value.write(to: &buffer)
      buffer.append(UInt8(ascii: "\n"))
    }
    var file = try OutputFile(path)
    try file.write(&buffer)
    try file.close()
  }

  /// Removes the files that hold nothing, so that what is there says something.
  public static func removeEmptyFiles(in path: String) {
    for name in namesInFolder(path) ?? []
    where FileStatus(path: "\(path)/\(name)").map({ $0.isRegular && $0.size == 0 }) == true {
      unlink("\(path)/\(name)")
    }
  }

  /// The last line of `path` that is JSON; nil where there is none.
  public static func lastLine(of path: String) throws(StopError) -> JSONValue? {
    guard access(path, R_OK) == 0 else { return nil }
    var reader = LineReader(try ByteSource(path))
    var last: [UInt8] = []
    while true {
      switch reader.next() {
      case .line(let line): last = Array(line.bytes)
      case .tooLong: last = []
      case .needsInput: try reader.fill()
      case .end: return last.isEmpty ? nil : try? JSONValue(parsing: last)
      }
    }
  }
}

enum DataName {
  /// `patients` for `ils2/patients`: what may be part of a folder's name.
  static func last(of name: String) -> String { name.split(separator: "/").last.map(String.init) ?? "records" }
}
