import Glibc
import ILSRecord
import Testing

@testable import ILSFormats

/// What a delimited text is taken for: delimiter, row of names, quotes; or why it is not.
@Suite struct CSVDecisionTests {
  struct Read {
    var lines: [String] = []
    var rejects = ""
    var told: [Diagnostic] = []
    var stop: StopError?
    var passedOver = 0
    var codes: [String] { told.map(\.code) }
  }

  private func read(_ text: String, _ file: String? = nil, _ change: (inout CSVOptions) -> Void = { _ in }) -> Read {
    var options = CSVOptions()
    change(&options)
    var emitter = Emitter(stage: "test")
    var decoder = CSVDecoder(options, file: file)
    var read = Read()
    do throws(StopError) {
      var buffer = OutputBuffer()
      buffer.append(text)
      try decoder.decode(buffer.padded, emit: &emitter)
      try decoder.finish(emit: &emitter)
    } catch { read.stop = error }
    read.lines = emitter.output.string().split(separator: "\n").map(String.init)
    read.rejects = emitter.rejects.string()
    read.told = emitter.takeDiagnostics()
    read.passedOver = emitter.passedOver
    // However the bytes are split, the same comes out.
    let whole = decode(Array(text.utf8), CSVDecoder(options, file: file))
    for step in [1, 3, 7] {
      #expect(decode(Array(text.utf8), step: step, CSVDecoder(options, file: file)) == whole, "in steps of \(step)")
    }
    return read
  }

  private func rows(_ head: String, _ row: (Int) -> String, _ count: Int = 12) -> String {
    head + "\n" + (1...count).map { row($0) + "\n" }.joined()
  }

  // MARK: - Delimiter

  @Test(arguments: [3, 12, 300]) func theNamesOutweighDecimalCommasBelow(count: Int) {
    let text = rows("Kunde|PD|Add", { "\($0)|62,\($0 % 10)|1,25" }, count)
    #expect(read(text).lines.first == #"{"_row":2,"Kunde":"1","PD":"62,1","Add":"1,25"}"#)
  }

  @Test(arguments: [";", "\t", "|"]) func namesOfPeopleKeepTheirCommas(delimiter: String) {
    let text = rows("Doctor\(delimiter)Fee", { "Vogt, Iris\(delimiter)\($0)0" }, 250)
    #expect(read(text).lines.last == #"{"_row":251,"Doctor":"Vogt, Iris","Fee":"2500"}"#)
  }

  @Test func aDecimalCommaInEveryCellIsNoDelimiter() {
    // No names, and as many commas as semicolons: what stands between digits is text.
    let text = rows("1,5;2,5", { "\($0),5;\($0),25" })
    #expect(read(text) { $0.headerRow = 0 }.lines.first == #"{"_row":1,"column_1":"1,5","column_2":"2,5"}"#)
  }

  @Test func listsInCellsAreNoColumns() {
    let text = rows("file,tags,codes", { "\($0),a|b|c,x|y|z" })
    #expect(read(text).lines.first == #"{"_row":2,"file":"1","tags":"a|b|c","codes":"x|y|z"}"#)
  }

  @Test func theNameOfTheFileIsEvidence() {
    let text = rows("a,b\tc,d", { "\($0),x\ty,\($0)" })
    #expect(read(text, "export.tsv").lines.first == #"{"_row":2,"a,b":"1,x","c,d":"y,1"}"#)
    // Without it nothing decides, and nothing is decided.
    #expect(read(text.replacing("\t", with: ";")).stop?.code == "csv.delimiter")
    #expect(read(text.replacing("\t", with: ";")) { $0.delimiter = UInt8(ascii: ";") }.lines.count == 12)
  }

  @Test func oneColumnOfTextIsOneColumn() {
    #expect(read("findings\ndry, red\nnone\nred, dry, sore\n").lines.first == #"{"_row":2,"findings":"dry, red"}"#)
    #expect(read("findings\ndry, red\nsore, dry\n").lines.last == #"{"_row":3,"findings":"sore, dry"}"#)
  }

  @Test func aDeclaredDelimiterDoesNotEndTheSearchForTheNames() {
    let text = "sep=|\r\nList of May\r\n\r\nchart|city\r\n7|Ely\r\n"
    let found = read(text)
    #expect(found.lines == [#"{"_row":5,"chart":"7","city":"Ely"}"#] && found.passedOver == 1)
  }

  @Test func linesThatAreOneQuotedCellAreTold() {
    let found = read("\"chart,city\"\n\"7,Ely\"\n\"8,Ulm\"\n")
    #expect(found.codes.contains("csv.wrapped"))
  }

