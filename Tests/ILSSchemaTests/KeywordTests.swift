import Testing

/// Every keyword of JSON Schema 2020-12 that is supported, with the corners that the specification names.
@Suite struct KeywordTests {
  @Test(arguments: scalars) func keywordsOfSingleValues(_ schema: SchemaCase) throws { try schema.check() }
  @Test(arguments: objects) func keywordsOfObjects(_ schema: SchemaCase) throws { try schema.check() }
  @Test(arguments: arrays) func keywordsOfArrays(_ schema: SchemaCase) throws { try schema.check() }
  @Test(arguments: combined) func keywordsOfSchemas(_ schema: SchemaCase) throws { try schema.check() }
  @Test(arguments: references) func keywordsOfReferences(_ schema: SchemaCase) throws { try schema.check() }

  static let scalars: [SchemaCase] = [
    .init("true", valid: ["1", "null", "{}"]),
    .init("false", invalid: ["1", "null", "{}"]),
    .init("{}", valid: ["1", "[]", "\"\""]),
    .init(#"{"type":"string"}"#, valid: [#""""#, #""1""#], invalid: ["1", "null", "true", "[]", "{}"]),
    // 6.1.1: a number is an integer by its value.
    .init(#"{"type":"integer"}"#, valid: ["1", "1.0", "-3e2", "1e400"], invalid: ["1.5", "1e-1", #""1""#, "true"]),
    .init(#"{"type":"number"}"#, valid: ["1", "1.5"], invalid: [#""1""#]),
    .init(#"{"type":"boolean"}"#, valid: ["true", "false"], invalid: ["0", "null"]),
    .init(#"{"type":"null"}"#, valid: ["null"], invalid: ["0", "false", #""""#]),
    .init(#"{"type":["string","null"]}"#, valid: [#""a""#, "null"], invalid: ["1", "{}"]),
    .init(
      #"{"enum":[1,"a",null,{"x":[1]},[false]]}"#,
      valid: ["1", "1.0", #""a""#, #""\u0061""#, "null", #"{"x":[1]}"#, #"{"x":[1.0]}"#, "[false]"],
      invalid: [#""1""#, "true", "[0]", #"{"x":[1],"y":1}"#, "[]"]),
    .init(#"{"enum":[0]}"#, valid: ["0", "0.0", "-0", "0e5"], invalid: ["false", "null", #""0""#]),
    .init(
      #"{"const":{"a":1,"b":"é"}}"#, valid: [#"{"b":"\u00e9","a":1.0}"#], invalid: [#"{"a":1}"#, #"{"a":1,"b":"e"}"#]),
    .init(#"{"const":9007199254740993}"#, valid: ["9007199254740993"], invalid: ["9007199254740992"]),
    // 6.3: characters, not bytes or UTF-16 units.
    .init(
      #"{"minLength":2,"maxLength":3}"#,
      valid: [#""äö""#, #""😀😀""#, #""\ud83d\ude00ab""#, "1", "null"], invalid: [#""😀""#, #""abcd""#, #""""#]),
    .init(#"{"maxLength":2.0}"#, valid: [#""ab""#], invalid: [#""abc""#]),
    .init(#"{"minimum":1.1}"#, valid: ["1.1", "1.10", "2", #""0""#], invalid: ["1.0999999999999999999", "-5"]),
    .init(#"{"maximum":300}"#, valid: ["300.0", "3e2", "-1e400"], invalid: ["300.5", "1e400"]),
    .init(#"{"exclusiveMinimum":0}"#, valid: ["1e-400"], invalid: ["0", "-0.0"]),
    .init(#"{"exclusiveMaximum":3}"#, valid: ["2.9"], invalid: ["3.0"]),
    // Exact decimals: in binary fractions neither would hold.
    .init(#"{"multipleOf":0.01}"#, valid: ["0.07", "4.02", "19.99", "1e308", "0"], invalid: ["0.075", "1e-3"]),
    .init(#"{"multipleOf":1e-8}"#, valid: ["12391239123"]),
    .init(#"{"multipleOf":1.5}"#, valid: ["0", "4.5", "-3"], invalid: ["35", "1"]),
    .init(#"{"pattern":"^a*$"}"#, valid: [#""aaa""#, #""""#, "12"], invalid: [#""abc""#]),
    .init(#"{"pattern":"es"}"#, valid: [#""expression""#], invalid: [#""Es""#]),
    .init(
      #"{"title":"t","description":"d","default":[],"examples":[1],"deprecated":true,"readOnly":true,"$comment":"c"}"#,
      valid: ["1", "{}"]),
  ]

  static let objects: [SchemaCase] = [
    .init(
      #"{"properties":{"a":{"type":"integer"},"b":false,"":{"const":1}}}"#,
      valid: [#"{"a":1}"#, "{}", "[]", "12", #"{"c":[]}"#, #"{"":1}"#],
      invalid: [#"{"a":"x"}"#, #"{"b":null}"#, #"{"":2}"#]),
    .init(
      #"{"properties":{"foo\nbar":{"type":"number"},"a\"b":{"type":"number"},"é":{"type":"number"}}}"#,
      valid: [#"{"foo\nbar":1,"a\"b":1,"\u00e9":1}"#],
      invalid: [#"{"foo\nbar":"1"}"#, #"{"a\"b":"1"}"#, #"{"\u00e9":"1"}"#]),
    .init(
      #"{"patternProperties":{"^f":{"type":"integer"},"o$":{"maximum":4}}}"#,
      valid: [#"{"f":1}"#, #"{"foo":4}"#, #"{"x":"any"}"#, "[]"], invalid: [#"{"foo":5}"#, #"{"f":"x"}"#, #"{"zo":5}"#]),
    // 10.3.2.3: what neither properties nor patternProperties name.
    .init(
      #"{"properties":{"a":true},"patternProperties":{"^v":true},"additionalProperties":false}"#,
      valid: [#"{"a":1,"vx":2}"#, "[1]", #""x""#], invalid: [#"{"b":1}"#, #"{"a":1,"q":2}"#]),
    .init(#"{"additionalProperties":{"type":"boolean"}}"#, valid: [#"{"x":true}"#], invalid: [#"{"x":1}"#]),
    // additionalProperties does not look into other schemas.
    .init(
      #"{"allOf":[{"properties":{"a":true}}],"additionalProperties":{"type":"boolean"}}"#,
      valid: [#"{"a":true}"#], invalid: [#"{"a":1}"#]),
    .init(#"{"propertyNames":{"maxLength":3}}"#, valid: [#"{"abc":1}"#, "{}", "[]"], invalid: [#"{"abcd":1}"#]),
    .init(#"{"propertyNames":false}"#, valid: ["{}"], invalid: [#"{"a":1}"#]),
    .init(#"{"required":["a","b"]}"#, valid: [#"{"a":null,"b":1}"#, "[]", "1"], invalid: [#"{"a":1}"#, "{}"]),
    .init(#"{"required":[]}"#, valid: ["{}"]),
    .init(
      #"{"minProperties":1,"maxProperties":2}"#,
      valid: [#"{"a":1}"#, "[]", #""""#], invalid: ["{}", #"{"a":1,"b":2,"c":3}"#]),
    .init(
      #"{"dependentRequired":{"card":["address","zip"],"x":[]}}"#,
      valid: ["{}", #"{"address":1}"#, #"{"card":1,"address":1,"zip":1}"#, #"{"x":1}"#, "[\"card\"]"],
      invalid: [#"{"card":1,"zip":1}"#, #"{"card":1}"#]),
    .init(
      #"{"dependentSchemas":{"a":{"required":["b"]},"c":false}}"#,
      valid: [#"{"b":1}"#, #"{"a":1,"b":1}"#, #""a""#], invalid: [#"{"a":1}"#, #"{"c":1}"#]),
  ]

  static let arrays: [SchemaCase] = [
    .init(#"{"items":{"type":"integer"}}"#, valid: ["[]", "[1,2]", #"{"0":"x"}"#], invalid: [#"[1,"x"]"#]),
    .init(#"{"items":false}"#, valid: ["[]"], invalid: ["[1]"]),
    .init(
      #"{"prefixItems":[{"type":"integer"},{"type":"string"}]}"#,
      valid: [#"[1,"a"]"#, "[1]", "[]", #"[1,"a",true]"#], invalid: [#"["a",1]"#]),
    // 10.3.1.2: items is about those behind the prefix.
    .init(
      #"{"prefixItems":[{"type":"integer"}],"items":{"type":"string"}}"#,
      valid: [#"[1,"a","b"]"#], invalid: [#"[1,2]"#, #"["a"]"#]),
    .init(#"{"prefixItems":[true],"items":false}"#, valid: ["[1]", "[]"], invalid: ["[1,2]"]),
    .init(#"{"contains":{"minimum":5}}"#, valid: ["[3,5]", "{}"], invalid: ["[3,4]", "[]"]),
    .init(
      #"{"contains":{"const":1},"minContains":2,"maxContains":3}"#,
      valid: ["[1,1]", "[1,2,1,1]"], invalid: ["[1]", "[1,1,1,1]", "[]"]),
    // 6.4.5: none is enough, and without contains both mean nothing.
    .init(#"{"contains":{"const":1},"minContains":0}"#, valid: ["[]", "[2]"]),
    .init(#"{"minContains":2,"maxContains":1}"#, valid: ["[]", "[1,2,3]"]),
    .init(#"{"minItems":1,"maxItems":2}"#, valid: ["[1]", #""""#, "{}"], invalid: ["[]", "[1,2,3]"]),
    .init(
      #"{"uniqueItems":true}"#,
      valid: ["[1,2]", #"[1,"1",true,"true"]"#, "[0,false]", #"[{"a":1},{"a":2}]"#, "[[1],[[1]]]", "[]"],
      invalid: ["[1,1.0]", #"["a","\u0061"]"#, #"[{"a":1,"b":2},{"b":2,"a":1}]"#, "[[1],[1]]", "[null,2,null]"]),
    .init(#"{"uniqueItems":false}"#, valid: ["[1,1]"]),
  ]

  static let combined: [SchemaCase] = [
    .init(#"{"allOf":[{"minimum":2},{"maximum":4}]}"#, valid: ["3", #""x""#], invalid: ["1", "5"]),
    .init(#"{"allOf":[true,false]}"#, invalid: ["1"]),
    .init(#"{"anyOf":[{"type":"integer"},{"minimum":2}]}"#, valid: ["1", "2.5", #""x""#], invalid: ["1.5"]),
    .init(#"{"oneOf":[{"type":"integer"},{"minimum":2}]}"#, valid: ["1", "2.5"], invalid: ["3", "1.5"]),
    .init(#"{"oneOf":[true,true,false]}"#, invalid: ["1"]),
    .init(#"{"not":{"type":["integer","boolean"]}}"#, valid: [#""x""#, "1.5"], invalid: ["1", "true"]),
    .init(#"{"not":{}}"#, invalid: ["1", "null"]),
    .init(#"{"not":{"not":{"type":"null"}}}"#, valid: ["null"], invalid: ["1"]),
    .init(
      #"{"if":{"exclusiveMaximum":0},"then":{"minimum":-10},"else":{"multipleOf":2}}"#,
      valid: ["-1", "4", #""x""#], invalid: ["-100", "3"]),
    // 10.2.2: then and else alone mean nothing, nor does if.
    .init(#"{"then":false,"else":false}"#, valid: ["1"]),
    .init(#"{"if":false}"#, valid: ["1"]),
    .init(#"{"if":true,"then":{"const":1},"else":{"const":2}}"#, valid: ["1"], invalid: ["2"]),
    .init(
      #"{"type":"object","properties":{"a":{"anyOf":[{"const":1},{"type":"array","items":{"const":2}}]}}}"#,
      valid: [#"{"a":1}"#, #"{"a":[2,2]}"#], invalid: [#"{"a":[1]}"#, #"{"a":2}"#]),
  ]

  static let references: [SchemaCase] = [
    .init(##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"integer"}}}"##, valid: ["1"], invalid: [#""x""#]),
    // 8.2.3.1: what stands beside a reference counts too.
    .init(
      ##"{"$ref":"#/$defs/a","maximum":3,"$defs":{"a":{"type":"integer"}}}"##, valid: ["3"], invalid: ["4", #""x""#]),
    .init(
      ##"{"properties":{"child":{"$ref":"#"}},"additionalProperties":false}"##,
      valid: [#"{"child":{"child":{}}}"#], invalid: [#"{"child":{"bar":1}}"#]),
    // RFC 6901: ~0 is ~, ~1 is /; RFC 3986: %25 is %.
    .init(
      ##"{"properties":{"t":{"$ref":"#/$defs/a~0b"},"s":{"$ref":"#/$defs/a~1b"},"p":{"$ref":"#/$defs/a%25b"}},"$defs":{"a~b":{"const":1},"a/b":{"const":2},"a%b":{"const":3}}}"##,
      valid: [#"{"t":1,"s":2,"p":3}"#], invalid: [#"{"t":2}"#, #"{"s":1}"#, #"{"p":1}"#]),
    .init(##"{"$ref":"#here","$defs":{"x":{"$anchor":"here","const":1}}}"##, valid: ["1"], invalid: ["2"]),
    .init(
      ##"{"$id":"https://a.example/root","$ref":"leaf","$defs":{"x":{"$id":"leaf","const":1}}}"##,
      valid: ["1"], invalid: ["2"]),
    .init(
      ##"{"$id":"https://a.example/x/root","$ref":"../y/leaf#n","$defs":{"x":{"$id":"/y/leaf","$defs":{"q":{"$anchor":"n","const":1}}}}}"##,
      valid: ["1"], invalid: ["2"]),
    .init(
      ##"{"$id":"urn:uuid:deadbeef-1234-ff00-00ff-4321feebdaed","$ref":"#/$defs/n","$defs":{"n":{"const":1}}}"##,
      valid: ["1"], invalid: ["2"]),
    // A property called $ref is a property.
    .init(##"{"properties":{"$ref":{"type":"string"}}}"##, valid: [##"{"$ref":"a"}"##], invalid: [##"{"$ref":2}"##]),
    // $id and $ref inside enum and const are data.
    .init(##"{"const":{"$ref":"#/nowhere"}}"##, valid: [##"{"$ref":"#/nowhere"}"##], invalid: ["{}"]),
    .init(
      ##"{"$ref":"https://json-schema.org/draft/2020-12/schema"}"##,
      valid: [#"{"minLength":1}"#, "true", ##"{"$ref":"other.json"}"##, #"{"format":"iban"}"#],
      invalid: [#"{"minLength":-1}"#, "12", #"{"required":["a","a"]}"#, #"{"type":["null","null"]}"#]),
    .init(
      ##"{"type":"object","properties":{"v":{"$ref":"#/$defs/tree"}},"$defs":{"tree":{"properties":{"kids":{"items":{"$ref":"#/$defs/tree"}},"n":{"type":"integer"}}}}}"##,
      valid: [#"{"v":{"kids":[{"n":1,"kids":[]}]}}"#], invalid: [#"{"v":{"kids":[{"kids":[{"n":"x"}]}]}}"#]),
  ]

  // MARK: - Faults

  @Test(arguments: [
    (#"{"tpye":"string"}"#, "/tpye"),
    (#"{"properties":{"a":{"unevaluatedProperties":false}}}"#, "/properties/a/unevaluatedProperties"),
    (##"{"$dynamicRef":"#a"}"##, "/$dynamicRef"), (#"{"contentEncoding":"base64"}"#, "/contentEncoding"),
    (#"{"format":"iban"}"#, "/format"), (#"{"type":"text"}"#, "/type"), (#"{"minLength":-1}"#, "/minLength"),
    (#"{"required":"a"}"#, "/required"), (#"{"required":["a","a"]}"#, "/required"),
    (#"{"type":["string","string"]}"#, "/type"),
    (#"{"pattern":"(a"}"#, "/pattern"), (#"{"pattern":"(?=a)"}"#, "/pattern"),
    (#"{"multipleOf":0}"#, "/multipleOf"), (#"{"allOf":[]}"#, "/allOf"), (#"{"properties":{"a":1}}"#, "/properties/a"),
    (##"{"$ref":"#/$defs/none"}"##, "/$ref"), (##"{"$ref":"https://elsewhere.example/x"}"##, "/$ref"),
    (##"{"$schema":"http://json-schema.org/draft-07/schema#"}"##, "/$schema"),
    (##"{"$ref":"#"}"##, "/"), (##"{"$defs":{"a":{"allOf":[{"$ref":"#/$defs/a"}]}}}"##, "/$defs/a"),
  ])
  func aFaultIsNamedWithItsPlace(schema: String, place: String) throws {
    let places = try schemaFaults(schema)
    #expect(places == [place])
  }

  @Test func allFaultsAreTold() throws {
    let places = try schemaFaults(#"{"type":"text","properties":{"a":{"minimum":"x"},"b":{"format":"x"}}}"#)
    #expect(places == ["/type", "/properties/a/minimum", "/properties/b/format"])
  }
}
