/// What is no table, whatever it is called, and what its user does about it.
struct ForeignFormat {
  /// As in `this is ..., not a table`.
  let name: String
  let advice: String

  private init(_ name: String, _ advice: String) {
    self.name = name
    self.advice = advice
  }

  /// nil where `sample`, the first bytes of a file, starts none that is known.
  init?(_ sample: UnsafeRawBufferPointer) {
    let found = Self.byMark(sample) ?? Self.byStructure(sample) ?? Self.byWords(sample)
    guard let found else { return nil }
    self = found
  }

  /// The command that makes a CSV of a file which a function of pandas reads.
  private static func pandas(_ function: String, needs packages: String = "pandas") -> String {
    "python3 -c \"import pandas; pandas.\(function)('FILE').to_csv('FILE.csv', index=False)\" writes it as CSV (PyPI: \(packages))"
  }

  /// The same of pyreadstat, which reads letters as letters where pandas has bytes.
  private static func pyreadstat(_ function: String) -> String {
    "python3 -c \"import pyreadstat; pyreadstat.\(function)('FILE')[0].to_csv('FILE.csv', index=False)\" writes it as CSV (PyPI: pyreadstat)"
  }

  private static let export = "export it as CSV or .xlsx from the program that made it"
  private static let unpack = "unpack it first"

