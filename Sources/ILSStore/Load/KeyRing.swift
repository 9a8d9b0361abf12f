import ILSIdentity
import ILSRecord

/// Hashes of the identity keys that a loader has to do with, and what others have written since it read them.
///
/// A batch inserts records of which the loader believes that nobody has them. Before it commits, the rows that came in since
/// that was found out are looked at: where one has a key of the batch, the batch is taken back and each record looked up.
final class KeyRing {
  let seed: UInt64
  private let rules: IdentityRules
  private let sql: MatchSQL
  /// The keys of records that go straight into the table, and of staged ones that are inserted.
  private var straight: [UInt64] = []
  private var staged: [UInt64] = []
  /// The former, of batches that are on their way on other connections, in order.
  private var flying: [[UInt64]] = []
  /// Keys that rows have got by updates of the batch.
  private var changed: Set<UInt64> = []
  /// Keys that the filter does not know yet.
  private var news: [UInt64] = []
  private var row: RowKeys
  /// Keys with names that several rows of the table have, or may have; nil where the table was not read.
  private var repeated: Set<UInt64>?
  /// The keys of all rows that the open transaction has inserted, where it is the whole job; else nil.
  private var held: Set<UInt64>?
  /// Somebody else has brought, or may have brought, one of those rows since.
  private(set) var isOvertaken = false
  /// What has been seen of others' transactions, and the ids of this loader's own.
  private var horizon: Snapshot?
  private var own: [UInt64] = []
  /// Whose rows have been read, of the table and of each kind of alias: with its end, all that a transaction wrote is there. The
  /// horizon does not tell them where any other transaction of the server lasts.
  private var met: [Set<UInt32>]
  /// Those of the parts of a transaction that is the whole job, as rows name them.
  private var parts: [String] = []

  /// - Parameter isHeld: the job is one transaction, of which others see nothing before its end.
  init(_ sql: MatchSQL, isHeld: Bool = false) {
    held = isHeld ? [] : nil
    var random = SystemRandomNumberGenerator()
    seed = random.next()
    rules = sql.terms.rules
    self.sql = sql
    row = RowKeys(rules, seed: seed)
    met = Array(repeating: [], count: 1 + rules.keys.count)
  }

  func hash(_ key: UnsafeRawBufferPointer) -> UInt64 { keyHash(key, seed: seed) }

  func add(_ hash: UInt64) { straight.append(hash) }
  func stage(_ hash: UInt64) { staged.append(hash) }
  func know(_ hash: UInt64) { news.append(hash) }
  func forgetStaged() { staged.removeAll(keepingCapacity: true) }

  // MARK: - Rows that are updated

  func forgetChanged() { changed.removeAll(keepingCapacity: true) }

  /// Notes the keys that a row has once a record has updated it.
  func change(_ hashes: [UInt64]) {
    changed.formUnion(hashes)
    news += hashes
    `repeat`(hashes)
  }

  func isChanged(_ hash: UInt64) -> Bool { changed.contains(hash) }

  /// Whether a record that goes straight, if any does, has such a key, of which nobody knew when it was judged.
  var isStraightChanged: Bool { goesStraight(with: changed) }

  // MARK: - Batches

  /// No record of the batch goes straight any more.
  func forgetStraight() { straight.removeAll(keepingCapacity: true) }

  /// The batch is in the table.
  func settle() {
    held?.formUnion(straight)
    held?.formUnion(staged)
    forgetStraight()
    forgetStaged()
  }

  // MARK: - Batches on their way

  /// The batch whose keys were gathered is on its way.
  func fly() {
    flying.append(straight)
    straight = []
  }

  /// The first batch on its way is in the table.
  func land() {
    flying.removeFirst()
    forgetStaged()
  }

  var hasFlying: Bool { !flying.isEmpty }

  /// The first batch on its way becomes the one that is gathered.
  func takeFlying() {
    if !flying.isEmpty { straight = flying.removeFirst() }
  }

  /// No record of any batch goes straight any more.
  func forgetFlying() {
    flying.removeAll()
    forgetStraight()
    forgetStaged()
  }

  /// Whether a record that goes straight has a key that nobody knew when it was judged: of a record before it that only the
  /// server could read, or of somebody else's row.
  var isStraightKnown: Bool { goesStraight(with: Set(news)) }

  /// Whether a record that goes straight, of any batch, has one of some keys.
  private func goesStraight(with keys: Set<UInt64>) -> Bool {
    if keys.isEmpty { return false }
    return straight.contains { keys.contains($0) } || flying.contains { $0.contains { keys.contains($0) } }
  }

  /// Gives a transaction its id, which `noteOwn` takes.
  static let ownID = "SELECT pg_current_xact_id()::text AS own"

