import ILSIdentity
import ILSRecord

/// Says of the records of a staged batch who they are, by the rules that all stages share.
///
/// The table's candidates are fetched for all records at once, and judged here. A record that may be an earlier one of its
/// batch waits for the next round, when that one has a row.
final class Matcher {
  private let sql: MatchSQL
  private let onDuplicate: OnDuplicate
  private let ring: KeyRing
  private var rules: IdentityRules { sql.terms.rules }
  private var profiles: [Int: Profile] = [:]
  /// By which identifiers each can be told from others.
  private var signatures: [Int: IdentitySignature] = [:]
  /// What people said of records: a row's id, or `new`.
  private var said: [Int: String] = [:]
  var hasDecisions: Bool { !said.isEmpty }
  /// By which probes each may be found in the table, as bits: by the others it is known that there is no row.
  private var sought: [Int: Int] = [:]
  /// Rows are looked for in every spelling, whatever was found.
  private let isThorough: Bool
  /// Those that waited for an earlier one: whatever was known of their keys, it may have brought the row that they are.
  private var waited: Set<Int> = []
  /// Records of which nothing is known yet, in order.
  private var open: [Int] = []
  /// What the rows have that were found, where records update them; and those that a record of the round updates.
  private var rows: [String: Profile] = [:]
  private var touched: Set<String> = []
  /// Rows that a record of the round is: one record a row and round is written.
  private var taken: Set<String> = []
  private var key = OutputBuffer()
  private static let isNew = "new"

  /// - Parameter isThorough: false where nothing is written: of rows that share a name and what goes with it in several
  ///   spellings, one is enough.
  init(_ sql: MatchSQL, _ onDuplicate: OnDuplicate, _ ring: KeyRing, isThorough: Bool = true) {
    (self.sql, self.onDuplicate, self.ring, self.isThorough) = (sql, onDuplicate, ring, isThorough)
  }

  /// Reads the records that are staged and open.
  func begin(_ connection: Connection) throws(DatabaseError) {
    let rows = try connection.query(sql.profiles)
    (profiles, said, open, signatures, sought, waited) = ([:], [:], [], [:], [:], [])
    ring.forgetStaged()
    for row in rows {
      let n = row.integer("n")
      open.append(n)
      sought[n] = row.integer("probes")
      said[n] = row["decision"]
      profiles[n] = profile(row)
      signatures[n] = rules.signature(profiles[n] ?? [])
      for hash in hashes(of: n) { ring.know(hash) }
    }
    // What came in since the records were read, and their keys with it.
    let brought = try ring.arrivals(connection)
    let met = brought.isEmpty ? [] : open.filter { n in hashes(of: n).contains { brought.contains($0) } }
    try lookUp(met, connection)
  }

  /// Records are looked up by all their keys, whatever was known of them.
  private func lookUp(_ records: [Int], _ connection: Connection) throws(DatabaseError) {
    if records.isEmpty { return }
    _ = try connection.query(MatchSQL.lookUp, [Self.list(records)])
    for n in records { sought[n] = NewcomerFilter.all }
  }

  private func profile(_ row: Row) -> Profile {
    rules.terms.indices.map { term in row["p\(term)"].flatMap { rules.fold($0, term) } }
  }

  private func hashes(of n: Int) -> [UInt64] { profiles[n].map { hashes($0) } ?? [] }

  private func hashes(_ profile: Profile) -> [UInt64] {
    rules.probes.indices.compactMap { hash($0, profile) }
  }

  private func hash(_ probe: Int, _ profile: Profile) -> UInt64? {
    rules.write(probe: probe, to: &key, profile) ? ring.hash(key.bytes) : nil
  }

  /// Records by a key that they share: of a contact, apart by their signatures.
  private struct Sharers {
    private var groups: [(signature: IdentitySignature, records: [Int])] = []

    mutating func add(_ n: Int, _ signature: IdentitySignature) {
      if let place = groups.firstIndex(where: { $0.signature == signature }) {
        groups[place].records.append(n)
      } else {
        groups.append((signature, [n]))
      }
    }

