import ILSRecord
import Testing

@testable import ILSFormats

/// Tables of which nothing but words is known: whether they have names, and where they end.
@Suite struct TableDoubtTests {
  private func read(_ text: String) -> Decoded { decode(Array(text.utf8), CSVDecoder()) }
  private func tells(_ text: String, _ code: String) -> Bool { read(text).told.contains { $0.hasPrefix(code) } }

  @Test func aFirstRowWhoseWordsComeAgainIsARecord() {
    let found = read("Vogt,Iris,Ulm\nKern,Max,Bonn\nLang,Iris,Bath\nFalk,Ute,Ulm\n")
    #expect(found.lines.first == #"{"_row":1,"column_1":"Vogt","column_2":"Iris","column_3":"Ulm"}"#)
    #expect(found.emitted == 4 && found.told.contains { $0.hasPrefix("table.header_data") })
    #expect(!found.told.contains { $0.contains("Vogt") || $0.contains("Iris") })
  }

  @Test(arguments: [
    "Vogt,Iris\nKern,Max\nLang,Eva\nFalk,Ute\n", "Vogt\nKern\nLang\n", "red lids\ndry lids\nsore lids\n",
    "Vogt,Iris\nVogt,Max\n",
  ]) func wordsAboveWordsLikeThemAreDoubted(text: String) {
    let found = read(text)
    #expect(found.told.contains { $0.hasPrefix("table.header_data") && !$0.contains("Vogt") })
    #expect(found.lines.first?.hasPrefix(#"{"_row":2,"#) == true)
  }

  @Test(arguments: [
    "Last,Town\nVogt,Ulm\nKern,Bonn\nLang,Ulm\n", "apellido,prueba\nVogt,Ulm\nKern,Bonn\nLang,Ulm\n",
    "alpha_one,beta_two\nvogt,ulm\nkern,bonn\nlang,ulm\n", "Wert,Feld\n1,x\n2,y\n3,z\n",
    // Files that were joined have the names twice.
    "Foo,BAR_BAZ\nVogt,Ulm\nFoo,BAR_BAZ\nKern,Bonn\n",
    "Befund\nthe left eye is dry and red since Monday\nnone to tell of so far\n",
  ]) func whatIsWrittenOtherwiseIsNames(text: String) {
    let found = read(text)
    #expect(!found.told.contains { $0.hasPrefix("table.header_data") }, "\(found.told)")
    #expect(found.lines.first?.hasPrefix(#"{"_row":2,"#) == true)
  }

  // MARK: - Rows that go on with the row above

  @Test(arguments: [
    "id,name,note,town\n1,Vogt,first,Ulm\n,,second,\n2,Kern,ok,Bonn\n",
    "id;name;seen;sph\n1;Vogt;2020;1\n\"\";\"\";2021;2\n2;Kern;2020;1\n",
    "chart no,seen,sph\n1,2020,1\n,2021,2\n2,2020,1\n", "id,name,seen,sph\n1,Vogt,2020,1\n,,Söll,2\n2,Kern,2020,1\n",
  ]) func rowsThatBeginWithEmptyCellsAreTold(text: String) {
    #expect(tells(text, "table.blank_start"))
    // However the bytes are split, and among many rows.
    for step in [1, 7, 64] {
      #expect(decode(Array(text.utf8), step: step, CSVDecoder()) == decode(Array(text.utf8), CSVDecoder()))
    }
    let rows = text.split(separator: "\n").map { String($0) + "\n" }
    let many = rows[0] + String(repeating: rows[1], count: 300) + rows[2] + String(repeating: rows[3], count: 300)
    let told = read(many).told.filter { $0.hasPrefix("table.blank_start") }
    #expect(told.count == 1 && told.first?.contains("1 row (302) of 601") == true, "\(told)")
  }

  @Test(arguments: [
    "flag,id,name\n,1,Vogt\nx,2,Kern\n", "title,middle,last,town\n,,Vogt,Ulm\nDr,,Kern,Bonn\n,M,Lang,Bath\n",
    "id,name,town\n1,Vogt,Ulm\n2,,Bonn\n", "id,name,sum\n1,Vogt,3\n,,Total,\n", "id,name,x,y\n,,1,2\n,,3,4\n",
  ]) func otherRowsAreWholeThemselves(text: String) { #expect(!tells(text, "table.blank_start")) }

  // MARK: - What a spreadsheet has done

  @Test(arguments: [
    ("insurance no", ["1.23457E+11", "1.2E+12"], "csv.rounded"),
    ("birth date", ["29221", "29618", "30014"], "csv.date_serial"),
    ("last visit", ["45292.5", "45293,25"], "csv.date_serial"),
    ("zip", ["2134", "02135", "90210"], "csv.leading_zeros"),
    ("va right", ["6-Jun", "6/18"], "csv.month_day"), ("room", ["Mar-01", "x"], "csv.month_day"),
    ("patientId", ["17.0", "18.0"], "csv.point_zero"), ("Chart No", ["17.0", "18.0"], "csv.point_zero"),
    ("chart", ["00012", "00013", "14"], "csv.leading_zeros"), ("PLZ", ["1067", "53111"], "csv.leading_zeros"),
  ]) func whatASpreadsheetHasSpoiledIsTold(name: String, values: [String], code: String) {
    let rows = values.enumerated().map { "\($0.offset);Vogt;\($0.element)\n" }.joined()
    let found = read("id;name;\(name)\n" + rows)
    #expect(
      found.told.filter { $0.hasPrefix("csv.") && !$0.hasPrefix("csv.dialect") }.map { $0.prefix { $0 != " " } } == [
        code[...]
      ])
    // Where the program that exports has written them, nothing is wrong.
    let title = read("Patients of Ulm\n\nid;name;\(name)\n" + rows)
    #expect(title.told.contains { $0.hasPrefix(code) })
  }

