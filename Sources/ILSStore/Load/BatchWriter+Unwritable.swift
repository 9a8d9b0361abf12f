import ILSRecord

extension BatchWriter {
  /// The field whose text the database's encoding does not have, where that is why the record's statement failed.
  func unwritableField(of index: Int, _ error: DatabaseError) -> String? {
    guard error.isUnwritable else { return nil }
    // An error would end a transaction that is the whole job.
    let (before, after) = session.isHeldOpen ? ("SAVEPOINT text", "ROLLBACK TO SAVEPOINT text") : ("", "")
    return batch.field(of: index, layout) { text in
      if !before.isEmpty { connection.runAhead(before) }
      do throws(DatabaseError) {
        _ = try connection.query("SELECT $1::text", [text])
      } catch {
        if !after.isEmpty { try? connection.run(after) }
        return error.isUnwritable
      }
      return false
    }
  }
}

extension DatabaseError {
  /// A text has a character that the database's encoding has not.
  fileprivate var isUnwritable: Bool { state == "22P05" || state == "22021" }
}

extension Batch {
  /// The first field of a record whose text passes a test.
  fileprivate func field(of index: Int, _ layout: Layout, where passes: (String) -> Bool) -> String? {
    var scanner = RecordScanner()
    guard let record = try? scanner.scan(padded(index), number: 1) else { return nil }
    for (place, number) in layout.places(in: record.shape).enumerated() where number >= 0 {
      if let text = try? record[number].string(), passes(text) { return layout.names[place] }
    }
    return nil
  }
}
