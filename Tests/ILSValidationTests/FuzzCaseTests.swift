import FuzzSupport
import Testing

@Suite struct SchemaFuzzTests {
  @Test func drawnSchemasHold() {
    for input in Choices.cases(400, of: 300) { #expect(checkSchema(input) == nil, "\(input)") }
  }
}
