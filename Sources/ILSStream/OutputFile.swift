import ILSRecord
import Glibc

/// Where records go: stdout, or a file that appears under its name only when it is whole.
public struct OutputFile: ByteSink, ~Copyable {
  public let name: String
  private var descriptor: Descriptor?
  /// The file that is being written, until it is renamed.
  private var partial: String?
  /// A closed stdout ends the writing, not the work (ils-load).
  private let survivesClosedReader: Bool
  private var isReaderGone = false

  /// - Parameter path: nil for stdout. A regular file is written beside its name and renamed by `close`; a device or
  ///   a pipe is written at once.
  public init(_ path: String?, survivesClosedReader: Bool = false) throws(StopError) {
    self.survivesClosedReader = survivesClosedReader
    guard let path, path != "-" else {
      name = "stdout"
      descriptor = Descriptor(STDOUT_FILENO, owned: false)
      if FileStatus(STDOUT_FILENO).isPipe { widenPipe(STDOUT_FILENO) }
      return
    }
    name = path
    if let existing = FileStatus(path: path), !existing.isRegular {
      descriptor = Descriptor(try OutputFile.open(path, O_WRONLY, 0, named: path), owned: true)
    } else {
      let beside = path + ".part"
      descriptor = Descriptor(
        try OutputFile.open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0o666, named: path), owned: true)
      partial = beside
    }
  }

  deinit { if let partial { unlink(partial) } }

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
    guard let beside = partial else { return }
    partial = nil
    guard rename(beside, name) == 0 else {
      let text = systemErrorText()
      unlink(beside)
      throw StopError(
        .cannotCreate, StreamFault.ioCreate, "cannot put the file in place: \(text)", at: Position(file: name))
    }
  }
}
