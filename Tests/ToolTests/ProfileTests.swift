import Testing

/// `ils-report --profile` and `ils-validate --fields`: what is there, and what may be there.
@Suite struct ProfileTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func eachFieldIsSaidToHoldWhatItHolds() throws {
    try scratch.write(
      "in", #"{"_row":2,"mrn":"007","city":"Ulm"}"# + "\n" + #"{"_row":3,"mrn":"12","city":"Ulm","note":null}"# + "\n")
    let said = try scratch.run(
      "ils-report --profile in | jq -c '[.field,.type,.records,.filled,.empty,.missing,.distinct,.distinctExact,.min,.max,.top,.patterns[0].pattern]'"
    )
    #expect(
      said.out == """
        ["mrn","text",2,2,0,0,2,true,"007","12",[{"value":"007","count":1},{"value":"12","count":1}],"99"]
        ["city","text",2,2,0,0,1,true,"Ulm","Ulm",[{"value":"Ulm","count":2}],"Aa+"]
        ["note","empty",2,0,1,1,0,true,null,null,null,null]

        """, "\(said.err)")
    #expect(said.err.contains("[profile.values]"))
  }

  @Test func atATerminalItIsATable() throws {
    try scratch.write("in", #"{"city":"U\u001b[31mlm"}"# + "\n")
    let said = try scratch.run("COLUMNS=200 script -qec 'ils-report --profile in' /dev/null")
    #expect(said.out.contains("FIELD") && said.out.contains("city") && !said.out.contains("\u{1B}[31m"), "\(said.out)")
  }

  @Test func fieldsAreListed() throws {
    let said = try scratch.run(
      "ils-validate --fields patients | jq -c 'select(.field == \"mrn\" or .field == \"dateOfBirth\")'")
    #expect(
      said.out == """
        {"field":"mrn","type":"string","required":false,"limits":"up to 50 characters","format":"","column":"mrn","identity":"identifier"}
        {"field":"dateOfBirth","type":"string","required":true,"limits":"from 1900-01-01, not after today","format":"date","column":"date_of_birth","identity":"description, with 2 more; must agree"}

        """, "\(said.err)")
    let orders = try scratch.run(
      "ils-validate --fields orders | jq -r 'select(.field == \"patientIdentifier\").identity'")
    #expect(orders.out.contains("names one of patients"), "\(orders.out)")
    #expect(try scratch.run("ils-validate --fields").status == 64)
  }
}