    /// Those that no identifier tells from a record: an equal one finds them by its own key.
    func untold(from signature: IdentitySignature) -> [Int] {
      groups.flatMap { $0.signature.isComparable(to: signature) ? [] : $0.records }
    }
  }

  /// Settles the records that need not wait for others of the batch, but for those that are to update rows.
  /// - Parameter guarding: keeps others out of the table; nil where the batch is compared with what they brought later on.
  func round(
    _ connection: Connection, guarding: (() throws(DatabaseError) -> Void)?
  ) throws(DatabaseError) {
    let heads = takeHeads()
    guard !heads.isEmpty else { return }
    let again = heads.filter { waited.remove($0) != nil }
    try lookUp(again, connection)
    rows.removeAll(keepingCapacity: true)
    touched.removeAll(keepingCapacity: true)
    taken.removeAll(keepingCapacity: true)
    var settled: [JSONValue] = []
    var new: [Int] = []
    var candidates = try candidates(heads.filter { said[$0] == nil }, connection)
    if let guarding {
      try guarding()
      let brought = Set(try ring.newcomers(connection))
      let met = heads.filter { n in said[n] == nil && hashes(of: n).contains { brought.contains($0) } }
      for n in met { sought[n] = NewcomerFilter.all }
      candidates.merge(try self.candidates(met, connection)) { $1 }
    }
    let decided = try decided((heads + open).filter { said[$0] != nil && said[$0] != Self.isNew }, connection)
    var waiting = Waiting()
    func note(_ n: Int) { waiting.add(n, decided[n], keys(of: n)) }
    func postpone(_ n: Int) {
      open.append(n)
      waited.insert(n)
      note(n)
    }
    if onDuplicate == .update { open.forEach(note) }
    for n in heads {
      switch said[n] {
      case nil:
        let decision = rules.decide(candidates[n] ?? [])
        let found = (candidates[n] ?? []).map(\.row)
        let row = decision.verdict == .same ? decision.rows.first : nil
        if isOvertaken(n, found) || waiting.holdsUp(n, found, keys(beside: found, of: n)) || !takes(row, n) {
          postpone(n)
        } else if decision.verdict == .another {
          new.append(n)
        } else {
          settled.append(outcome(n, decision))
        }
      case Self.isNew:
        if waiting.holdsUp(n, [], hashes(of: n)) { postpone(n) } else { new.append(n) }
      default:
        let named = decided[n].map { [$0] } ?? []
        if waiting.holdsUp(n, named, keys(beside: named, of: n) + hashes(of: n)) || !takes(decided[n], n) {
          postpone(n)
        } else {
          settled.append(outcome(n, decided[n]))
        }
      }
    }
    open.sort()
    if !settled.isEmpty { _ = try connection.query(sql.settle, [JSONValue.array(settled).text]) }
    guard !new.isEmpty else { return }
    _ = try connection.query(MatchSQL.insert, [Self.list(new)])
    for n in new {
      if said[n] == nil { for hash in hashes(of: n) { ring.stage(hash) } } else { ring.repeat(hashes(of: n)) }
    }
  }

  // MARK: - Rows that change

  /// The row that a record is, if it is one, takes what the record has: those behind it are judged beside the row as it will be.
  /// - Returns: false where an earlier record of the round has the row, and this one must wait for the next round.
  private func takes(_ row: String?, _ n: Int) -> Bool {
    guard onDuplicate == .update, let row, let own = profiles[n] else { return true }
    guard taken.insert(row).inserted else { return false }
    let before = rows[row]
    let after = rules.terms.indices.map { term in
      sql.terms.isOfSource(term) ? before?[term] : own[term] ?? before?[term]
    }
    // What a record empties cannot be told from what it lacks.
    // As bytes: to Swift, texts are equal that are spelt with other characters.
    if after.map({ $0.map { Array($0.utf8) } }) == before?.map({ $0.map { Array($0.utf8) } }),
      rules.clears.allSatisfy({ $0 == nil })
    {
      return true
    }
    touched.insert(row)
    ring.change(hashes(after))
    return true
  }

