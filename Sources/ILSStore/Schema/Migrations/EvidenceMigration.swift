extension Migrations {
  /// What a refusal of an identity names: rows and fields, one a line, so that a loader that goes on can say it again.
  static let evidence = """
    ALTER TABLE ils.job_errors ADD COLUMN candidates text, ADD COLUMN agreed text, ADD COLUMN differed text;
    """
}
