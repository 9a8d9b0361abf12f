import ILSRecord

/// The keys of records that the loaders of a shared job have taken into the table, as hashes.
///
/// Loaders send new rows into the table side by side. Before one commits, it has the job's lock, reads what the others have
/// committed since it looked last, and tells them its own keys: so none commits a row that it should have looked up.
final class KeyClaims {
  /// The keys of the batch that is being gathered.
  private var own: [UInt64] = []
  /// Keys of others that the filter does not know yet.
  private var foreign: [UInt64] = []
  private var lastSeen = 0
  private let job: Job

  /// Hashes below it are numbers of keys with a date that cannot be told, which may be any.
  private static let wildLimit: UInt64 = 64

  init(_ job: Job) { self.job = job }

  /// The same for all loaders of a job.
  var seed: UInt64 { job.id.bytes.withUnsafeBytes { keyHash($0, seed: 4966) } }

  func add(_ hash: UInt64) { own.append(hash) }

  /// The batch is in the table.
  func settle() { own.removeAll(keepingCapacity: true) }

  func takeForeign() -> [UInt64] {
    defer { foreign.removeAll(keepingCapacity: true) }
    return foreign
  }

  /// Tells others the batch's keys and reads theirs. The job's lock must be held.
  /// - Returns: whether another loader has, or may have, one of the batch's keys.
  func exchange() throws(DatabaseError) -> Bool {
    let rows = try job.connection.query(
      "SELECT seq, encode(keys, 'hex') AS keys FROM ils.claims WHERE job_id = $1 AND seq > $2 AND part <> $3 ORDER BY seq",
      [job.id.text, "\(lastSeen)", job.part])
    var meets = false
    if !rows.isEmpty {
      let mine = Set(own)
      for row in rows {
        for hash in Self.parse(row.text("keys")) {
          foreign.append(hash)
          meets = meets || mine.contains(hash) || hash < Self.wildLimit
        }
        lastSeen = row.integer("seq")
      }
    }
    if !own.isEmpty {
      _ = try job.connection.query(
        "INSERT INTO ils.claims (job_id, part, keys) VALUES ($1, $2, decode($3, 'hex'))",
        [job.id.text, job.part, Self.text(own)])
    }
    return meets
  }

  private static func parse(_ text: String) -> [UInt64] {
    var hashes: [UInt64] = []
    hashes.reserveCapacity(text.utf8.count / 16)
    var hash: UInt64 = 0
    var digits = 0
    for digit in text.utf8 {
      hash = hash << 4 | UInt64(digit < 0x3A ? digit - 0x30 : digit - 0x57)
      digits += 1
      if digits == 16 {
        hashes.append(hash)
        (hash, digits) = (0, 0)
      }
    }
    return hashes
  }

  private static func text(_ hashes: [UInt64]) -> String {
    String(unsafeUninitializedCapacity: hashes.count * 16) { text in
      var at = 0
      for hash in hashes {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
          let digit = UInt8(truncatingIfNeeded: hash >> shift) & 0x0F
          text[at] = digit < 10 ? digit + 0x30 : digit + 0x57
          at += 1
        }
      }
      return at
    }
  }
}

extension DatabaseError {
  /// Two loaders met, as the server would say it (serialization_failure).
  init(meeting text: String) {
    self.init(state: "40001", table: nil, column: nil, constraint: nil, text: text, isDisconnected: false)
  }
}
