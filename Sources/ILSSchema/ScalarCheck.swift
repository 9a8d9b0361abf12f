import ILSDates
import ILSRecord

extension ScalarRules {
  /// One form for values that JSON Schema calls equal (2020-12, 4.2.2): `1` and `1.0`, `"A"` and `"\u0041"`.
  static func canonical(_ value: JSONValue) -> [UInt8] {
    switch value {
    case .number(let text): Decimal(text.utf8).canonical
    case .array(let items): [UInt8(ascii: "[")] + items.flatMap { canonical($0) + [0x2C] }
    case .object(let members):
      [UInt8(ascii: "{")]
        + members.sorted { $0.name < $1.name }.flatMap {
          Array(JSONValue.string($0.name).text.utf8) + canonical($0.value) + [0x2C]
        }
    default: Array(value.text.utf8)
    }
  }

  /// Holds one value against the rules and appends what is wrong with it.
  ///
  /// - Parameters:
  ///   - value: its bytes, scanned.
  ///   - scratch: for text whose escapes must be undone.
  package func check(
    _ value: FieldValue, _ field: String?, _ scratch: inout OutputBuffer, _ errors: inout [RecordError]
  ) {
    func fail(_ fault: SchemaFault, _ message: String) {
      errors.append(RecordError(fault, field: field, message: message, value: try? value.string()))
    }
    if kinds != 0xFF, !allows(value) {
      return fail(.schemaType, "is \(value.kind.article), and must be \(kindNames)")
    }
    if let choices, !choices.contains(Self.canonical(value)) {
      return fail(.schemaEnum, "is not one of the values that the schema lists")
    }
    if let constant, constant != Self.canonical(value) {
      return fail(.schemaConst, "is not the value that the schema asks for")
    }
    if value.kind == .string {
      var text = value.text
      if value.hasEscapes {
        scratch.removeAll()
        guard (try? scratch.appendDecoded(value)) != nil else {
          errors.append(
            RecordError(
              RecordFault.jsonSurrogate, field: field,
              message: "an escape names half of a surrogate pair, which is no character", value: try? value.string()))
          return
        }
        text = scratch.bytes
      }
      checkText(text, fail)
    } else if value.kind == .number, hasNumberRules {
      checkNumber(Decimal(value.raw), fail)
    }
  }

  private func allows(_ value: FieldValue) -> Bool {
    if kinds & ScalarRules.bit(value.kind) != 0 { return true }
    return value.kind == .number && kinds & ScalarRules.integerBit != 0 && Decimal(value.raw).isInteger
  }

  private static func canonical(_ value: FieldValue) -> [UInt8] {
    if value.kind == .string, !value.hasEscapes { return Array(value.raw) }
    guard let tree = try? JSONValue(parsing: Array(value.raw)) else { return [] }
    return canonical(tree)
  }

  private func checkText(_ text: UnsafeRawBufferPointer, _ fail: (SchemaFault, String) -> Void) {
    if text.count > maxLength || minLength > 0 {
      let length = text.count { $0 & 0xC0 != 0x80 }
      if length > maxLength { fail(.schemaMaxLength, "has \(length) characters, and \(maxLength) are the most") }
      if length < minLength { fail(.schemaMinLength, "has \(length) characters, and \(minLength) are the least") }
    }
    if let pattern, !pattern.matches(text) { fail(.schemaPattern, "does not have the form that the schema asks for") }
    guard let format else { return }
    guard format.isMet(by: text) else { return fail(format.fault, "is not \(format.noun)") }
    if format == .date, let date = CivilDate(iso: text) {
      if let notBefore, date < notBefore { fail(.dateTooEarly, "lies before \(notBefore.iso)") }
      if let notAfter, date > notAfter { fail(.dateTooLate, "is after \(notAfter.iso)") }
    }
  }

  private var hasNumberRules: Bool {
    minimum != nil || maximum != nil || exclusiveMinimum != nil || exclusiveMaximum != nil || multipleOf != nil
  }

  private func checkNumber(_ number: Decimal, _ fail: (SchemaFault, String) -> Void) {
    if minimum.map({ number < $0 }) ?? false || exclusiveMinimum.map({ !($0 < number) }) ?? false {
      fail(.schemaMinimum, "is less than the schema allows")
    }
    if maximum.map({ $0 < number }) ?? false || exclusiveMaximum.map({ !(number < $0) }) ?? false {
      fail(.schemaMaximum, "is more than the schema allows")
    }
    if let multipleOf, !number.isMultiple(of: multipleOf) {
      fail(.schemaMultipleOf, "is no multiple of what the schema asks for")
    }
  }

  private var kindNames: String {
    let names: [(UInt8, String)] = [
      (ScalarRules.bit(.string), "a string"), (ScalarRules.bit(.number), "a number"),
      (ScalarRules.integerBit, "a whole number"), (ScalarRules.bit(.boolean), "true or false"),
      (ScalarRules.bit(.null), "null"), (ScalarRules.bit(.object), "an object"), (ScalarRules.bit(.array), "an array"),
    ]
    return names.filter { kinds & $0.0 != 0 }.map(\.1).joined(separator: " or ")
  }
}

extension ValueKind {
  /// "a string", "an object" ...: for messages.
  var article: String {
    switch self {
    case .string: "a string"
    case .number: "a number"
    case .boolean: "true or false"
    case .null: "null"
    case .object: "an object"
    case .array: "an array"
    }
  }
}

extension OutputBuffer {
  /// Appends the text of `value`, escapes undone.
  package mutating func appendDecoded(_ value: FieldValue) throws(RecordError) { try value.decode(into: &self) }
}
