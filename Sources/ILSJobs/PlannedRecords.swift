import ILSRecord
import ILSStore
import ILSStream

/// Takes the digest of the records on their way to the loader: whoever approved others gets none of these without being told.
public struct PlannedRecords: Stage, ~Copyable {
  private let stage: LoadStage
  private let expected: String?
  private var digest = SHA256()

  /// - Parameter expected: the SHA-256 that the lines of all records must have; nil for any.
  public init(_ stage: LoadStage, expected: String?) { (self.stage, self.expected) = (stage, expected) }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    digest.update(record.bytes)
    [UInt8(ascii: "\n")].withUnsafeBytes { digest.update($0) }
    try stage.process(record, emit: &emit)
  }

  public var patience: Int { stage.patience }
  public mutating func hasWaited(milliseconds: Int) { stage.hasWaited(milliseconds: milliseconds) }
  public mutating func sourceWaits(emit: inout Emitter) throws(StageError) { try stage.sourceWaits(emit: &emit) }
  public mutating func refusalComes(emit: inout Emitter) throws(StageError) { try stage.refusalComes(emit: &emit) }

  public mutating func finish(emit: inout Emitter) throws(StageError) {
    let sum = digest.finish()
    if let expected, expected != sum {
      throw .stop(
        StopError(
          .dataError, JobFault.jobOtherRecords,
          "the records are not those that were planned (SHA-256 \(sum.prefix(12)), planned \(expected.prefix(12)))"))
    }
    stage.recordsDigest = sum
    try stage.finish(emit: &emit)
  }

  public mutating func commit(emit: inout Emitter) throws(StopError) { try stage.commit(emit: &emit) }
  public mutating func abandon(emit: inout Emitter) { stage.abandon(emit: &emit) }
}
