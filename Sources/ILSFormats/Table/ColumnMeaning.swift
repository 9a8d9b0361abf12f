/// What a column's name says that it holds, as far as spreadsheets are known to spoil such values.
enum ColumnMeaning {
  /// Whether values of a column so called are dates.
  static func isDate(_ name: String) -> Bool {
    let words = words(name)
    let joined = words.joined()
    return dateParts.contains { joined.contains($0) } || words.contains { dateWords.contains($0) || isOfDates($0) }
  }

  private static func isOfDates(_ word: String) -> Bool {
    word.hasPrefix("date") || (word.hasSuffix("date") && !["candidate", "mandate", "update"].contains(word))
  }

  static func isPostalCode(_ name: String) -> Bool {
    let words = words(name)
    return words.contains { postalWords.contains($0) } || ["zip", "postal"].contains { words.joined().hasPrefix($0) }
      || words.joined().hasSuffix("zip")
  }

  /// Whether values of a column so called are what people and things are known by, and no amounts.
  static func isKey(_ name: String) -> Bool {
    !keyWords.isDisjoint(with: words(ColumnMeaning.spaced(name)))
  }

  /// What an eye sees: 6/9, 20/40.
  static func isAcuity(_ name: String) -> Bool {
    !["va", "ucva", "bcva", "acuity", "visus", "vision"].allSatisfy { !words(ColumnMeaning.spaced(name)).contains($0) }
  }

  /// With a space where a capital follows a small letter.
  private static func spaced(_ name: String) -> String {
    var text = ""
    for letter in name {
      if letter.isUppercase, text.last?.isLowercase ?? false { text.append(" ") }
      text.append(letter)
    }
    return text
  }

  /// The name of a column that has none; the first is 1.
  static func nameless(_ number: Int) -> String { "column_\(number)" }

  /// Whether the table gave the column no name.
  static func isNameless(_ name: String) -> Bool {
    let number = name.dropFirst(nameless(1).count - 1)
    return Int(number).map { nameless($0) == name } ?? false
  }

  /// In lower case, split where letters end.
  private static func words(_ name: String) -> [String] {
    name.lowercased().split { !$0.isLetter }.map(String.init)
  }

  private static let dateParts = [
    "birth", "dob", "datum", "geburt", "geboren", "naissance", "nacimiento", "nascita", "nascimento", "fecha",
    "nacido", "lastvisit", "lastseen", "lastexam", "bday",
  ]
  private static let dateWords: Set<String> = [
    "data", "born", "geb", "né", "née", "nato", "created", "updated", "modified", "admitted", "discharged",
    "deceased", "died", "expires", "expiry", "issued", "received", "since", "seit", "day", "tag", "recall", "nasc",
  ]
  private static let keyWords: Set<String> = [
    "id", "no", "nr", "num", "number", "mrn", "chart", "zip", "plz", "postal", "postcode", "phone", "tel", "telephone",
    "mobile", "cell", "fax", "code", "account", "acct", "ssn", "npi", "patient", "order", "member", "policy", "nummer",
    "telefon", "patientid", "orderid", "kundennummer", "patientennummer", "dossier",
  ]
  private static let postalWords: Set<String> = ["zip", "zipcode", "plz", "postcode", "postal", "postleitzahl", "cp"]
}
