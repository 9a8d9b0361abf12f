// Part of the tests and, with FuzzChecks.swift, of the fuzzers (scripts/fuzz): no more than what is public.

import ILSFormats
import ILSRecord

/// A dBase table, field by field.
struct DBFBuilder {
  struct Field {
    var name: String
    var type: Character
    var length: Int
    var decimals = 0
    /// Of Visual FoxPro: 2 for one that may be null.
    var flags = 0

    init(_ name: String, _ type: Character, _ length: Int, decimals: Int = 0, flags: Int = 0) {
      (self.name, self.type, self.length, self.decimals, self.flags) = (name, type, length, decimals, flags)
    }
  }

  var version = 0x03
  var codePage = 0x03
  var fields: [Field]
  /// Each with its mark in front.
  var records: [[UInt8]] = []
  /// What the header says of them, where that is not so.
  var said: Int?
  var isEnded = true

  init(_ fields: [Field]) { self.fields = fields }

  /// Adds a record of texts, filled up with blanks; numbers to the right.
  mutating func add(_ values: String..., mark: String = " ") {
    var record = Array(mark.utf8)
    for (field, value) in zip(fields, values) {
      let text = Array(value.utf8)
      let blanks = [UInt8](repeating: 0x20, count: max(field.length - text.count, 0))
      record += field.type == "N" ? blanks + text : text + blanks
    }
    records.append(record)
  }

  mutating func add(bytes: [UInt8]) { records.append([0x20] + bytes) }

  var file: [UInt8] {
    let start = 32 + 32 * fields.count + 1 + ((0x30...0x32).contains(version) ? 263 : 0)
    let long = fields.map { $0.length + ($0.type == "C" ? $0.decimals << 8 : 0) }
    var file: [UInt8] = [UInt8(version), 126, 11, 28]
    file.put(said ?? records.count, 4)
    file.put(start, 2)
    file.put(1 + long.reduce(0, +), 2)
    file += [UInt8](repeating: 0, count: 17)
    file += [UInt8(codePage), 0, 0]
    for field in fields {
      let name = Array(field.name.utf8.prefix(11))
      file += name + [UInt8](repeating: 0, count: 11 - name.count) + Array(String(field.type).utf8)
      file += [0, 0, 0, 0, UInt8(field.length), UInt8(field.decimals), UInt8(field.flags)]
      file += [UInt8](repeating: 0, count: 13)
    }
    file.append(0x0D)
    file += [UInt8](repeating: 0, count: start - file.count)
    return file + records.joined() + (isEnded ? [0x1A] : [])
  }
}

/// Reads all of a table.
func readDBF(_ file: [UInt8], memo: [UInt8]? = nil, _ options: DBFOptions = DBFOptions()) -> Sheets {
  var emitter = Emitter(stage: "test")
  var sheets = Sheets()
  file.withUnsafeBytes { bytes in
    (memo ?? []).withUnsafeBytes { memoBytes in
      do throws(StopError) {
        var decoder = try DBFDecoder(bytes, memo: memo == nil ? nil : memoBytes, options)
        while try decoder.read(emit: &emitter) { _ = emitter.takeDiagnostics().map { sheets.told.append($0.code) } }
      } catch {
        sheets.stop = error.code
        sheets.message = error.message
      }
    }
  }
  sheets.bytes = [UInt8](emitter.output.bytes)
  sheets.lines = String(decoding: sheets.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  sheets.told = (sheets.told + emitter.takeDiagnostics().map(\.code)).sorted()
  sheets.emitted = emitter.emitted
  return sheets
}

/// The first byte chooses the version, the second what the header says of records; the rest are a table's bytes, cut in
/// two: the table and its memo file.
func checkDBF(_ input: [UInt8]) -> String? {
  guard input.count > 4 else { return nil }
  var options = DBFOptions()
  options.keepsDeleted = input[0] & 1 != 0
  options.replacesErrors = input[0] & 2 != 0
  options.encoding = input[0] & 4 != 0 ? "CP932" : nil
  let body = Array(input[4...])
  let cut = min(Int(input[1]) << 4, body.count)
  var file = Array(body[cut...])
  if input[0] & 8 != 0, file.count > 32 {
    // A header that is let through, so that what it says is looked at.
    let versions: [UInt8] = [0x03, 0x83, 0x8B, 0xF5, 0x30, 0x32]
    (file[0], file[15]) = (versions[Int(input[2]) % versions.count], 0)
    (file[8], file[9], file[11]) = (UInt8(truncatingIfNeeded: 65 + 32 * Int(input[3] & 3)), 0, 0)
    (file[6], file[7]) = (0, 0)
  }
  let sheets = readDBF(file, memo: cut == 0 ? nil : Array(body[..<cut]), options)
  guard sheets.bytes.last ?? 0x0A == 0x0A else { return "the last line does not end" }
  for line in sheets.lines where (try? JSONValue(parsing: Array(line.utf8)))?.members == nil {
    return "a line is no record"
  }
  return sheets.lines.count == sheets.emitted
    ? nil : "\(sheets.emitted) records were counted, and \(sheets.lines.count) written"
}