  // MARK: - Names

  @Test(arguments: ["--,----", "--- , ---", ":-,-:"]) func aLineOfDashesBelowTheNamesIsNoRecord(ruler: String) {
    let found = read("id,name\n\(ruler)\n1,Vogt\n")
    #expect(found.lines == [#"{"_row":3,"id":"1","name":"Vogt"}"#] && found.passedOver == 1)
    #expect(found.codes.contains("csv.remark"))
  }

  @Test(arguments: ["-,-", "--", "--,x", "5--,--"]) func otherDashesAreData(row: String) {
    let found = read("id,name\n\(row)\n1,Vogt\n")
    #expect(found.lines.count + found.rejects.split(separator: "\n").count == 2 && found.passedOver == 0)
  }

  @Test func titlesAndNotesArePassedOverAndCounted() {
    let found = read("Branch list, 2026\n,,,\nprinted,by Kay,,\nChart,Town,Visits,2nd line\n7,Ely,3,x\n8,Ulm,4,y\n")
    #expect(found.lines.first == #"{"_row":5,"Chart":"7","Town":"Ely","Visits":"3","2nd line":"x"}"#)
    #expect(found.passedOver == 2)
    #expect(found.told.contains { $0.code == "csv.passed_over" && $0.message.contains("(1, 3)") })
  }

  @Test func namesOfGroupsTellColumnsApart() {
    let text = "Visit,,Right Eye,,Left Eye,,\nNo,Date,Sph,Cyl,Sph,Cyl,Remark\n1,2026-05-04,-1.25,-0.5,-1.5,-0.25,x\n"
    let found = read(text)
    #expect(
      found.lines == [
        #"{"_row":3,"No":"1","Date":"2026-05-04","Right Eye Sph":"-1.25","Right Eye Cyl":"-0.5","Left Eye Sph":"-1.5","Left Eye Cyl":"-0.25","Remark":"x"}"#
      ])
    #expect(found.passedOver == 1 && found.codes.contains("csv.passed_over"))
    #expect(read(text) { $0.joinsGroups = true }.lines.first?.contains(#""Visit No":"1","Visit Date":"#) == true)
    #expect(
      read(text) { $0.headerRow = 2 }.lines.first?.contains(#""Sph":"-1.25","Cyl":"-0.5","Sph_2":"-1.5""#) == true)
  }

  @Test(arguments: [
    // Names that serve as they are; marks that may be no words; groups of one name.
    "Person,,Visit,\nchart,birth date,no,date\n7,1961-03-04,1,2026-05-04\n",
    ",,OD,,OS,\nchart,visit,Sph,Cyl,Sph,Cyl\n7,2026-05-04,-1.25,-0.5,-1.5,-0.25\n",
    "Eye test,,Eye test,\nSph,Cyl,Sph,Cyl\n-1.25,-0.5,-1.5,-0.25\n",
  ])
  func namesOfGroupsThatTellNothingApartAreJoinedIfAsked(text: String) {
    let (found, asked) = (read(text), read(text) { $0.joinsGroups = true })
    #expect(found.told.contains { $0.code == "csv.passed_over" && $0.message.contains("--join-groups") })
    #expect(found.lines.count == 1 && asked.lines.count == 1 && asked.lines != found.lines)
    #expect(["Visit date", "OD Sph", "Eye test Cyl"].contains { asked.lines[0].contains("\"\($0)\"") })
  }

  @Test func groupsThatAreNotThereAreTold() {
    let found = read("chart,town\n7,Ely\n8,Ulm\n") { $0.joinsGroups = true }
    #expect(found.told.contains { $0.code == "csv.header" && $0.message.contains("joined nothing") })
  }

  @Test func rowsWithAnEmptyLastCellAreNoTitles() {
    let text = "Doctor,\n\"Vogt, Iris\",\n\"Kern, Pia\",\n\"Lang, Tom\",away\n\"Wirth, Ada\",\n\"Falk, Ben\",\n"
    #expect(read(text).lines.count == 5)
  }

  @Test func whereNothingTellsTheNamesTheRunStops() {
    let found = read("Ulm,,,\nEly,,,\nKern,Pia,Ulm,red\nFalk,Ben,Ely,blue\nLang,Tom,Ulm,green\n")
    #expect(found.stop?.code == "table.header_row" && found.lines.isEmpty)
    #expect(found.stop?.message.contains("row 1 or in row 3") == true)
  }

