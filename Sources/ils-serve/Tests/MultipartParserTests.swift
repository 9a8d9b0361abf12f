import ServeParts
import Testing

@Suite struct MultipartParserTests {
  static let type = "multipart/form-data; boundary=X-b"
  static let body =
    "preamble\r\n--X-b\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\npatients\r\n--X-b  \r\n"
    + "content-type: text/csv\r\ncontent-disposition: form-data; name=file; filename=\"a \\\"b\\\"%22.csv\"\r\n\r\n"
    + "a,b\r\n1,2\r\n--X-\r\n-\r\n\r\n--X-b\r\nContent-Disposition: form-data; name=\"none\"\r\n\r\n--X-b\r\n"
    + "Content-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--X-b--\r\nepilogue --X-b"

  /// Each part with its contents.
  static func parts(_ body: [UInt8], chunk: Int, type: String = type) throws -> [String] {
    var parser = try MultipartParser(contentType: type)
    var parts: [String] = []
    var contents: [UInt8] = []
    for start in stride(from: 0, to: body.count, by: chunk) {
      try parser.feed(body[start..<min(start + chunk, body.count)]) { event in
        switch event {
        case .begin(let part):
          parts.append("\(part.name)|\(part.filename ?? "-")|")
          contents = []
        case .bytes(let bytes): contents += bytes
        case .end: parts[parts.count - 1] += String(decoding: contents, as: UTF8.self)
        }
      }
    }
    try parser.finish()
    return parts
  }

  @Test func aBodyMayComeInAnyChunks() throws {
    let expected = [
      "type|-|patients", "file|a \"b\"\".csv|a,b\r\n1,2\r\n--X-\r\n-\r\n", "none|-|", "empty|-|",
    ]
    let body = Array(Self.body.utf8)
    for chunk in [1, 2, 3, 5, 7, 64, body.count] { #expect(try Self.parts(body, chunk: chunk) == expected) }
  }

  @Test func aBodyThatIsCutOffIsNeverCalledWhole() throws {
    let end = Self.body.utf8.count - "--\r\nepilogue --X-b".utf8.count
    for length in 0..<end {
      #expect(throws: PartsError.self) { try Self.parts(Array(Self.body.utf8.prefix(length)), chunk: 16) }
    }
  }

  @Test(arguments: [
    "--X-b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--X-b--\r\n",
    "--X-b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--X-b--\r\n",
    "--X-b\r\n\r\n\r\nx\r\n--X-b--\r\n", "--X-bother\r\n", "--X-b" + String(repeating: " ", count: 100) + "\r\n",
    "--X-b\r\n" + String(repeating: "a: b\r\n", count: 2000) + "\r\n",
    String(repeating: "--X-b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n", count: 33) + "--X-b--",
  ])
  func aMalformedBodyIsRefused(body: String) {
    #expect(throws: PartsError.self) { try Self.parts(Array(body.utf8), chunk: 100) }
  }

  @Test(arguments: [
    "application/json", "multipart/form-data", "multipart/mixed; boundary=a", "multipart/form-data; boundary=\"\"",
    "multipart/form-data; boundary=" + String(repeating: "a", count: 71),
  ])
  func aTypeWithoutABoundaryIsRefused(type: String) {
    #expect(throws: PartsError.self) { try MultipartParser(contentType: type) }
  }

  @Test func aQuotedBoundaryMayHoldASemicolon() throws {
    let body = Array("--a;b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--a;b--".utf8)
    #expect(try Self.parts(body, chunk: 4, type: "Multipart/Form-Data; charset=utf-8; boundary=\"a;b\"") == ["x|-|1"])
  }
}