  /// First bytes that the makers of a format have set.
  private static let marks: [(bytes: [UInt8], at: Int, format: ForeignFormat)] = [
    (text("%PDF-"), 0, .init("a PDF document", export)),
    (text("%!PS"), 0, .init("a PostScript document", export)),
    (text("{\\rtf"), 0, .init("a document in rich text (RTF)", export)),
    ([0x89, 0x50, 0x4E, 0x47], 0, image), ([0xFF, 0xD8, 0xFF], 0, image), (text("GIF8"), 0, image),
    ([0x49, 0x49, 0x2A, 0], 0, image), ([0x4D, 0x4D, 0, 0x2A], 0, image), (text("WEBP"), 8, image),
    (text("DICM"), 128, .init("a DICOM image", export)),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, .init("a 7z archive", unpack)),
    (text("Rar!\u{1A}\u{7}"), 0, .init("a RAR archive", unpack)),
    (text("BZh") + [], 0, .init("a file packed with bzip2", "unpack it first (bunzip2)")),
    ([0x04, 0x22, 0x4D, 0x18], 0, .init("a file packed with lz4", "unpack it first (unlz4)")),
    ([0x1F, 0x9D], 0, .init("a file packed with compress", "unpack it first (uncompress)")),
    (text("ustar"), 257, .init("a tar archive", "unpack it first (tar -x)")),
    (text("PAR1"), 0, .init("a Parquet file", pandas("read_parquet", needs: "pandas and pyarrow"))),
    (text("Obj\u{1}"), 0, .init("an Avro file", "write it as JSON lines or CSV, as avro-tools does")),
    (text("ORC"), 0, .init("an ORC file", "write it as CSV, as pandas does")),
    (text("ARROW1"), 0, .init("an Arrow file", "write it as CSV, as pandas does")),
    (
      text("SQLite format 3"), 0,
      .init("an SQLite database", "export its tables (sqlite3 -csv -header FILE 'SELECT ...')")
    ),
    (text("Standard Jet DB"), 4, access), (text("Standard ACE DB"), 4, access),
    (text("PGDMP"), 0, .init("a PostgreSQL dump", "restore it, and export its tables (\\copy ... CSV HEADER)")),
    (text("$FL2"), 0, spss), (text("$FL3"), 0, spss), (text("<stata_dta>"), 0, stata),
    ([0x89, 0x48, 0x44, 0x46], 0, .init("an HDF5 file", export)),
    (text("HBAM7"), 15, .init("a FileMaker database", "export its records as .xlsx or CSV from FileMaker")),
    ([0xC2, 0xEA, 0x81, 0x60], 12, .init("a SAS table", pyreadstat("read_sas7bdat"))),
    (text("BEGIN:VCARD"), 0, .init("contacts (vCard)", export)),
    (text("BEGIN:VCALENDAR"), 0, .init("a calendar (iCalendar)", export)),
    (text("-----BEGIN "), 0, .init("an encrypted or signed text (PEM)", "decrypt it first")),
    (
      text("version https://git-lfs"), 0,
      .init("a Git LFS pointer, not the file itself", "fetch the file (git lfs pull)")
    ),
    (text("HEADER RECORD*******"), 0, .init("a SAS transport file", pyreadstat("read_xport"))),
    ([0x93] + text("NUMPY"), 0, .init("an array of NumPy", "write it as CSV (numpy.savetxt)")),
    (
      text("H|\\^&|"), 0,
      .init("messages of ASTM (E1394)", "have an interface engine write their records as CSV or JSON")
    ),
    (text("0 HEAD\n"), 0, .init("a family tree (GEDCOM)", export)),
    (text("!Type:"), 0, .init("a Quicken file", export)),
    (text("#!/"), 0, .init("a script", export)),
    (text("begin 644 "), 0, .init("an encoded file (uuencode)", "decode it first (uudecode)")),
    (text("Traceback (most recent call last)"), 0, .init("the error of a program", "look at why its export failed")),
    (text("ISA*"), 0, x12), (text("ISA|"), 0, x12), (text("ISA^"), 0, x12), (text("ISA~"), 0, x12),
    (text("UNA:"), 0, edifact), (text("UNB+"), 0, edifact),
    (text("MSH|^"), 0, hl7), ([0x0B] + text("MSH|^"), 0, hl7), (text("FHS|^"), 0, hl7), (text("BHS|^"), 0, hl7),
  ]

  private static let image = ForeignFormat("an image", "export the table itself: nothing here reads text in pictures")
  private static let access = ForeignFormat(
    "an Access database",
    "mdb-tables -1 FILE lists its tables, mdb-export FILE TABLE > TABLE.csv writes one (Debian: mdbtools)")
  private static let spss = ForeignFormat("an SPSS file", pandas("read_spss", needs: "pandas and pyreadstat"))
  private static let stata = ForeignFormat("a Stata file", pandas("read_stata"))
  private static let x12 = ForeignFormat(
    "an X12 interchange", "have its sender export a table, or a translator of X12 write one")
  private static let edifact = ForeignFormat(
    "an EDIFACT interchange", "have its sender export a table, or a translator of EDIFACT write one")
  private static let hl7 = ForeignFormat(
    "HL7 version 2 messages", "have an interface engine write their segments as CSV or JSON")

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func byMark(_ sample: UnsafeRawBufferPointer) -> ForeignFormat? {
    marks.first { mark in
      sample.count >= mark.at + mark.bytes.count && sample.dropFirst(mark.at).starts(with: mark.bytes)
        && !(mark.bytes == text("BZh") && !sample.dropFirst(4).starts(with: [0x31, 0x41, 0x59, 0x26]))
    }?.format
  }

  private static func byStructure(_ sample: UnsafeRawBufferPointer) -> ForeignFormat? {
    if isDBase(sample) {
      return ForeignFormat(
        "a table of dBase II (.dbf)", "open it with LibreOffice or Excel and save it as .xlsx or CSV")
    }
    if isStata(sample) { return stata }
    if isEBCDIC(sample) {
      return ForeignFormat(
        "text in EBCDIC, as mainframes write it",
        "convert it first (iconv -f IBM1047 -t UTF-8; fixed columns need delimiters too)")
    }
    let head = sample.prefix(4096)
    let controls = head.count { $0 < 0x07 || ($0 > 0x0D && $0 < 0x1B) }
    guard head.count >= 16, controls * 10 > head.count else { return nil }
    return ForeignFormat("binary data of a kind that is not known", export)
  }

  /// dBase II, whose header is another than that of the versions that are read: a version, records, a day.
  private static func isDBase(_ sample: UnsafeRawBufferPointer) -> Bool {
    sample.count >= 32 && sample[0] == 2 && (1...12).contains(sample[3]) && (1...31).contains(sample[4])
      && (0x41...0x5A).contains(sample[8])
  }

  /// Stata 4 to 12: a release, an order of bytes, 1, 0.
  private static func isStata(_ sample: UnsafeRawBufferPointer) -> Bool {
    sample.count >= 109 && (105...115).contains(sample[0]) && (1...2).contains(sample[1]) && sample[2] == 1
      && sample[3] == 0
  }

  /// Spaces are 0x40, letters and digits stand from 0x81 on, and neither spaces nor line ends are those of ASCII.
  private static func isEBCDIC(_ sample: UnsafeRawBufferPointer) -> Bool {
    let head = sample.prefix(4096)
    guard head.count >= 40 else { return false }
    let letters = head.count { (0xC1...0xE9).contains($0) || (0x81...0xA9).contains($0) || (0xF0...0xF9).contains($0) }
    let blanks = head.count { $0 == 0x40 || $0 == 0x6B || $0 == 0x15 || $0 == 0x25 }
    let ascii = head.count { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x2C }
    return (letters + blanks) * 10 > head.count * 8 && blanks * 20 > head.count && ascii * 100 < head.count
  }

  private static func byWords(_ sample: UnsafeRawBufferPointer) -> ForeignFormat? {
    let start = sample.prefix(4096).drop { $0 <= 0x20 || $0 >= 0x80 }
      .map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    func starts(_ words: String...) -> Bool { words.contains { start.starts(with: $0.utf8) } }
    if starts("<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<div", "<script", "<!--", "<style") {
      return ForeignFormat(
        "a web page", "a login page or a report is often saved as an export: export again, or save its table as .xlsx")
    }
    if starts("<?xml", "<!doctype") { return ForeignFormat("XML", export) }
    if starts(
      "-- mysql dump", "-- mariadb dump", "-- postgresql database", "--\n-- postgresql database",
      "--\r\n-- postgresql database", "-- phpmyadmin", "insert into ", "create table ", "create database ",
      "drop table ",
      "begin transaction;", "pragma foreign_keys", "/*!40", "/*m!", "/****** object", "use [", "set identity_insert",
      "set sql_mode", "set define off", "rem inserting")
    {
      return ForeignFormat("an SQL dump", "load it into a database, and export its tables as CSV")
    }
    return nil
  }
}
