import Testing

@testable import ILSStore

/// The writes of one row in order, from transaction ids alone.
@Suite struct WriteChainTests {
  private let a = JobID("00000000-0000-0000-0000-00000000000a")!
  private let b = JobID("00000000-0000-0000-0000-00000000000b")!
  private let c = JobID("00000000-0000-0000-0000-00000000000c")!

  private func batch(_ job: JobID, _ xids: Int...) -> WriteChain.Batch {
    .init(job: job, xids: xids, json: "\(xids[0])")
  }

  private func image(_ job: JobID, over xid: Int?) -> WriteChain.Image { .init(job: job, before: [:], xid: xid) }

  /// Jobs, the latest first; `!` behind those that something else has written after.
  private func order(
    _ xid: Int, _ images: [WriteChain.Image], by inserter: JobID?, _ batches: [WriteChain.Batch],
    restored: [Int: Int] = [:]
  ) -> [String] {
    var chain = WriteChain(images, inserter: inserter, batches: batches)
    return chain.writes(from: xid, restored: restored).map {
      "\($0.job.text.suffix(1))\($0.before == nil ? "+" : "")\($0.isFollowedByOthers ? "!" : "")"
    }
  }

  @Test func anInsertIsAlone() {
    #expect(order(10, [], by: a, [batch(a, 9, 10)]) == ["a+"])
    #expect(order(11, [], by: a, [batch(a, 9, 10)]) == ["a+!"])
    #expect(order(11, [], by: nil, []) == [])
  }

  /// Whatever order the images come in, transactions put them right.
  @Test func updatesAreInTheOrderOfTheirTransactions() {
    let batches = [batch(a, 10), batch(b, 20), batch(c, 30)]
    for images in [[image(b, over: 10), image(c, over: 20)], [image(c, over: 20), image(b, over: 10)]] {
      #expect(order(30, images, by: a, batches) == ["c", "b", "a+"])
    }
    // The job that began later wrote first.
    #expect(order(20, [image(c, over: 10), image(b, over: 30)], by: a, batches) == ["b", "c", "a+"])
  }

  @Test func whatIsNoJobsIsKnownByWhereItStands() {
    let batches = [batch(a, 10), batch(b, 20)]
    #expect(order(99, [image(b, over: 10)], by: a, batches) == ["b!", "a+"])
    #expect(order(20, [image(b, over: 99)], by: a, batches) == ["b", "a+!"])
    // A row that no job made.
    #expect(order(20, [image(b, over: 99)], by: nil, batches) == ["b"])
  }

  @Test func aRestoredRowStandsForWhatItWas() {
    #expect(order(50, [], by: a, [batch(a, 10)], restored: [50: 10]) == ["a+"])
  }

  @Test func oneJobMayWriteARowTwice() {
    let batches = [batch(a, 10), batch(b, 20), batch(b, 21)]
    #expect(order(21, [image(b, over: 20), image(b, over: 10)], by: a, batches) == ["b", "b", "a+"])
    // An image of a version that kept no transaction says nothing of others.
    #expect(order(20, [image(b, over: nil)], by: a, batches) == ["b", "a+"])
  }

  @Test func theSetterIsTheLastThatChangedTheColumn() {
    let column = RowLineage.Column(name: "city", number: 3, type: "text", value: "Rome", defaultValue: nil)
    func setter(_ writes: [RowLineage.Write]) -> RowLineage.Setter {
      RowLineage(
        table: TracedTable(name: "t", schema: "public", oid: "1", id: "id", jobColumn: nil, entity: nil), id: "1",
        columns: [column], jobs: [], knowsWriters: true, writtenAt: nil, aliases: [], triggers: [], writes: writes
      ).setter(of: column)
    }
    let insert = RowLineage.Write(job: a, before: nil, isFollowedByOthers: false)
    let other = RowLineage.Write(job: b, before: [4: "x"], isFollowedByOthers: true)
    #expect(setter([other, insert]) == .init(job: a, value: "Rome", isWrittenSince: true))
    // An image of all columns, of which this one stayed.
    #expect(setter([.init(job: c, before: [3: "Rome"], isFollowedByOthers: false), insert]).job == a)
    #expect(setter([.init(job: c, before: [3: nil as String?], isFollowedByOthers: false), other, insert]).job == c)
    #expect(setter([.init(job: c, before: [4: "y"], isFollowedByOthers: false)]).job == nil)
  }
}
