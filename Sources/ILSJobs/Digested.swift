import ILSRecord
import ILSStore
import ILSStream

/// Takes the digest of the records as they pass: what somebody signs was compared with these, and no others.
public struct Digested: Stage, ~Copyable {
  /// How many records there were, and the SHA-256 of their lines.
  public struct Sum: Sendable {
    public let records: Int
    public let sha256: String
  }

  private let reconciliation: Reconciliation
  private var digest = SHA256()

  public init(_ reconciliation: Reconciliation) { self.reconciliation = reconciliation }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    digest.update(record.bytes)
    [UInt8(ascii: "\n")].withUnsafeBytes { digest.update($0) }
    try reconciliation.process(record, emit: &emit)
  }

  public mutating func finish(emit: inout Emitter) throws(StageError) { try reconciliation.finish(emit: &emit) }

  public mutating func sum() -> Sum { Sum(records: reconciliation.read, sha256: digest.finish()) }
}