  @Test(arguments: [
    ("zip", ["02134", "02135"]), ("zip", ["80331", "53111"]), ("visits", ["2134", "90210"]),
    ("candidate", ["29221", "29618"]), ("birth date", ["1980", "29618"]), ("code", ["1E+5x", "2E5", "E+12"]),
    ("zip", ["1010", "8001"]),
    ("nr", ["007", "12345"]), ("visit date", ["6-Jun", "7-Jun"]), ("code", ["6-Jux", "6-June"]),
    ("sph", ["1.0", "2.0"]), ("Chart No", ["17.0", "18.5"]), ("order", ["17.0", "x"]),
  ]) func whatItHasNotIsNotTold(name: String, values: [String]) {
    let rows = values.enumerated().map { "\($0.offset);Vogt;\($0.element)\n" }.joined()
    let told = read("id;name;\(name)\n" + rows).told
    #expect(!told.contains { $0.hasPrefix("csv.") && !$0.hasPrefix("csv.dialect") }, "\(told)")
  }

  @Test func twoWordsOfOnePersonMayComeAgainTogether() {
    #expect(read("Vogt,Iris,Ulm\nKern,Max,Bonn\nLang,Iris,Ulm\nFalk,Ute,Bath\n").emitted == 4)
  }

  @Test func halfOfTheWordsMakeNamesBehindAnEmptyLine() {
    #expect(tells("id,name\n1,Vogt\n\nitem,price\nlens,9\n", "csv.second_table"))
    #expect(!tells("id,name\n1,Vogt\n\nKern,Lang\nx,9\n", "csv.second_table"))
  }

  @Test(arguments: [
    ",kg,cm\n", "int,text,date\n", "Record ID,First Name,Birth Date\n",
  ]) func aSecondRowOfNamesIsTold(second: String) {
    let rows = "1,70,1980-01-02\n2,80,1981-02-03\n3,90,1982-03-04\n"
    let found = read("rec,weight,born\n" + second + rows)
    #expect(found.emitted == 4 && found.told.contains { $0.hasPrefix("table.second_names the row below") })
    #expect(tells("Clinic,North,2024\nid,name,dob\n" + rows, "table.second_names"))
    #expect(!tells("rec,weight,born\n" + rows, "table.second_names"))
    #expect(!tells("rec,weight,born\n4,n/a,1980-01-02\n" + rows, "table.second_names"))
  }

  @Test func namesOfAnotherTableRightBelowAreTold() {
    #expect(tells("id,name\n1,Vogt\n2,Kern\norder,test\n8,x\n", "table.second_names"))
    // Those are told as the same names, and so is what stands behind an empty line.
    #expect(!tells("id,name\n1,Vogt\n2,Kern\nid,name\n8,x\n", "table.second_names"))
    #expect(!tells("id,name\n1,Vogt\n2,Kern\nKern,Lang\n8,x\n", "table.second_names"))
  }

  @Test(arguments: [
    "id,1,2,3\nname,Vogt,Kern,Lang\nborn,1980-01-02,1981-02-03,1982-03-04\n", "Name,Vogt\nBirthday,1980-01-02\nSex,F\n",
  ]) func aTableOnItsSideIsTold(text: String) {
    #expect(tells(text, "table.on_its_side"))
    #expect(!tells("Test,Result\nWeight,70\nHeight,180\n", "table.on_its_side"))
    #expect(!tells("id,name\n1,Vogt\n2,Kern\n", "table.on_its_side"))
  }

  @Test(arguments: [0, 300]) func rowsOfOneCellAreTold(more: Int) {
    let rows = (0..<more).map { "\($0),Vogt,1980-01-02\n" }.joined()
    let text = Array(
      ("id,name,born\n1,Vogt,1980-01-02\n" + rows + "Page 1,,\n2,Kern,1981-02-03\n" + rows + "Page 2,,").utf8)
    for step in [nil, 1, 7, 300] {
      let found = decode(text, step: step, CSVDecoder())
      #expect(
        found.told.contains {
          $0.hasPrefix("csv.lone_cell 2 rows hold nothing but one cell (rows \(3 + more), \(5 + 2 * more))")
        },
        "\(found.told)")
    }
    #expect(!tells("id,name,born\n1,,\n2,,\n3,Vogt,1\n", "csv.lone_cell"))
    #expect(!tells("id,name,born\n1,Vogt,\n2,Kern,1\n,,\n", "csv.lone_cell"))
  }

  @Test(arguments: [
    "id,name,,id,name\n1,Vogt,,9,Kern\n2,Lang,,8,Falk\n",
    "id,name,,item,price\n1,Vogt,,lens,9\n2,Lang,,frame,8\n3,Falk,,,\n4,Kern,,,\n",
  ]) func tablesBesideEachOtherAreTold(text: String) { #expect(tells(text, "table.side_by_side")) }

  @Test(arguments: [
    "id,name,,item,price\n1,Vogt,,lens,9\n2,Lang,,frame,8\n", "id,name,,note\n1,Vogt,,x\n2,Lang,,\n3,Falk,,\n",
    "id,name,item,price\n1,Vogt,lens,9\n2,Lang,,\n",
  ]) func anEmptyColumnAloneMakesNoSecondTable(text: String) { #expect(!tells(text, "table.side_by_side")) }
}
