import FuzzSupport
import Testing

@Suite struct MappingFuzzTests {
  @Test func drawnMappingsHold() {
    for input in Choices.cases(400, of: 300) { #expect(checkMapping(input) == nil, "\(input)") }
  }
}
