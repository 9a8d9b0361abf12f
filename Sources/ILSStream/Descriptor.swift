import ILSRecord
import Glibc

/// What the last system call had to say, as a sentence's end.
public func systemErrorText(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

/// An environment variable; nil where it is unset or empty.
public func environment(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}

/// An open file that closes itself.
public struct Descriptor: ~Copyable {
  public let number: Int32
  private let owned: Bool

  /// - Parameter owned: false for a standard stream, which is not ours to close.
  public init(_ number: Int32, owned: Bool) {
    self.number = number
    self.owned = owned
  }

  deinit { if owned { _ = Glibc.close(number) } }

  /// A file in `TMPDIR` (`/tmp`) that has lost its name already, and is gone with this process; nil where none can be made.
  public static func nameless(_ prefix: String) -> Descriptor? {
    let folder = environment("TMPDIR") ?? "/tmp"
    // mkstemp(3) puts letters of its own in place of the last six.
    var template = Array("\(folder)/\(prefix)-XXXXXX".utf8CString)
    let number = mkstemp(&template)
    guard number >= 0 else { return nil }
    let made = Descriptor(number, owned: true)
    guard unlink(template) == 0 else { return nil }
    return made
  }

  /// Opens an existing file to read from.
  /// - Throws: `noInput` where there is none, `noPermission` where it may not be read, `ioError` for a directory.
  public init(reading path: String) throws(StopError) {
    self.init(try Descriptor.open(reading: path), owned: true)
  }

  /// Looks whether each of `paths` (`-` is stdin) may be read, so that a mistyped name stops a tool before it has done
  /// anything. None is opened: that would disturb a named pipe.
  public static func check(_ paths: [String]) throws(StopError) {
    for path in paths where path != "-" && access(path, R_OK) != 0 { throw cannotOpen(path) }
  }

  /// What `errno` means for a file that was to be read.
  private static func cannotOpen(_ path: String) -> StopError {
    let status: ExitStatus = errno == EACCES ? .noPermission : errno == ENOENT || errno == ENOTDIR ? .noInput : .ioError
    return StopError(status, StreamFault.ioOpen, "cannot open: \(systemErrorText())", at: Position(file: path))
  }

  private static func open(reading path: String) throws(StopError) -> Int32 {
    let opened = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw cannotOpen(path) }
    if FileStatus(opened).isDirectory {
      _ = Glibc.close(opened)
      throw StopError(.noInput, StreamFault.ioOpen, "is a directory; name a file", at: Position(file: path))
    }
    return opened
  }

  /// Closes the file and reports what a deferred write failed of, as only close can tell on some file systems.
  public consuming func close(named name: String) throws(StopError) {
    let failed = owned && Glibc.close(number) != 0 && errno != EINTR
    let text = systemErrorText()
    discard self
    if failed {
      throw StopError(.ioError, StreamFault.ioClose, "cannot finish writing: \(text)", at: Position(file: name))
    }
  }

  /// Reads once, at most `buffer.count` bytes; 0 at the end.
  /// - Throws: `temporaryFailure` where the process is asked to stop while there is nothing to read.
  public borrowing func read(into buffer: UnsafeMutableRawBufferPointer, named name: String) throws(StopError) -> Int {
    while true {
      let got = Glibc.read(number, buffer.baseAddress, buffer.count)
      if got >= 0 { return got }
      if errno != EINTR {
        throw StopError(.ioError, StreamFault.ioRead, "cannot read: \(systemErrorText())", at: Position(file: name))
      }
      if Interruption.isRequested {
        throw StopError(.temporaryFailure, StreamFault.runInterrupted, "interrupted while it waited for input")
      }
    }
  }

  /// Writes all of `bytes`. - Returns: 0, or the errno of the write that failed.
  public borrowing func writeAll(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    var at = 0
    while at < bytes.count {
      let wrote = Glibc.write(number, bytes.baseAddress! + at, bytes.count - at)
      if wrote >= 0 {
        at += wrote
      } else if errno == EAGAIN {
        var waiting = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  /// Whether a read would return at once.
  public var isReadable: Bool { isReadable(within: 0) }

  /// The same after so many milliseconds at most; a signal ends the wait.
  public func isReadable(within milliseconds: Int) -> Bool {
    var asked = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    return poll(&asked, 1, Int32(clamping: milliseconds)) > 0
  }

  /// Whether the next read starts at byte `offset` of the file.
  func isAt(_ offset: Int) -> Bool { lseek(number, 0, SEEK_CUR) == offset }

  public var status: FileStatus { FileStatus(number) }
}

/// What fstat(2) says of an open file.
public struct FileStatus: Sendable {
  private let mode: mode_t
  public let size: Int
  private let device: UInt64
  private let inode: UInt64

  init(_ number: Int32) {
    var asked = stat()
    _ = fstat(number, &asked)
    self.init(asked)
  }

  /// What stat(2) says of the file at `path`, without opening it; nil where there is none.
  public init?(path: String) {
    var asked = stat()
    guard stat(path, &asked) == 0 else { return nil }
    self.init(asked)
  }

  private init(_ asked: stat) {
    mode = asked.st_mode
    size = Int(asked.st_size)
    device = UInt64(asked.st_dev)
    inode = UInt64(asked.st_ino)
  }

  /// Who may read, write and execute it.
  var permissions: mode_t { mode & 0o777 }
  public var isRegular: Bool { mode & S_IFMT == S_IFREG }
  public var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
  public var isPipe: Bool { mode & S_IFMT == S_IFIFO }

  /// The same file under whatever name.
  public func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }
}

/// Lets a pipe hold more than the kernel's 64 KiB, so that two stages wait for each other less often.
///
/// The kernel may refuse (`fs.pipe-max-size`): then the pipe stays as it is.
public func widenPipe(_ number: Int32, to bytes: Int32 = 1 << 19) {
  let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ, which Glibc hides behind _GNU_SOURCE
  _ = fcntl(number, setPipeSize, bytes)
}
