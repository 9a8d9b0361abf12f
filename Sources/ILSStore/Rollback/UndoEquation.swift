import ILSRecord

/// What became of all that a job did: inserted = deleted + kept + gone, and updated = restored + kept + gone.
struct UndoEquation {
  struct Side {
    var rows = 0
    /// Undone by this rollback and by earlier ones of the job.
    var undone = 0
    var kept = 0
    var gone = 0

    var closes: Bool { gone >= 0 && rows == undone + kept + gone }
  }

  var inserted = Side()
  /// Rows that others had made, however often the job updated them.
  var updated = Side()

  init() {}

  init(of job: JobID, _ connection: Connection) throws(DatabaseError) {
    let sums = try connection.query(
      """
      SELECT j.inserted, coalesce(sum(r.deleted), 0) AS deleted, j.images, coalesce(sum(r.restored), 0) AS restored
      FROM ils.jobs j LEFT JOIN ils.jobs r ON r.undoes = j.id WHERE j.id = $1 GROUP BY j.id
      """, [job.text])[0]
    (inserted.rows, inserted.undone) = (sums.integer("inserted"), sums.integer("deleted"))
    (updated.rows, updated.undone) = (sums.integer("images"), sums.integer("restored"))
  }

  /// Not all is undone, or more than there was.
  var mayBeLeft: Bool { inserted.rows != inserted.undone || updated.rows != updated.undone }

  var gone: Int { inserted.gone + updated.gone }

  var closes: Bool { inserted.closes && updated.closes }

  mutating func count(_ reason: String, isInserted: Bool) {
    if isInserted {
      inserted.kept += 1
    } else if reason == "gone" {
      updated.gone += 1
    } else {
      updated.kept += 1
    }
  }

  var json: JSONValue {
    func side(_ side: Side, _ undone: String, _ rows: String) -> JSONValue {
      .object(
        [(rows, side.rows), (undone, side.undone), ("kept", side.kept), ("gone", side.gone)].map {
          ($0.0, .number("\($0.1)"))
        })
    }
    return .object([
      ("inserted", side(inserted, "deleted", "rows")), ("updated", side(updated, "restored", "rows")),
    ])
  }

  /// Why the job cannot be said to be rolled back; nil where it can.
  func verdict(_ job: JobID) -> StopError? {
    if closes { return nil }
    return StopError(
      .dataError, UndoFault.rollbackUnbalanced,
      "job \(job) does not close: inserted \(inserted.rows), deleted \(inserted.undone), kept \(inserted.kept); "
        + "updated \(updated.rows), restored \(updated.undone), kept \(updated.kept), gone \(updated.gone): "
        + "somebody has changed what the toolkit notes, or marked other rows as the job's; it is not rolled back")
  }
}