  @Test(arguments: [
    "Kern,Pia,1961-03-04\nFalk,Ben,1970-05-06\n", "71;Kern;3 Mill Ln\n72;Falk;9 Oak Ct\n",
    "kern@example.org\tPia\nfalk@example.org\tBen\n",
  ]) func aRecordIsNotTakenForTheNames(text: String) {
    let found = read(text)
    #expect(found.stop == nil && found.lines.count == 2)
    #expect(found.lines.allSatisfy { $0.contains("\"column_1\":") })
    #expect(found.told.filter { $0.code == "table.header_data" }.map(\.severity) == [.warning])
    // Nothing of it is repeated.
    let words = text.split { !$0.isLetter }.map(String.init)
    let said = found.told.map(\.message) + [found.stop?.message ?? ""]
    #expect(!said.contains { message in words.contains { $0.count > 2 && message.contains($0) } })
    #expect(read(text) { $0.headerRow = 0 }.lines == found.lines)
    #expect(read(text) { $0.headerRow = 1 }.lines.count == 1)
  }

  @Test(arguments: [
    "sep=,\nKern,Pia,1961-03-04\nFalk,Ben,1970-05-06\n", "\nKern,Pia,1961-03-04\nFalk,Ben,1970-05-06\n",
  ])
  func aRecordBelowSomethingElseStopsTheRun(text: String) {
    let found = read(text)
    #expect(found.stop?.code == "table.header_data" && found.lines.isEmpty)
  }

  @Test func namesAreNoRecord() {
    for names in ["id,line_1,2nd name,email", "Country,2019,2020,2021", "Nr.,R Sph,R Zyl,PD"] {
      let found = read(names + "\nx1,5,6,7\nx2,5,6,7\n")
      #expect(found.stop == nil && !found.codes.contains("table.header_data"), "\(names)")
    }
  }

  @Test func namesThatComeAgainAreTold() {
    let text = "chart,town\n7,Ely\nchart,town\n" + rows("8,Ulm", { "\($0),Ulm" }, 60) + "chart,town\n9,Ely\n"
    let found = read(text)
    #expect(found.told.filter { $0.code == "csv.header_again" }.map(\.position.row) == [3, 65])
    #expect(found.lines.count == 65)
    let without = read(text) { $0.leftOut = .headers }
    #expect(
      without.lines.count == 63 && without.passedOver == 2 && !without.lines.contains { $0.contains(#""town":"town""#) }
    )
  }

  @Test(arguments: ["\"chart\",\"town\"", "CHART,Town", "chart, town ", "town,chart", "Town,\"Chart\""])
  func namesThatComeAgainInAnotherWayAreTold(row: String) {
    for more in [0, 60] {
      let filler = (0..<more).map { "\($0),Ulm\n" }.joined()
      let text = "chart,town\n7,Ely\n" + filler + row + "\n" + filler + "9,Ely\n"
      let found = read(text) { $0.leftOut = .headers }
      let isSame = row.lowercased().first { $0 != "\"" } == "c"
      #expect(found.codes.contains("csv.header_again") && found.passedOver == (isSame ? 1 : 0))
      #expect(found.lines.count == more * 2 + (isSame ? 2 : 3), "\(found.lines.count)")
      #expect(found.told.contains { $0.message.contains("in another order") } == !isSame)
    }
    #expect(!read("chart,town\nchart,Ely\ntown,Ulm\n").codes.contains("csv.header_again"))
  }

  @Test func aLineThatDeclaresADelimiterDoesNotEndTheSearch() {
    let found = read("sep=,\nid;name\n1;Vogt\n2;Kern\n")
    #expect(found.lines.first == #"{"_row":3,"id":"1","name":"Vogt"}"# && found.codes.contains("csv.delimiter"))
    #expect(read("sep=;,,\r\nid;name\r\n1;Vogt, A\r\n").lines == [#"{"_row":3,"id":"1","name":"Vogt, A"}"#])
    #expect(!read("sep=;\nid;name\n1;Vogt, A\n").codes.contains("csv.delimiter"))
  }

  @Test(arguments: [
    ("id:name\n1:Vogt\n2:Kern\n", "':'"), ("id#name\n1#Vogt\n2#Kern\n", "'#'"), ("id::name\n1::Vogt\n", "'::'"),
    ("id;name\n1,Vogt\n2,Kern\n", "comma"), ("Report\n1,Vogt,x\n2,Kern,y\n", "comma"),
    ("name\nVogt, Ann\nKern, Max\n", "nothing seems to separate"),
    ("import os\nprint(1)\n", "nothing seems to separate"),
  ]) func aTextOfOneColumnIsDoubted(text: String, message: String) {
    #expect(read(text).told.contains { $0.code == "csv.delimiter" && $0.message.contains(message) })
    #expect(!read(text) { $0.delimiter = CSVDialect.noDelimiter }.codes.contains("csv.delimiter"))
  }

  @Test(arguments: [
    "\"id,name\"\n\"1,Vogt\"\n\"2,Kern\"\n", "id,name\n\"1,Vogt\"\n\"2,Kern\"\n",
    "\"id,name\"\n\"1,\"\"Vogt, Ann\"\"\"\n\"2,\"\"Kern\"\"\"\n",
  ]) func rowsInsideOneCellAreTold(text: String) {
    #expect(read(text).codes.contains("csv.wrapped"))
  }

  @Test func whatASpreadsheetWouldNotShowIsTold() {
    #expect(
      read("id,name\n=1+1,Vogt\n=T(\"a\"),Kern\n").told.contains {
        $0.message.contains("formulas as they are written (2 ")
      })
    #expect(read("id,name\n'0012,Vogt\n").told.contains { $0.message.contains("apostrophe") })
    #expect(!read("id,name\n== x,'tis\n3,=)\n").codes.contains("csv.formula"))
  }