  /// Whether an earlier record of the round changes a row that the record may be: then it waits for the next round.
  private func isOvertaken(_ n: Int, _ candidates: [String]) -> Bool {
    !touched.isEmpty && (candidates.contains { touched.contains($0) } || hashes(of: n).contains { ring.isChanged($0) })
  }

  /// Records that wait, by what they have in common with rows that they may change, or with records that such a row may be.
  private struct Waiting {
    private var first: [UInt64: Int] = [:]
    /// The same by the rows that people said they are.
    private var named: [String: Int] = [:]

    /// - Parameter row: whom people said that it is.
    mutating func add(_ n: Int, _ row: String?, _ keys: [UInt64]) {
      for key in keys { first[key] = min(first[key] ?? n, n) }
      if let row { named[row] = min(named[row] ?? n, n) }
    }

    /// Whether an earlier one has one of the keys, or is one of the rows.
    func holdsUp(_ n: Int, _ rows: [String], _ keys: @autoclosure () -> [UInt64]) -> Bool {
      if rows.contains(where: { named[$0].map { $0 < n } ?? false }) { return true }
      return !first.isEmpty && keys().contains { first[$0].map { $0 < n } ?? false }
    }
  }

  /// The keys of a record, and of each part of the agreement.
  private func keys(of n: Int) -> [UInt64] { profiles[n].map { hashes($0) + parts($0) } ?? [] }

  /// What an earlier record would have with which this one must not change places.
  private func keys(beside candidates: [String], of n: Int) -> [UInt64] {
    candidates.flatMap { rows[$0].map { hashes($0) } ?? [] } + (profiles[n].map { parts($0) } ?? [])
  }

  /// Hashes of the parts of the agreement that a profile has.
  private func parts(_ profile: Profile) -> [UInt64] {
    rules.agreement.enumerated().compactMap { number, part in
      key.removeAll()
      key.append(0xFF)
      key.append(UInt8(truncatingIfNeeded: number))
      for field in part.fields {
        guard let value = profile[field] else { return nil }
        key.append(value)
        key.append(0xFF)
      }
      return ring.hash(key.bytes)
    }
  }

  /// Judges records anew whose rows somebody has deleted since they were found. - Returns: whether there are any.
  func reopen(_ connection: Connection) throws(DatabaseError) -> Bool {
    let gone = try connection.query(sql.reopen).map { $0.integer("n") }
    open = (open + gone).sorted()
    return !gone.isEmpty
  }

  private static func list(_ numbers: [Int]) -> String { "{\(numbers.map { "\($0)" }.joined(separator: ","))}" }

  // MARK: - Within the batch

  /// Takes the open records that cannot be an earlier open one.
  private func takeHeads() -> [Int] {
    var met: [UInt64: [Int]] = [:]
    var sharers: [UInt64: Sharers] = [:]
    var (heads, waiting): ([Int], [Int]) = ([], [])
    var held: Set<UInt64> = []
    for n in open {
      let signature = signatures[n] ?? .none
      var waits = false
      var own: [UInt64] = []
      for (number, probe) in rules.probes.enumerated() {
        guard let key = profiles[n].flatMap({ hash(number, $0) }) else { continue }
        own.append(key)
        let isContact = rules.isContact(probe)
        if !waits, said[n] == nil {
          let earlier = isContact ? sharers[key]?.untold(from: signature) : met[key]
          waits = earlier?.contains { !areOthers(n, $0) } ?? false
        }
        if isContact { sharers[key, default: Sharers()].add(n, signature) } else { met[key, default: []].append(n) }
      }
      // What a person said needs no look at earlier ones, and does not come before them.
      if said[n] != nil { waits = own.contains { held.contains($0) } }
      if waits {
        waiting.append(n)
        held.formUnion(own)
      } else {
        heads.append(n)
      }
    }
    open = waiting
    waited.formUnion(waiting)
    return heads
  }

