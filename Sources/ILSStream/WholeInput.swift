import ILSRecord
import Glibc

/// All bytes of one input at once, for formats whose directory stands at the end: mapped, so that they need no memory of
/// their own. 64 bytes behind them are readable, and zero.
///
/// Where the file is cut off meanwhile, or its disk fails, there is no page to read: the process says so, and ends as
/// for any other read that fails.
public final class WholeInput {
  public let bytes: UnsafeRawBufferPointer
  private let mapped: Int

  private static var padding: Int { 64 }

  /// Maps the first `size` bytes of an open file.
  /// - Throws: `io.map`
  fileprivate init(mapping number: Int32, size: Int, named name: String) throws(StopError) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    mapped = (size + Self.padding + page - 1) / page * page
    // Anonymous pages first: behind a file's last page there is nothing to read.
    guard let base = mmap(nil, mapped, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), base != MAP_FAILED,
      size == 0 || mmap(base, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, number, 0) != MAP_FAILED
    else {
      throw StopError(
        .ioError, StreamFault.ioMap, "cannot read all of it at once: \(systemErrorText())", at: Position(file: name))
    }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
    _ = Self.tellsLostPages
  }

  /// Says that `part` will hardly be read again, so that it counts no more as this process's memory. It may be read all the
  /// same: its pages come back from the file.
  public func release(_ part: UnsafeRawBufferPointer) {
    guard let start = part.baseAddress, let base = bytes.baseAddress else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let from = (start - base + page - 1) / page * page
    let to = (start - base + part.count) / page * page
    guard from >= 0, to > from, to <= bytes.count else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + from), to - from, MADV_DONTNEED)
  }

  /// What becomes of a page that cannot be read. Nothing but write and _exit may be called here.
  private static let tellsLostPages: Void = {
    signal(SIGBUS) { _ in
      let message: StaticString =
        "cannot read on: the file was cut off, or its disk failed, while it was read [io.read]\n"
      _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      _exit(ExitStatus.ioError.rawValue)
    }
  }()

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), mapped) }
}

extension ByteSource {
  /// All bytes of the input, whatever was looked at so far. What is no plain file (a pipe, anything compressed) is
  /// spooled to a file without a name in `TMPDIR` (`/tmp`), which is gone when this process is.
  /// - Throws: `io.read`, `io.spool`, `io.map`, and what decompression throws.
  public mutating func whole() throws(StopError) -> WholeInput {
    _ = try peek { $0.isEmpty }
    if let descriptor = plainFile {
      let input = try WholeInput(mapping: descriptor, size: totalBytes ?? 0, named: name)
      passOver(input.bytes)
      return input
    }
    guard let spool = Descriptor.nameless("ils-spool") else { throw ByteSource.cannotSpool(name) }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { block.deallocate() }
    var size = 0
    while true {
      let got = try read(into: block)
      if got == 0 { break }
      size += got
      guard size <= spoolLimit else {
        throw StopError(
          .dataError, StreamFault.ioSpoolLimit,
          "a workbook of more than \(spoolLimit >> 30) GiB is not read from a pipe",
          at: Position(file: name == "-" ? nil : name))
      }
      guard spool.writeAll(UnsafeRawBufferPointer(rebasing: block[..<got])) == 0 else {
        throw ByteSource.cannotSpool(name)
      }
    }
    return try WholeInput(mapping: spool.number, size: size, named: name)
  }

  private var spoolLimit: Int { 4 << 30 }

  private static func cannotSpool(_ name: String) -> StopError {
    StopError(
      .ioError, StreamFault.ioSpool,
      "cannot keep it in a temporary file (TMPDIR names the folder): \(systemErrorText())",
      at: Position(file: name == "-" ? nil : name))
  }
}
