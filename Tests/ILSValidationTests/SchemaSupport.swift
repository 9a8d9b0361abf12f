import ILSDates
import ILSRecord
import ILSSchema
import Testing

@testable import ILSValidation

let someDay = CivilDate(iso: "2026-11-23")!

func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

/// The places of a schema's faults.
func schemaFaults(_ schema: String) throws -> [String] {
  let json = try parse(schema)
  do throws(JSONSchema.Faults) {
    _ = try RecordSchema(json, today: someDay)
    return []
  } catch {
    return error.faults.map(\.place)
  }
}
