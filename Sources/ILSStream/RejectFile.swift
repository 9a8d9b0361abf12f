import ILSRecord
import Glibc

/// The file that refused records go to. It holds patient data: only its owner may read it.
public struct RejectFile: ByteSink, ~Copyable {
  public let name: String
  private let descriptor: Descriptor
  /// It still holds what an earlier run wrote.
  private var isStale: Bool

  /// Makes or takes the file, for its owner alone (mode 0600), and locks it.
  ///
  /// The lock tells two stages apart that were given the same file by mistake: each would overwrite the other's rejects.
  /// What it held goes when the run begins: one that cannot start leaves it as it is.
  /// - Parameter inputs: files that must not be overwritten.
  public init(_ path: String, sparing inputs: [String] = []) throws(StopError) {
    let opened = Descriptor(try RejectFile.open(path), owned: true)
    try RejectFile.claim(opened, named: path, sparing: inputs)
    isStale = opened.status.isRegular
    name = path
    descriptor = opened
  }

  /// Opens a file that is there, or makes it: no link that leads to nothing yet decides where.
  private static func open(_ path: String) throws(StopError) -> Int32 {
    var opened = Glibc.open(path, O_WRONLY | O_CLOEXEC)
    if opened < 0, errno == ENOENT {
      opened = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      // Somebody else has made it just now.
      if opened < 0, errno == EEXIST { opened = Glibc.open(path, O_WRONLY | O_CLOEXEC) }
    }
    guard opened >= 0 else {
      throw StopError(
        .cannotCreate, StreamFault.ioCreate, "cannot write: \(systemErrorText())", at: Position(file: path))
    }
    return opened
  }

  /// Locks the file, once it is sure that nothing is lost by that.
  private static func claim(_ descriptor: borrowing Descriptor, named name: String, sparing inputs: [String])
    throws(StopError)
  {
    func refuse(_ status: ExitStatus, _ message: String) -> StopError {
      StopError(status, StreamFault.ioCreate, message, at: Position(file: name))
    }
    let status = descriptor.status
    guard status.isRegular else { return }
    for input in inputs where input != "-" {
      if let other = FileStatus(path: input), status.isSameFile(as: other) {
        throw refuse(.usage, "rejects would overwrite the input; name another file")
      }
    }
    guard flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 else {
      throw refuse(.cannotCreate, "another stage writes its rejects here; give each stage a file of its own")
    }
    guard fchmod(descriptor.number, 0o600) == 0 else {
      throw refuse(.cannotCreate, "cannot write: \(systemErrorText())")
    }
  }

  /// Empties the file, the first time: before the run writes anything anywhere.
  public mutating func begin() throws(StopError) {
    guard isStale else { return }
    guard ftruncate(descriptor.number, 0) == 0 else { throw failed(errno) }
    isStale = false
  }

  /// Writes all of `buffer` and empties it.
  public mutating func write(_ buffer: inout OutputBuffer) throws(StopError) {
    defer { buffer.removeAll() }
    try begin()
    guard !buffer.isEmpty else { return }
    let failure = descriptor.writeAll(buffer.bytes)
    if failure != 0 { throw failed(failure) }
  }

  private func failed(_ error: Int32) -> StopError {
    StopError(
      .ioError, StreamFault.ioWrite, "cannot write rejects: \(systemErrorText(error))", at: Position(file: name))
  }
}
