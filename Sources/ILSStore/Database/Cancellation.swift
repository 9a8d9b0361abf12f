import CLibPQ

/// Stops what the server does for this process, when the process must end at once.
public enum Cancellation {
  /// A connection, and what its statement is cancelled by.
  private struct Slot {
    var connection: OpaquePointer?
    var handle: OpaquePointer?
  }

  /// Connections beyond these end with their process.
  private static var slotCount: Int { 32 }
  /// A signal handler reads them: their memory never moves.
  private nonisolated(unsafe) static let slots: UnsafeMutablePointer<Slot> = {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: slotCount)
    slots.initialize(repeating: Slot(), count: slotCount)
    return slots
  }()

  /// A connection is made, or made anew.
  static func note(_ connection: OpaquePointer) {
    forget(connection)
    guard let free = (0..<slotCount).first(where: { slots[$0].connection == nil }) else { return }
    slots[free] = Slot(connection: connection, handle: PQgetCancel(connection))
  }

  static func forget(_ connection: OpaquePointer) {
    for slot in 0..<slotCount where slots[slot].connection == connection {
      let old = slots[slot].handle
      slots[slot] = Slot()
      PQfreeCancel(old)
    }
  }

  /// Asks the server to cancel the statements that run. A signal handler may call it (libpq, Canceling Queries in Progress).
  public static func request() {
    for slot in 0..<slotCount {
      guard let handle = slots[slot].handle else { continue }
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { _ = PQcancel(handle, $0.baseAddress, 256) }
    }
  }
}
