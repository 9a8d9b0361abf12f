import ILSRecord

/// The columns that a job's before-images hold, as the table has them by now.
struct ImageColumns {
  /// Quoted, with their types.
  let found: [(number: Int, name: String, type: String)]
  /// The names, when the job ran, of those that are not there any more.
  let lost: [String]
  let turns: Int
  let idType: String

  init(_ target: JobTarget, _ job: JobID, _ connection: Connection) throws(DatabaseError) {
    let held = try connection.query(
      """
      SELECT DISTINCT key FROM ils.before_images i, jsonb_object_keys(i.before) key WHERE i.job_id = $1
      """, [job.text])
    turns = try connection.query(
      "SELECT coalesce(max(turn) + 1, 0) AS turns FROM ils.before_images WHERE job_id = $1", [job.text]
    )[0].integer("turns")
    let catalogue = try connection.query(
      """
      SELECT attnum::text AS number, attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
      """, [target.oid])
    var found: [(number: Int, name: String, type: String)] = []
    var lost: [String] = []
    for row in held {
      let number = row.text("key")
      let name = target.columns[number]?.string
      // In a table that was made anew, a column is known by its name alone.
      let column = catalogue.first { target.isSame ? $0["number"] == number : $0["name"] == name }
      if let column, let value = Int(number) {
        found.append((value, column.text("name").quotedIdentifier, column.text("type")))
      } else {
        lost.append(name ?? "number \(number)")
      }
    }
    (self.found, self.lost) = (found, lost.sorted())
    idType = catalogue.first { $0["name"] == target.id }?["type"] ?? "text"
  }
}
