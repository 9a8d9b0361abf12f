import ILSRecord

/// Where a job, or a part of it, stands: what its loaders have settled of the input.
struct Checkpoint {
  /// Input records that are settled, and the last batch.
  var (settled, batch) = (0, 0)
  /// A digest of the records that are settled, where the job has noted one.
  var digest: String?
  /// Why some of them were refused, by their number in the input.
  var errors: [Int: [RecordError]] = [:]
}

extension Job {
  func checkpoint() throws(DatabaseError) -> Checkpoint {
    let answers = try connection.ask([
      Question(
        """
        SELECT settled, batch, (SELECT digest FROM ils.inputs i WHERE i.job_id = $1 AND i.part = $2 AND records = settled)
        FROM (SELECT coalesce(max(last_record), 0) AS settled, coalesce(max(number), 0) AS batch
          FROM ils.batches WHERE job_id = $1 AND part = $2) done
        """, [id.text, part]),
      Question(
        """
        SELECT record, code, field, message, candidates, agreed, differed FROM ils.job_errors WHERE job_id = $1 AND part = $2
        """, [id.text, part]),
    ])
    let stand = answers[0][0]
    var checkpoint = Checkpoint(
      settled: stand.integer("settled"), batch: stand.integer("batch"), digest: stand["digest"])
    for row in answers[1] {
      checkpoint.errors[row.integer("record"), default: []].append(
        RecordError(
          code: row.text("code"), field: row["field"], message: row.text("message"), candidates: row.candidates))
    }
    return checkpoint
  }
}
