import ILSStream
import ArgumentParser

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
    let names = (namesInFolder(folder.isEmpty ? "." : folder) ?? []).filter { !$0.hasPrefix(".") }
    return names.map { folder + $0 + (FileStatus(path: folder + $0)?.isDirectory == true ? "/" : "") }.sorted()
  }
}
