import Foundation
import ILSRecord
import Testing

@testable import ILSStream

@Suite struct OutputTests {
  private let scratch = Scratch()

  private func buffer(_ text: String) -> OutputBuffer {
    var buffer = OutputBuffer()
    buffer.append(text)
    return buffer
  }

  private func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path + "/" + name)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
  }

  @Test func aFileAppearsOnlyWhenItIsWhole() throws {
    let path = scratch.write("out", Array("old".utf8))
    var bytes = buffer("new")
    do {
      var output = try OutputFile(path)
      try output.write(&bytes)
      #expect(scratch.read("out") == Array("old".utf8))
      try output.close()
    }
    #expect(scratch.read("out") == Array("new".utf8))
    #expect(scratch.names == ["out"])
  }

  @Test func nothingIsLeftOfAnUnfinishedFile() throws {
    var bytes = buffer("half")
    do {
      var output = try OutputFile(scratch.path + "/out")
      try output.write(&bytes)
    }
    #expect(scratch.names == [])
  }

  @Test func aFullDiskIsNamed() {
    let code = stopCode { () throws(StopError) in
      var output = try OutputFile("/dev/full")
      var bytes = OutputBuffer()
      bytes.append("x")
      try output.write(&bytes)
    }
    #expect(code == "io.write")
  }

  @Test func rejectsAreTheirOwnersAlone() throws {
    var file = try RejectFile(scratch.write("bad", Array("stale".utf8)))
    var bytes = buffer("{}\n")
    try file.write(&bytes)
    #expect(try mode("bad") == 0o600)
    #expect(scratch.read("bad") == Array("{}\n".utf8))
  }

  @Test func rejectsNeverOverwriteAnInput() {
    let input = scratch.write("in", Array("{}".utf8))
    #expect(
      stopCode { () throws(StopError) in _ = try RejectFile(scratch.path + "/./in", sparing: [input]) } == "io.create")
    #expect(scratch.read("in") == Array("{}".utf8))
  }

  @Test func twoStagesCannotShareARejectFile() throws {
    let first = try RejectFile(scratch.path + "/bad")
    #expect(stopCode { () throws(StopError) in _ = try RejectFile(scratch.path + "/bad") } == "io.create")
    _ = first.name
  }

  @Test func manifestsSurviveWriteAndRead() throws {
    let manifest = Manifest(
      tool: "ils-parse 0.1.0",
      files: [
        .init(name: "a.csv", bytes: 10, sha256: "00ff", tables: [.init(rows: 3, rejected: 1)]),
        .init(
          name: "b \"x\".xlsx", bytes: 20, sha256: "11",
          tables: [.init(sheet: "S1", rows: 2, rejected: 0), .init(sheet: "S2", rows: 5, rejected: 2)]),
      ])
    try manifest.write(to: scratch.path + "/run.json")
    #expect(try Manifest(reading: scratch.path + "/run.json") == manifest)
    #expect((manifest.rows, manifest.rejected) == (10, 3))
    #expect(stopCode { () throws(StopError) in _ = try Manifest(reading: scratch.path + "/none") } == "io.open")
    let other = scratch.write("other.json", Array("{\"rows\":1}".utf8))
    #expect(stopCode { () throws(StopError) in _ = try Manifest(reading: other) } == "manifest.invalid")
  }
}