  private func areOthers(_ one: Int, _ other: Int) -> Bool {
    guard let one = profiles[one], let other = profiles[other] else { return true }
    return rules.compare(one, other).verdict == .another
  }

  // MARK: - Beside the table

  private typealias Candidates = [Int: [(row: String, comparison: Comparison)]]

  private func candidates(_ heads: [Int], _ connection: Connection) throws(DatabaseError) -> Candidates {
    let heads = heads.filter { sought[$0] != 0 }
    if heads.isEmpty { return [:] }
    var found: Candidates = [:]
    if let exact = sql.candidates { found = judge(try connection.query(exact, [Self.list(heads)])) }
    _ = try connection.query(MatchSQL.scanning)
    try Self.add(sharing(heads, connection), to: &found)
    let rest = heads.filter { mayHaveMore($0, found[$0] ?? []) }
    if let loose = sql.looseCandidates, !rest.isEmpty {
      Self.add(judge(try connection.query(loose, [Self.list(rest)])), to: &found)
      try Self.add(foreigners(rest, connection), to: &found)
    }
    _ = try connection.query(MatchSQL.lookingUp)
    return found
  }

  /// Whether there may be rows with a record's names in another spelling, beside those that were found.
  private func mayHaveMore(_ n: Int, _ found: [(row: String, comparison: Comparison)]) -> Bool {
    if !isThorough, found.contains(where: { $0.comparison.verdict != .another }) { return false }
    return rules.probes.enumerated().contains { number, probe in
      guard rules.isNamed(probe), (sought[n] ?? 0) & IdentityRules.bit(number) != 0,
        let hash = profiles[n].flatMap({ hash(number, $0) })
      else { return false }
      let isFound = found.contains { rules.isFound($0.comparison, by: probe) }
      return !isFound || ring.mayBeRepeated(hash)
    }
  }

  /// Adds rows that were found in another way; each counts once, as it was judged first.
  private static func add(_ more: Candidates, to found: inout Candidates) {
    for (n, rows) in more {
      let known = Set((found[n] ?? []).map(\.row))
      found[n, default: []] += rows.filter { !known.contains($0.row) }
    }
  }

  /// The rows that share a contact with records and that no identifier tells from them, as far as they may be the same.
  private func sharing(_ heads: [Int], _ connection: Connection) throws(DatabaseError) -> Candidates {
    var found: Candidates = [:]
    for (probe, query) in sql.sharedRows {
      var sought: [UInt64: Sharers] = [:]
      for n in heads {
        guard let key = profiles[n].flatMap({ hash(probe, $0) }) else { continue }
        sought[key, default: Sharers()].add(n, signatures[n] ?? .none)
      }
      for row in try connection.query(query, [Self.list(heads)]) {
        let profile = profile(row)
        keep(row.text("id"), profile)
        guard let sharers = hash(probe, profile).flatMap({ sought[$0] }) else { continue }
        var more: Candidates = [:]
        for n in sharers.untold(from: rules.signature(profile)) where (found[n] ?? []).count < Self.mostNamed {
          let comparison = rules.compare(profiles[n] ?? [], profile)
          if comparison.verdict != .another { more[n] = [(row.text("id"), comparison)] }
        }
        Self.add(more, to: &found)
      }
    }
    return found.mapValues { rows in rows.sorted { $0.row < $1.row } }
  }

  /// Rows that are named of those that share a contact.
  private static let mostNamed = 20

  /// The rows that records may be in a spelling that the server does not fold as the judge does: found here, by their keys.
  private func foreigners(_ rest: [Int], _ connection: Connection) throws(DatabaseError) -> Candidates {
    var sought: [UInt64: [Int]] = [:]
    for n in rest { for hash in hashes(of: n) { sought[hash, default: []].append(n) } }
    var pairs: [Int: [String: Profile]] = [:]
    for query in sql.foreignRows {
      for row in try connection.query(query, [Self.list(rest)]) {
        let profile = profile(row)
        keep(row.text("id"), profile)
        for hash in hashes(profile) { for n in sought[hash] ?? [] { pairs[n, default: [:]][row.text("id")] = profile } }
      }
    }
    var found: Candidates = [:]
    for (n, rows) in pairs {
      guard let own = profiles[n] else { continue }
      found[n] = rows.sorted { $0.key < $1.key }.map { id, row in (id, rules.compare(own, row)) }
    }
    return found
  }