  /// The id of a transaction of this loader.
  func noteOwn(_ id: UInt64?) {
    guard let id, !own.contains(id) else { return }
    own.append(id)
    if own.count > Self.ownKept { own.removeFirst(own.count - Self.ownKept) }
  }

  private static var ownKept: Int { 64 }

  func takeNews() -> [UInt64] {
    defer { news.removeAll(keepingCapacity: true) }
    return news
  }

  // MARK: - The table's rows

  /// Reads the keys of every row that the table holds, and of every alias.
  /// - Parameter insert: notes a key; whether it may have been noted before.
  func readAll(_ connection: Connection, _ insert: (UInt64) -> Bool) throws(DatabaseError) {
    var repeated: Set<UInt64> = []
    let seen = try read(rows: sql.allKeys, aliases: sql.allAliases, behind: Snapshot.sql, connection) { probe, hash in
      let isKnown = insert(hash)
      if let probe, isKnown, rules.isNamed(rules.probes[probe]) { repeated.insert(hash) }
    }
    horizon = seen.map { Snapshot($0[0]) }
    self.repeated = repeated
  }

  /// Notes the keys of a row that is there whoever has them already: a person has said so.
  func `repeat`(_ hashes: [UInt64]) { repeated?.formUnion(hashes) }

  /// Whether several rows may have a key with names, each in a spelling of its own.
  func mayBeRepeated(_ hash: UInt64) -> Bool { repeated?.contains(hash) ?? true }

  /// The keys under which sources know rows, and the number of a probe of each.
  private var aliased: [(key: IdentityRules.Key, probe: Int)] {
    rules.keys.enumerated().filter { rules.isOfSource($0.element) }.map { number, key in
      (key, rules.probes.firstIndex { $0.key == number } ?? 0)
    }
  }

  /// Calls `body` with the keys of rows, each with its probe, and of aliases.
  /// - Parameters:
  ///   - question: what is asked first, whose answer it returns.
  ///   - once: behind its keys each row names who wrote it, and those whose rows were read before are passed over.
  @discardableResult
  private func read(
    rows: String, aliases: (IdentityRules.Key) -> String, behind question: String? = nil, once: Bool = false,
    _ connection: Connection, _ body: (_ probe: Int?, _ hash: UInt64) -> Void
  ) throws(DatabaseError) -> Rows? {
    let aliased = self.aliased
    let more = once ? 1 : 0
    let copies = [(rows, max(rules.terms.count, 1) + more)] + aliased.map { (aliases($0.key), 1 + more) }
    var now = met
    let answer = try connection.copyOut(copies, behind: question) { number, values in
      if once, let writer = values.last.flatMap({ $0?.loadUnaligned(as: UInt32.self) }) {
        if met[number].contains(writer) { return }
        now[number].insert(writer)
      }
      if number == 0 { return row.visit(values) { body($0, $1) } }
      if let alias = values[0] { row.visit(alias: alias, aliased[number - 1].probe) { body(nil, $1) } }
    }
    met = now
    return answer
  }

  /// Looks from here on at what others write.
  func begin(_ connection: Connection) throws(DatabaseError) {
    if horizon == nil { horizon = try Snapshot(connection) }
  }

  // MARK: - Before a commit

  /// Whether somebody else has brought, or may have brought, a row with one of the batch's keys since they were looked up.
  func meets(_ connection: Connection) throws(DatabaseError) -> Bool {
    let others = try newcomers(connection)
    if others.isEmpty { return false }
    let mine = Set(straight + staged + flying.joined())
    return others.contains { mine.contains($0) }
  }

  /// The same, where the batch has been sent and its other records are not looked up yet.
  /// - Throws: where one that goes straight has such a key.
  func arrivals(_ connection: Connection) throws(DatabaseError) -> Set<UInt64> {
    let found = Set(try newcomers(connection))
    if goesStraight(with: found) { throw DatabaseError(meeting: "somebody has brought one of its rows meanwhile") }
    return found
  }

  /// The keys of rows that somebody else has brought, or may have brought, or by which a source knows a row, since this was
  /// asked last.
  func newcomers(_ connection: Connection) throws(DatabaseError) -> [UInt64] {
    let now = try Snapshot(connection)
    guard let before = horizon else { return [] }
    noteOwn(now.own)
    guard now.holdsNewer(than: before, but: own) else {
      horizon = now
      return []
    }
    let found = try written(since: before, before: nil, connection)
    horizon = now
    return found
  }

