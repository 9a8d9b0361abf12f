/// What `ils-migrate --help` prints.
public enum MigrationHelp {
  public static let text = """
    USAGE: ils-migrate <type> <file> [<option> ...]
    USAGE: ils-migrate plan [--delta <applied>] <type> <file> [<option> ...] --output <plan>
    USAGE: ils-migrate apply <plan> [--approved <sha256>] [--database <url>] [--keep <folder>] [--json]
    USAGE: ils-migrate rejects <folder> [--stage <stage>] --output <table>
    USAGE: ils-migrate mended <folder> <table> [--database <url>] [--keep <folder>]

    Parses the file, maps and validates its records and loads them as TYPE (patients, orders, or a schema's name) into the
    database that DATABASE_URL or --database names. Unless --continue-on-error is given, one bad record means that nothing
    at all is loaded.

    What becomes of the records:
      --validate-only        say what would be refused; no database is needed
      --dry-run              load, say what would happen, and roll back
      --continue-on-error    load the good records, set the bad ones aside
      --skip-duplicates      leave records alone that are in the table already (otherwise they are errors)
      --update-existing      update them
      --expect-rows N        fewer rows in the file are an error (default: none are a warning)
    What is loaded:
      --mappings FILE        how the file's columns become fields (ils-mapping(5)), or the name of a preset
      --source NAME          import source of the records (default: csv_migration_ and the time)
      --database URL         where to load (default: DATABASE_URL)
      --init                 make the toolkit's own tables (schema ils) where there are none
    The run:
      --keep FOLDER          where rejects, logs, manifest and job record go (default: migration-TYPE-TIME)
      --resume FOLDER        go on with a migration that was cut off
      --print                print the pipe that would be run, and stop
      --json                 print the job record instead of the summary
      --help, --version      print this, or the version
    \(passed)

    A value (V) may stand behind a space or an equals sign. Exit status: 0 all well; 1 some records were refused;
    64 and above as sysexits(3) names them. After a load, ils-rollback JOB undoes it.

    Examples:
      ils-migrate patients patients.csv --mappings clinic-patients.json --validate-only
      ils-migrate patients patients.csv --mappings clinic-patients.json --skip-duplicates --continue-on-error
      ils-migrate orders orders.xlsx --sheet Orders --as-displayed --dry-run

    SUBCOMMANDS:
      plan                   rehearse the load, and write what it comes to
      rejects                write what a run refused to a table (.xlsx or .csv) that people mend
      mended                 load what came back of such a table
      apply                  do what an approved plan says, or stop where a file, the table or the outcome has changed

    """

  /// The options that go to stages, by stage.
  private static var passed: String {
    let groups: [(title: String, options: [StageOption])] =
      StageName.allCases.map { stage in
        ("Passed to \(stage.tool), whose page explains them:", StageOption.all.filter { $0.stages == [stage] })
      } + [("Passed to several of them:", StageOption.all.filter { $0.stages.count > 1 })]
    return groups.map { "\($0.title)\n\(wrapped($0.options))" }.joined(separator: "\n")
  }

  private static func wrapped(_ options: [StageOption]) -> String {
    var lines = [" "]
    for option in options {
      let word = " " + option.name + (option.takesValue ? " V" : "")
      if lines[lines.count - 1].count + word.count > 100 { lines.append(" ") }
      lines[lines.count - 1] += word
    }
    return lines.joined(separator: "\n")
  }
}
