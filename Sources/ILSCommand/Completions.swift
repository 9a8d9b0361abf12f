import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a shell proposes where a data file's name or a path may stand.
extension CompletionKind {
  public static var entityOrFile: CompletionKind { .custom { _, _, prefix in candidates(.entities, prefix) } }
  public static var presetOrFile: CompletionKind { .custom { _, _, prefix in candidates(.presets, prefix) } }

  private static func candidates(_ kind: DataFiles.Kind, _ prefix: String) -> [String] {
    (DataFiles.names(kind) + paths(prefix)).filter { $0.hasPrefix(prefix) }
  }

  /// Files and folders whose path begins with `prefix`.
  private static func paths(_ prefix: String) -> [String] {
    let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix(".") { found.append(folder + name + (entry.pointee.d_type == DT_DIR ? "/" : "")) }
    }
    return found.sorted()
  }
}