  /// Compares records with the rows that were found for them.
  private func judge(_ rows: Rows) -> Candidates {
    var aliases: [Int: [String: Set<Int>]] = [:]
    var values: [Int: [String: Profile]] = [:]
    for row in rows {
      let (n, id) = (row.integer("n"), row.text("id"))
      if let key = row["alias"].flatMap({ Int($0) }) { aliases[n, default: [:]][id, default: []].insert(key) }
      if values[n]?[id] == nil {
        let profile = profile(row)
        values[n, default: [:]][id] = profile
        keep(id, profile)
      }
    }
    var found: Candidates = [:]
    for (n, rows) in values {
      guard let own = profiles[n] else { continue }
      found[n] = rows.sorted { $0.key < $1.key }.map { id, row in
        (id, rules.compare(own, row, aliased: aliases[n]?[id] ?? []))
      }
    }
    return found
  }

  /// Keeps what a row has, where records update rows.
  private func keep(_ row: String, _ profile: Profile) { if onDuplicate == .update { rows[row] = profile } }

  private func decided(_ heads: [Int], _ connection: Connection) throws(DatabaseError) -> [Int: String] {
    if heads.isEmpty { return [:] }
    let rows = try connection.query(sql.decided, [Self.list(heads)])
    var found: [Int: String] = [:]
    for row in rows {
      found[row.integer("n")] = row["id"]
      if let id = row["id"] { keep(id, profile(row)) }
    }
    return found
  }

  // MARK: - What is written down

  private func outcome(_ n: Int, _ decision: Judgement) -> JSONValue {
    let key = decision.key.map { rules.keys[$0].names.joined(separator: "+") }
    switch decision.verdict {
    case .same: return same(n, decision.rows.first ?? "", key, decision)
    case .conflict: return refusal(n, .identityConflict, decision)
    default: return refusal(n, .identityDoubtful, decision)
    }
  }

  private func outcome(_ n: Int, _ row: String?) -> JSONValue {
    guard let row else {
      return write(
        n, [("outcome", "refused"), ("code", RefusalFault.identityUnknown.rawValue), ("field", LoadSchema.decision)])
    }
    return same(n, row, LoadSchema.decision, nil)
  }

  private func same(_ n: Int, _ row: String, _ key: String?, _ decision: Judgement?) -> JSONValue {
    let (outcome, code): (String?, String?) =
      switch onDuplicate {
      case .fail: ("refused", "duplicate")
      case .skip: ("skipped", nil)
      case .update: (nil, nil)
      }
    return write(
      n,
      [
        ("target", row), ("matched", key), ("field", key), ("outcome", outcome), ("code", code), ("candidates", row),
        ("agreed", Self.list(decision?.agreed)), ("differed", Self.list(decision?.differed)),
      ])
  }

  private func refusal(_ n: Int, _ fault: RefusalFault, _ decision: Judgement) -> JSONValue {
    write(
      n,
      [
        ("outcome", "refused"), ("code", fault.rawValue), ("field", decision.differed.first ?? decision.agreed.first),
        ("candidates", decision.rows.joined(separator: "\n")), ("agreed", Self.list(decision.agreed)),
        ("differed", Self.list(decision.differed)),
      ])
  }

  private static func list(_ names: [String]?) -> String? {
    names.flatMap { $0.isEmpty ? nil : $0.joined(separator: "\n") }
  }

  private func write(_ n: Int, _ members: [(String, String?)]) -> JSONValue {
    let texts = members.compactMap { name, value in value.map { (name: name, value: JSONValue.string($0)) } }
    return .object([(name: "n", value: .number("\(n)"))] + texts)
  }
}