  /// The keys of what others have written since a moment.
  /// - Parameter end: what a transaction with this id or a later one has written does not count.
  private func written(
    since before: Snapshot, before end: UInt64?, _ connection: Connection
  ) throws(DatabaseError) -> [UInt64] {
    var found: [UInt64] = []
    let own = self.own.map { Snapshot.short($0) } + parts
    let newerAliases = { [sql] key in sql.newerAliases(key, than: before.oldest, but: own, before: end) }
    let newer = sql.newer(than: before.oldest, but: own, before: end)
    try read(rows: newer, aliases: newerAliases, once: true, connection) { probe, hash in
      found.append(hash)
      // It may be a row's that was there before, too.
      if let probe, rules.isNamed(rules.probes[probe]) { repeated?.insert(hash) }
    }
    news += found
    if let held, found.contains(where: { held.contains($0) }) { isOvertaken = true }
    return found
  }

  /// Takes down, before the commit of a transaction that is the whole job, which of its parts have written: behind it nothing
  /// tells them from others' transactions.
  func noteParts(_ connection: Connection) throws(DatabaseError) {
    guard let horizon else { return }
    parts = try connection.query(sql.parts(since: horizon.oldest)).map { $0.text("part") }
  }

  /// Whether those who had begun to write before `end`, the moment of that commit, and have ended by now, have brought one
  /// of the job's rows.
  func wasOvertaken(before end: Snapshot, _ connection: Connection) throws(DatabaseError) -> Bool {
    guard let horizon else { return false }
    _ = try written(since: horizon, before: end.next, connection)
    return isOvertaken
  }
}

/// What a transaction sees: which others had ended when it looked (PostgreSQL, pg_snapshot).
struct Snapshot {
  private let lowest: UInt64
  /// The id that the next transaction got.
  let next: UInt64
  private let running: [UInt64]
  /// The transaction's own id; nil while it has written nothing.
  let own: UInt64?

  static let sql = "SELECT pg_current_snapshot()::text AS seen, pg_current_xact_id_if_assigned()::text AS own"

  init(_ connection: Connection) throws(DatabaseError) { self.init(try connection.query(Self.sql)[0]) }

  /// - Parameter row: what `sql` has answered.
  init(_ row: Row) {
    let parts = row.text("seen").split(separator: ":", omittingEmptySubsequences: false)
    lowest = UInt64(parts.first ?? "") ?? 0
    next = parts.count > 1 ? UInt64(parts[1]) ?? 0 : 0
    running = parts.count > 2 ? parts[2].split(separator: ",").compactMap { UInt64($0) } : []
    own = row["own"].flatMap { UInt64($0) }
  }

  /// The oldest transaction that had not ended, as rows name it.
  var oldest: String { Snapshot.short(lowest) }

  static func short(_ id: UInt64) -> String { "\(id & 0xFFFF_FFFF)" }

  /// Whether a transaction that is none of `own` may have ended between `earlier` and now.
  func holdsNewer(than earlier: Snapshot, but own: [UInt64]) -> Bool {
    if next < earlier.next || next - earlier.next > 64 { return true }
    return !(earlier.running + Array(earlier.next..<next)).allSatisfy { own.contains($0) }
  }
}

/// Makes the keys of a row, as the rules' probes have them.
struct RowKeys: ~Copyable {
  private let rules: IdentityRules
  private let seed: UInt64
  private var texts = OutputBuffer()
  private var ends: [Int]
  private var key = OutputBuffer()

  init(_ rules: IdentityRules, seed: UInt64) {
    (self.rules, self.seed) = (rules, seed)
    ends = rules.terms.map { _ in 0 }
  }

  /// Calls `body` with each probe that the row answers, and its hash. Values are the row's, one for each term.
  mutating func visit(_ values: [UnsafeRawBufferPointer?], _ body: (Int, UInt64) -> Void) {
    texts.removeAll()
    for term in ends.indices {
      if let value = values[term] { texts.append(value, folding: rules.foldings[term]) }
      ends[term] = texts.count
    }
    for probe in rules.probes.indices where write(probe) { body(probe, keyHash(key.bytes, seed: seed)) }
  }

  private mutating func write(_ probe: Int) -> Bool {
    let (all, ends) = (texts.bytes, self.ends)
    return rules.write(probe: probe, to: &key) { term, key in
      let start = term == 0 ? 0 : ends[term - 1]
      if start == ends[term] { return false }
      key.append(UnsafeRawBufferPointer(rebasing: all[start..<ends[term]]))
      return true
    }
  }

  /// The same for an alias, whose values U+001F keeps apart.
  mutating func visit(alias: UnsafeRawBufferPointer, _ probe: Int, _ body: (Int, UInt64) -> Void) {
    let terms = rules.aliasTerms(rules.keys[rules.probes[probe].key])
    var values = [UnsafeRawBufferPointer?](repeating: nil, count: ends.count)
    var start = 0
    for term in terms {
      let end = alias[start...].firstIndex(of: 0x1F) ?? alias.count
      values[term] = start == end ? nil : UnsafeRawBufferPointer(rebasing: alias[start..<end])
      start = min(end + 1, alias.count)
    }
    visit(values, body)
  }
}
