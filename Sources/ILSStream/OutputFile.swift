import ILSRecord
import Glibc

/// Where records go: stdout, or a file that appears under its name only when it is whole.
public struct OutputFile: ByteSink, ~Copyable {
  public let name: String
  private var descriptor: Descriptor?
  /// The file that is being written, until it is renamed, and the name it gets then.
  private var partial: (beside: String, place: String)?
  /// A closed stdout ends the writing, not the work (ils-load).
  private let survivesClosedReader: Bool
  private var isReaderGone = false

  /// - Parameter path: nil for stdout. A regular file is written beside its name and renamed by `close`; a device or
  ///   a pipe is written at once. A new file is its owner's alone (0600); one that takes another's place keeps its mode.
  public init(_ path: String?, survivesClosedReader: Bool = false) throws(StopError) {
    self.survivesClosedReader = survivesClosedReader
    // The file behind /dev/stdout is open already: to put another in its place would lose what others write there.
    guard let path, path != "-", path != "/dev/stdout" else {
      name = "stdout"
      descriptor = Descriptor(STDOUT_FILENO, owned: false)
      if FileStatus(STDOUT_FILENO).isPipe { widenPipe(STDOUT_FILENO) }
      return
    }
    name = path
    let existing = FileStatus(path: path)
    if let existing, !existing.isRegular {
      descriptor = Descriptor(try OutputFile.open(path, O_WRONLY, 0, named: path), owned: true)
    } else {
      let place = OutputFile.resolved(path)
      // A name that nobody can foresee, and a file that is ours: no link waits there.
      let beside = "\(place).\(String(UInt64.random(in: 0...UInt64.max), radix: 16)).part"
      let opened = try OutputFile.open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600, named: path)
      if let existing { fchmod(opened, existing.permissions) }
      descriptor = Descriptor(opened, owned: true)
      partial = (beside, place)
    }
  }

  /// Where a link that is there points to: the file behind it is the one that is replaced.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  deinit { if let partial { unlink(partial.beside) } }

  private static func open(_ path: String, _ flags: Int32, _ mode: mode_t, named name: String) throws(StopError)
    -> Int32
  {
    let opened = Glibc.open(path, flags | O_CLOEXEC, mode)
    guard opened >= 0 else {
      throw StopError(
        .cannotCreate, StreamFault.ioCreate, "cannot write: \(systemErrorText())", at: Position(file: name))
    }
    return opened
  }

  /// Writes all of `buffer` and empties it.
  /// - Throws: `io.write` where the disk is full or the like.
  public mutating func write(_ buffer: inout OutputBuffer) throws(StopError) {
    defer { buffer.removeAll() }
    guard !buffer.isEmpty, !isReaderGone else { return }
    let failure = descriptor?.writeAll(buffer.bytes) ?? 0
    if failure == EPIPE, survivesClosedReader {
      isReaderGone = true
    } else if failure != 0 {
      throw StopError(
        .ioError, StreamFault.ioWrite, "cannot write: \(systemErrorText(failure))", at: Position(file: name))
    }
  }

  /// Ends the writing: now a reader sees the end, or the file appears under its name.
  public mutating func close() throws(StopError) {
    guard let open = descriptor.take() else { return }
    if name == "stdout" {
      // The reader must see the end now, also while this process still lives.
      if Glibc.close(STDOUT_FILENO) != 0, errno != EINTR, errno != EBADF, !isReaderGone {
        throw StopError(
          .ioError, StreamFault.ioClose, "cannot finish writing: \(systemErrorText())", at: Position(file: name))
      }
      return
    }
    try open.close(named: name)
    guard let (beside, place) = partial else { return }
    partial = nil
    guard rename(beside, place) == 0 else {
      let text = systemErrorText()
      unlink(beside)
      throw StopError(
        .cannotCreate, StreamFault.ioCreate, "cannot put the file in place: \(text)", at: Position(file: name))
    }
  }
}