  @Test func totalsAreTold() {
    let text = "clinic,visits\nTotal Eye Care,3\nUlm,4\nTotal:,7\n\"Grand Total\",7\n"
    let found = read(text)
    #expect(found.told.filter { $0.code == "csv.totals" }.map(\.position.row) == [4, 5])
    #expect(read(text) { $0.leftOut = .totals }.lines.count == 2)
  }

  /// Names of any length, behind a quote, of digits, and in letters whose cases are far apart.
  @Test(arguments: [
    "id,nr\n1,2\nID,NR\n3,4\n", "a,b\n1,2\n\"a\",\"b\"\n3,4\n", "2024,2025\n1,2\n2024,2025\n3,4\n",
    "фамилия,nr\nя,1\nФАМИЛИЯ,NR\nю,2\n", "n\u{65}m,x\n1,2\n nem , X\n3,4\n",
  ]) func namesAgainAreTold(text: String) {
    // A chunk of rows without a doubt goes another way than a row that a person would look at.
    let more = (0..<200).map { "\($0),\($0)\n" }.joined()
    for text in [text, text + more] {
      #expect(read(text) { $0.headerRow = 1 }.told.contains { $0.code == "csv.header_again" && $0.position.row == 3 })
    }
  }

  @Test(arguments: ["СУММА", "Итого", "ИТОГО:", "Total", "TOTAL 7", "\"Razem\"", "Celkem"]) func totalsInOtherLetters(
    word: String
  ) {
    let rows = (0..<200).map { "\($0),\($0)\n" }.joined()
    let found = read("clinic,visits\n" + rows + "\(word),7\n" + rows)
    #expect(found.told.filter { $0.code == "csv.totals" }.map(\.position.row) == [202])
  }

  @Test(arguments: [
    ",Total,7", ",,Total", "\"\",\"Total\",7", " ,Total,7", "Sum,,7", "Total for Ulm,,7", ",GESAMT,7", "Sous-total,,7",
    ",Итого,7",
  ]) func totalsBehindEmptyCellsAreTold(row: String) {
    let rows = (0..<200).map { "\($0),Vogt,\($0)\n" }.joined()
    for text in ["id,name,visits\n1,Vogt,3\n\(row)\n", "id,name,visits\n" + rows + row + "\n" + rows] {
      let found = read(text)
      let place = text.hasPrefix("id,name,visits\n1,") ? 3 : 202
      #expect(found.told.filter { $0.code == "csv.totals" }.map(\.position.row) == [place], "\(row)")
      #expect(read(text) { $0.leftOut = .totals }.lines.count == found.lines.count - 1)
    }
  }

  @Test(arguments: [
    ",Totalis,7", "1,Total,7", "Sum,Ann,7", "Summers,,7", "Total Eye Care,,7", ",,7", ",\"Total, Ann\",7",
    "Total of care,Ulm,7",
  ]) func otherRowsAreNoTotals(row: String) {
    let rows = (0..<200).map { "\($0),Vogt,\($0)\n" }.joined()
    for text in ["id,name,visits\n1,Vogt,3\n\(row)\n", "id,name,visits\n" + rows + row + "\n" + rows] {
      #expect(!read(text).told.contains { $0.code == "csv.totals" }, "\(row)")
    }
  }

