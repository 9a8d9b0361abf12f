import Glibc
import ILSRecord

/// The files that a run will write, before any of them is opened: none may be one that it reads, or another of them.
///
/// Files are told apart by device and inode, so that no second name, link or redirection hides one behind another.
public enum WrittenFiles {
  /// - Parameters:
  ///   - inputs: what is read; `-`, or none at all, is stdin.
  ///   - others: what is read beside: a mapping, a schema, a manifest.
  ///   - files: what is written, by the option that names it; those without a path are left out.
  ///   - writesStdout: whether records go to stdout.
  /// - Throws: a usage error that names both.
  public static func check(
    inputs: [String], others: [String?] = [], _ files: [(option: String, path: String?)], writesStdout: Bool
  ) throws(StopError) {
    var taken = identities(of: inputs)
    for case let other? in others { if let identity = Identity(other) { taken.append((identity, other)) } }
    if writesStdout, let identity = Identity(STDOUT_FILENO) {
      // An empty file that is read and written is nothing lost; one that has been emptied by the shell cannot be told.
      try claim(identity, "stdout", nil, &taken)
    }
    for (option, path) in files {
      guard let path, path != "-", let identity = Identity(path) else { continue }
      try claim(identity, option, path, &taken)
    }
    try checkMessages(taken)
  }

  /// Messages among records would be neither; with what goes to stdout they may well be, as `> log 2>&1` has it.
  private static func checkMessages(_ taken: [(Identity, String)]) throws(StopError) {
    guard let identity = Identity(STDERR_FILENO),
      let (_, other) = taken.first(where: { $0.0 == identity && $0.1 != "stdout" })
    else { return }
    throw StopError(
      .usage, StreamFault.ioSameFile,
      "messages (stderr) go to the same file as \(other): name another, or it would be lost")
  }

  private static func identities(of inputs: [String]) -> [(Identity, String)] {
    (inputs.isEmpty ? ["-"] : inputs).compactMap { input in
      (input == "-" ? Identity(STDIN_FILENO) : Identity(input)).map { ($0, input == "-" ? "stdin" : "the input") }
    }
  }

  private static func claim(
    _ identity: Identity, _ option: String, _ path: String?, _ taken: inout [(Identity, String)]
  ) throws(StopError) {
    if let (_, other) = taken.first(where: { $0.0 == identity }) {
      throw StopError(
        .usage, StreamFault.ioSameFile, "\(option) is the same file as \(other): name another, or it would be lost",
        at: path.map { Position(file: $0) } ?? Position())
    }
    taken.append((identity, option))
  }

  /// A regular file: by its inode, or where it is not there yet, by its folder's and its name.
  private struct Identity: Equatable {
    private let device: dev_t
    private let inode: ino_t
    private let name: String?

    init?(_ descriptor: Int32) {
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      (device, inode, name) = (status.st_dev, status.st_ino, nil)
    }

    /// nil for a device, a pipe, or a file whose folder is not there.
    init?(_ path: String) {
      var status = stat()
      if stat(path, &status) == 0 {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        (device, inode, name) = (status.st_dev, status.st_ino, nil)
        return
      }
      let slash = path.lastIndex(of: "/")
      let folder = slash.map { String(path[...$0]) } ?? "."
      guard stat(folder, &status) == 0 else { return nil }
      (device, inode) = (status.st_dev, status.st_ino)
      name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    }
  }
}
