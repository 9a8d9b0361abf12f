extension Migrations {
  /// Aliases and inputs are noted by their job's own session too, as its images are. They are taken back by functions alone.
  static let owners = [("aliases", "INSERT"), ("inputs", "INSERT"), ("inputs", "UPDATE")].map { table, event in
    """
    CREATE TRIGGER own_job_\(event.lowercased()) AFTER \(event) ON ils.\(table) REFERENCING NEW TABLE AS made
      FOR EACH STATEMENT EXECUTE FUNCTION ils.refuse_foreign();
    """
  }.joined(separator: "\n")
}
