import Foundation
import ILSRecord
import ILSMapping
import Testing

@Suite struct MappingFileTests {
  @Test func everyFaultIsNamedWithItsPlace() throws {
    let found = try faults(
      #"""
      {"mapings":[],"mappings":[
       {"sourceField":"a","targetField":"b","transform":"upercase"},
       {"sourceField":"a","targetField":"b","transform":["trim",{"transform":"pad"}]},
       {"targetField":"_row","transform":{"input":"DD/MM"}},
       {"sourceField":"a","constant":1,"targetField":"c","required":"yes"},
       {"sourceField":"a","targetField":"d","transform":{"transform":"date_format","input":"DD/MM/DD","pivot":100,"time":1}},
       {"sourceFields":[],"targetField":"e","join":3},
       {"sourceField":"a","targetField":"f","join":",","otherwise":1,"transform":"custom","colour":1},
       {"sourceField":"a","targetField":"g","transform":["custom","custom"],"customTransform":"v => v"},
       {"sourceField":"a","targetField":"h","transform":{"transform":"trim","width":1}},
       {"constant":1,"targetField":"i","transform":"trim"},
       {"sourceField":"a","targetField":"j","transform":{"transform":"phone_e164","region":"XX"}},
       7]}
      """#)
    let places = found.map { $0.prefix { $0 != ":" } }
    #expect(
      places == [
        "mapings", "mappings[0].transform", "mappings[1].transform[1].width", "mappings[1].targetField",
        "mappings[2]", "mappings[2].targetField", "mappings[2].transform.transform", "mappings[3]",
        "mappings[3].required", "mappings[4].transform.pivot", "mappings[4].transform.time",
        "mappings[4].transform.input",
        "mappings[5].sourceFields", "mappings[6].colour", "mappings[6].join", "mappings[6].customTransform",
        "mappings[6].otherwise", "mappings[7].transform", "mappings[8].transform.width", "mappings[9].transform",
        "mappings[10].transform.region", "mappings[11]",
      ])
    #expect(found[1].hasSuffix(#"did you mean "uppercase"?"#))
  }

  @Test func aNameThatIsNearNoneGetsTheList() throws {
    let found = try faults(#"{"mappings":[{"sourceField":"a","targetField":"b","transform":"shout"}]}"#)
    #expect(found[0].contains("trim, uk_postcode, uppercase"))
  }

  @Test func whatIsNoMappingFileIsSaidSo() throws {
    #expect(try faults("[]").count == 1)
    #expect(try faults("{}") == ["mappings: is missing"])
    #expect(try faults(#"{"mappings":{}}"#) == ["mappings: must be an array, not an object"])
    #expect(try faults(#"{"mappings":[]}"#).isEmpty)
  }

  /// Each preset, on one record of the system that it is for.
  @Test(arguments: [
    (
      "optix",
      #"{"patient_number":"7","first_name":"Ann ","last_name":"Lee","dob":"31/01/1980","email":"A@B.ORG","phone":"","mobile":"07700 900123","address_1":"1 High St","city":"Leeds","county":"W Yorks","postcode":"ls1 1aa","patient_id":"P-7"}"#,
      #"{"mrn":"7","firstName":"Ann","lastName":"Lee","dateOfBirth":"1980-01-31","email":"a@b.org","phone":"07700 900123","address":"1 High St","city":"Leeds","state":"W Yorks","zipCode":"LS1 1AA","externalId":"P-7","importSource":"optix"}"#
    ),
    (
      "ocuco",
      #"{"PatientNumber":"7","FirstName":"Ann","Surname":"Lee","DateOfBirth":"31/01/1980","Email":"","HomeNumber":"020 7946 0018","MobileNumber":"","AddressLine1":"1 High St","Town":"Leeds","County":"","Postcode":"ls1 1aa","PatientID":""}"#,
      #"{"mrn":"7","firstName":"Ann","lastName":"Lee","dateOfBirth":"1980-01-31","email":null,"phone":"020 7946 0018","address":"1 High St","city":"Leeds","state":"","zipCode":"LS1 1AA","externalId":"","importSource":"ocuco"}"#
    ),
    (
      "acuity",
      #"{"id":"7","firstName":"Ann","lastName":"Lee","birthDate":"01/31/1980","email":"a@b.org","phone":"555-555-0100","cellPhone":"","address":"1 Main St","city":"Austin","state":"tx","zip":"02134"}"#,
      #"{"externalId":"7","firstName":"Ann","lastName":"Lee","dateOfBirth":"1980-01-31","email":"a@b.org","phone":"(555) 555-0100","address":"1 Main St","city":"Austin","state":"TX","zipCode":"02134","importSource":"acuity"}"#
    ),
  ]) func presetsKnowTheirSystem(_ name: String, _ record: String, _ expected: String) throws {
    let text = try String(contentsOfFile: "\(SuggestTests.data)/presets/\(name).json", encoding: .utf8)
    let mapped = try map(text, [record])
    #expect(mapped.lines == [expected])
    #expect(mapped.diagnostics.isEmpty, "\(mapped.diagnostics)")
  }
}
