import ILSDates
import ILSRecord
import Testing

@testable import ILSSchema

let someDay = CivilDate(iso: "2026-11-23")!

/// A schema, and values that it takes and refuses, as JSON texts.
struct SchemaCase: Sendable, CustomTestStringConvertible {
  let schema: String
  let valid: [String]
  let invalid: [String]

  init(_ schema: String, valid: [String] = [], invalid: [String] = []) {
    (self.schema, self.valid, self.invalid) = (schema, valid, invalid)
  }

  var testDescription: String { schema }

  func check() throws {
    let compiled = try JSONSchema(parse(schema), today: someDay)
    for text in valid { #expect(compiled.accepts(try parse(text)), "\(text) is valid") }
    for text in invalid { #expect(!compiled.accepts(try parse(text)), "\(text) is not valid") }
  }
}

func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

/// The places of a schema's faults.
func schemaFaults(_ schema: String) throws -> [String] {
  let json = try parse(schema)
  do throws(JSONSchema.Faults) {
    _ = try JSONSchema(json, today: someDay)
    return []
  } catch {
    return error.faults.map(\.place)
  }
}
