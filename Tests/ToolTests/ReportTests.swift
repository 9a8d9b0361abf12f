import Testing

/// ils-report: one HTML file, whatever it is given.
@Suite struct ReportTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func report(_ lines: [String], _ options: String = "") throws -> String {
    try scratch.write("in", lines.map { $0 + "\n" }.joined())
    let outcome = try scratch.run("ils-report \(options) in")
    #expect(outcome.status == 0, "\(outcome.err)")
    return outcome.out
  }

  private static let reject =
    #"{"_row":7,"stage":"ils-validate","errors":[{"code":"format.email","field":"email","message":"is not an e-mail address"}],"record":{"email":"secret@@x"}}"#
  private static let job =
    #"{"job":"01890a5d-ac96-774b-bcce-b302099a8057","kind":"load","entity":"patients","source":"old","status":"completed","progress":{"successful":5,"failed":0},"equation":{"rows":9,"inserted":5,"updated":1,"skipped":1,"failed":0,"rejected":1,"dropped":1},"auditHead":"abc"}"#

  @Test func theEquationIsDrawnAndWritten() throws {
    let page = try report([Self.job, Self.reject])
    #expect(page.contains("9 rows = 5 inserted + 1 updated + 1 skipped + 1 rejected + 1 dropped."))
    #expect(page.contains("<rect class=\"updated\""))
    #expect(page.contains("<title>Migration of patients from old</title>"))
    #expect(page.contains("1 records were refused."))
    #expect(!page.contains("not accounted for"))
  }

  @Test func rowsThatAreNowhereAreSaid() throws {
    let page = try report([Self.job.replacing("\"rows\":9", with: "\"rows\":12")])
    #expect(page.contains("3 rows are not accounted for"))
  }

  @Test func faultsComeWithWhatToDoAndWithoutValues() throws {
    let page = try report([Self.reject, Self.reject])
    #expect(
      page.contains(
        "<td>is not an e-mail address</td><td>format.email</td><td>validate</td><td class=\"number\">2</td>"))
    #expect(page.contains("<dt>format.email</dt>"))
    #expect(page.contains("Most of them, 2, are in row 7."))
    #expect(!page.contains("secret"))
    #expect(try report([Self.reject], "--show-values").contains("secret@@x"))
  }

  @Test func whatComesFromDataIsNoMarkup() throws {
    let page = try report(
      [
        #"{"stage":"<b>x","errors":[{"code":"<script>1</script>","field":"a\"><img src=x>","message":"<i>&"}],"record":{}}"#,
        #"{"<script>":"1"}"#,
      ], "--title '<script>'")
    #expect(!page.contains("<script>") && !page.contains("<img") && !page.contains("<b>x") && !page.contains("<i>"))
    #expect(page.contains("&lt;script&gt;"))
  }

  @Test func recordsAreProfiled() throws {
    let page = try report([
      #"{"firstName":"A","dateOfBirth":"1980-02-03","email":""}"#,
      #"{"firstName":"B","dateOfBirth":"1951-02-03","email":"b@x.org"}"#,
    ])
    #expect(page.contains("Born from 1951 to 1980"))
    #expect(page.contains("aria-label=\"email: 50.0 %\"") && page.contains("aria-label=\"firstName: 100 %\""))
  }

  @Test func theSlowestStageIsDrawnFirst() throws {
    let page = try report([
      #"{"progress":"ils-map","records":900,"perSecond":4000,"done":true}"#,
      #"{"progress":"ils-load","records":800,"perSecond":1000,"done":true}"#,
    ])
    #expect(page.contains("at the pace of the slowest: ils-load"))
    let load = try #require(page.range(of: "aria-label=\"ils-load: 1,000/s\""))
    let map = try #require(page.range(of: "aria-label=\"ils-map: 4,000/s\""))
    #expect(load.lowerBound < map.lowerBound)
  }

  @Test func itNeedsNoNetworkAndNoScript() throws {
    let page = try report([Self.job, Self.reject])
    #expect(
      !page.contains("http://") && !page.contains("https://") && !page.contains("<script") && !page.contains("url("))
  }

  @Test func aFolderThatIsNoneOfOursIsNamed() throws {
    let outcome = try scratch.run("mkdir empty; ils-report empty")
    #expect(outcome.status == 66 && outcome.err.contains("[report.empty]"))
  }

  @Test func placesFarOffAreStillCounted() throws {
    let page = try report((0..<300).map { Self.reject.replacing("\"_row\":7", with: "\"_row\":\($0 * 10_000 + 1)") })
    #expect(page.contains("300") && page.contains("rows 0 to 65,535"))
  }
}
