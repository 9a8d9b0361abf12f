import ArgumentParser
import ILSRecord
import ILSValidation
import ILSStream
import Glibc

/// An amount of memory: `800M`, `2G`, or bytes.
public struct ByteCount: ExpressibleByArgument, Equatable, Sendable {
  public let bytes: Int

  public init?(argument: String) {
    let units: [Character: Int] = ["k": 10, "m": 20, "g": 30, "t": 40]
    let shift = argument.last.flatMap { units[Character($0.lowercased())] }
    guard let number = Int(shift == nil ? argument : String(argument.dropLast())), number > 0,
      number < 1 << (62 - (shift ?? 0))
    else { return nil }
    bytes = number << (shift ?? 0)
  }
}

/// Keeps tables in memory up to a limit, and in nameless temporary files beyond it, from which the system brings pages in as
/// they are needed.
public final class SpillMemory: TableMemory {
  private let limit: Int
  private var used = 0
  private var spilled: Set<UnsafeMutableRawPointer> = []
  private var hasTold = false
  private let tell: (Diagnostic) -> Void

  /// - Parameters:
  ///   - limit: in bytes.
  ///   - tell: is told once that the limit was met.
  public init(limit: Int, tell: @escaping (Diagnostic) -> Void) {
    self.limit = limit
    self.tell = tell
  }

  public override func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    if used + bytes > limit {
      let memory = map(bytes)
      announce(isMapped: memory != nil)
      if let memory {
        spilled.insert(memory)
        return memory
      }
    }
    used += bytes
    return super.allocate(bytes)
  }

  public override func release(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
    if spilled.remove(memory) != nil {
      munmap(memory, bytes)
    } else {
      used -= bytes
      super.release(memory, bytes)
    }
  }

  private func announce(isMapped: Bool) {
    if hasTold { return }
    hasTold = true
    tell(
      isMapped
        ? Diagnostic(
          .info, CommandFault.memorySpilled, "identity keys go on in a temporary file: more memory is faster")
        : Diagnostic(
          .warning, CommandFault.memoryNoFile, "identity keys stay in memory: TMPDIR has no room for a temporary file"))
  }

  /// A piece of a file that has no name, and is gone with the process; nil where there is no room for one.
  private func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard let file = Descriptor.nameless("ils-keys"), posix_fallocate(file.number, 0, bytes) == 0 else { return nil }
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0)
    return memory == MAP_FAILED ? nil : memory
  }
}
