import Foundation
import Testing

/// Whatever reads a file says the same of it: ils-parse, its --preview and --explain, its manifest, and ils-migrate.
@Suite struct FrontDoorTests {
  private static let files: [String: String] = [
    "rows.csv": """
    Patients of May

    MRN;First Name;Name;Name
    ="007";M?ller;Kern;x
    ="008";Jos\u{C3}\u{A9};Falk;y
    MRN;First Name;Name;Name
    Page 1;;;
    9;An\u{200B}n;Lang;z
    Total;3;;
    10;Eva;Vogt

    """,
    "answer.json": #"{"data":[{"mrn":"1","firstName":"Jos\u00c3\u00a9"}],"next":null}"#,
    "one.txt": "import os\nprint(1)\n",
    "side.csv": "Name,Vogt\nBirthday,1980-01-02\nSex,F\n",
    "units.csv": "\u{FEFF}rec,weight,born\n,kg,date\n1,70,1980-01-02\n2,80,1981-02-03\n3,90,1982-03-04\n",
  ]

  @Test(arguments: files.keys.sorted() + ["clinic.xlsx"]) func allSayTheSame(name: String) throws {
    let scratch = try Scratch()
    if let text = Self.files[name] {
      try scratch.write(name, text)
    } else {
      #expect(try scratch.run("cp \(Place.root)/scripts/samples/clinic/\(name) .").status == 0)
    }
    func told(_ options: String) throws -> [String] {
      let outcome = try scratch.run(
        "ils-parse --log-format json \(options) \(name) 2> told > out; jq -c 'del(.time)' told")
      return outcome.out.split(separator: "\n").map(String.init)
    }
    let parsed = try told("--manifest run.json")
    let explaining = try told("--explain")
    #expect(!parsed.isEmpty && parsed == explaining)
    let explained = try scratch.run("jq -c . out").out
    let previewing = try told("--preview --entity patients")
    #expect(parsed == previewing)
    #expect(try scratch.run("jq -c '.decisions[]' out").out == explained)
    #expect(try scratch.run("jq -c '.files[].decisions[]' run.json").out == explained)

    _ = try told("")
    let lines = try scratch.run(
      "jq -r 'select(.code | startswith(\"run.\") or startswith(\"csv.ragged\") | not) | .message + \" [\" + .code + \"]\"' told"
    )
    let migrated = try scratch.run("ils-migrate patients \(name) --validate-only --keep run").out
    for line in lines.out.split(separator: "\n") { #expect(migrated.contains(line), "\(line)") }
  }
}
