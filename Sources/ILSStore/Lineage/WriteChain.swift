/// Puts the writes of one row in order, from the transaction ids that it and its before-images carry.
struct WriteChain {
  struct Image {
    let job: JobID
    let before: [Int: String?]
    /// Of the transaction that had written the row before.
    let xid: Int?
  }

  struct Batch {
    let job: JobID
    let xids: [Int]
    let json: String
  }

  private let images: [Image]
  private let inserter: JobID?
  private let batches: [Batch]
  /// The batches that are known to have written the row.
  private var written: [JobID: String] = [:]

  init(_ images: [Image], inserter: JobID?, batches: [Batch]) {
    (self.images, self.inserter, self.batches) = (images, inserter, batches)
    for xid in images.compactMap(\.xid) { note(xid) }
  }

  /// The batch of a job that wrote the row last; nil where that cannot be told any more.
  func batch(of job: JobID) -> String? {
    // A job of one batch has written it in that.
    let own = batches.filter { $0.job == job }
    return written[job] ?? (own.count == 1 ? own.first?.json : nil)
  }

  private mutating func note(_ xid: Int) {
    guard let batch = batches.first(where: { $0.xids.contains(xid) }), written[batch.job] == nil else { return }
    written[batch.job] = batch.json
  }

  /// The writes, the latest first.
  /// - Parameters:
  ///   - xid: of the transaction that wrote the row last.
  ///   - restored: what transactions of undos stand for.
  mutating func writes(from xid: Int, restored: [Int: Int]) -> [RowLineage.Write] {
    var left = images
    var writes: [RowLineage.Write] = []
    var xid: Int? = xid
    while true {
      let own = xid.map { restored[$0] ?? $0 }
      if let own { note(own) }
      let writer = own.flatMap { own in batches.first { $0.xids.contains(own) }?.job }
      // Nothing is known of a write whose image is of an earlier version.
      let isOthers = xid != nil && writer == nil
      // Behind somebody else's write the images come by the time of their jobs.
      guard let next = left.firstIndex(where: { $0.job == writer }) ?? (left.isEmpty ? nil : 0) else {
        if let inserter { writes.append(.init(job: inserter, before: nil, isFollowedByOthers: isOthers)) }
        return writes
      }
      if writer == inserter, writer != left[next].job, let inserter {
        writes.append(.init(job: inserter, before: nil, isFollowedByOthers: false))
        return writes
      }
      let image = left.remove(at: next)
      writes.append(.init(job: image.job, before: image.before, isFollowedByOthers: isOthers))
      xid = image.xid
    }
  }
}