  @Test func aSecondTableIsTold() {
    let text = "chart,first,last\n61,Pia,Kern\n\norder,chart,date\n900,61,2026-01-09\n"
    #expect(read(text).told.first { $0.code == "csv.second_table" }?.position.row == 4)
    for title in ["Orders", "Orders,,", "\"Orders\",\"\",\"\""] {
      let below = read("chart,first,last\n61,Pia,Kern\n\n\(title)\norder,chart,date\n900,61,2026-01-09\n")
      #expect(below.told.first { $0.code == "csv.second_table" }?.position.row == 5)
    }
    #expect(!read("chart,town\n7,Ely\n\n8,Ulm\n\n9,Bath\n").codes.contains("csv.second_table"))
  }

  // MARK: - Rows

  @Test(arguments: [0, 60]) func textBehindAClosingQuoteRefusesTheRow(more: Int) {
    let text =
      "id,note,town\n1,\"a \"b\" c\",Ely\n2,\"x,\"y, z\",Ulm\n3,\"p\" ,\"q\"\n"
      + String(repeating: "4,s,t\n", count: more)
    let found = read(text)
    #expect(found.lines.first == #"{"_row":4,"id":"3","note":"p ","town":"q"}"# && found.lines.count == more + 1)
    #expect(found.rejects.split(separator: "\n").count == 2 && found.rejects.contains("csv.quote"))
  }

  @Test func aByteOrderMarkBetweenRowsIsNoData() {
    let found = read("\u{FEFF}a,b\n1,2\n\u{FEFF}\"3\",4\n\u{FEFF}a,b\n\u{FF21}x,5\n\u{FEFF}")
    #expect(
      found.lines == [
        #"{"_row":2,"a":"1","b":"2"}"#, #"{"_row":3,"a":"3","b":"4"}"#, #"{"_row":4,"a":"a","b":"b"}"#,
        "{\"_row\":5,\"a\":\"\u{FF21}x\",\"b\":\"5\"}",
      ])
    #expect(found.codes.contains("csv.mark") && found.codes.contains("csv.header_again"))
  }

  @Test func surplusCellsThatAreEmptyAreNoFault() {
    let found = read("a,b\n1,2,\n3,4,,,\n5,6,,x\n7,8,\"\"\n")
    #expect(
      found.lines.map { $0.suffix(12) }
        == [#"a":"1","b":"2"}"#, #"a":"3","b":"4"}"#, #"a":"7","b":"8"}"#].map { $0.suffix(12) })
    #expect(found.rejects.contains(#""_row":4"#) && found.rejects.contains("csv.ragged"))
  }

  @Test func anEmptyLastCellThatExportersLeaveOutIsPadded() {
    let rows = (1...20).map { $0 % 4 == 0 ? "\($0),x" : "\($0),x,2026-01-02" }.joined(separator: "\n")
    let found = read("id,word,day\n\(rows)\n")
    #expect(found.lines.count == 20 && found.lines[3] == #"{"_row":5,"id":"4","word":"x","day":""}"#)
    // A cell that is missing further left is seen, and refused.
    #expect(read("id,word,day\n\(rows)\n30,2026-01-02\n").rejects.split(separator: "\n").count == 6)
  }

  @Test func separatorsOfRecordsAreNamed() {
    #expect(read("a\u{1F}b\u{1E}1\u{1F}2\u{1E}").stop?.code == "csv.row_separator")
  }

  // MARK: - Limits

  @Test func aRowOfMillionsOfCellsTakesNoRoom() {
    let text = "a,b\n" + String(repeating: ",", count: 3_000_000) + "x\n1,2\n"
    var emitter = Emitter(stage: "test")
    var decoder = CSVDecoder()
    var buffer = OutputBuffer()
    buffer.append(text)
    #expect(throws: Never.self) {
      try decoder.decode(buffer.padded, emit: &emitter)
      try decoder.finish(emit: &emitter)
    }
    #expect(emitter.emitted == 1 && emitter.rejected == 1 && emitter.output.count < 100)
  }

  @Test func aLongRowOfNamesIsRefusedSoon() {
    let text = Array(String(repeating: "n", count: 8 << 20).utf8)
    let start = computed
    #expect(decode(text + Array(",b\n1,2\n".utf8), step: 1 << 16, CSVDecoder()).stop == "csv.no_header")
    // Looked through again for each chunk, it would take minutes.
    #expect(computed - start < 20)
  }

  /// How long this thread has computed, in seconds: what else the machine does is not in it.
  private var computed: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
