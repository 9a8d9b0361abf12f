/// Words that names of columns are made of, in the languages that exports come in. They are evidence, and no more: a row that
/// holds some is more likely one of names.
enum ColumnWords {
  /// Whether `cell` holds one of the words: `Chart No`, `last_name`, `DateOfBirth`, `Geburtsdatum`.
  static func isKnown(_ cell: [UInt8]) -> Bool {
    guard cell.count <= 64, CellKind(cell) == .word || CellKind(cell) == .code else { return false }
    return words(cell).contains { known.contains($0) }
  }

  /// The words of a name, in lower case: split where letters end, and where a capital follows a small letter.
  private static func words(_ cell: [UInt8]) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var wasSmall = false
    func end() {
      if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self).lowercased()) }
      word = []
    }
    for byte in cell {
      let isCapital = (0x41...0x5A).contains(byte)
      let isLetter = isCapital || (0x61...0x7A).contains(byte) || byte >= 0x80
      if !isLetter || (isCapital && wasSmall) { end() }
      if isLetter { word.append(byte) }
      wasSmall = isLetter && !isCapital
    }
    end()
    return words
  }

  private static let known: Set<String> = Set(
    """
    id nr no num number name names first last given surname lastname firstname fullname forename middle family maiden dob birth
    birthdate born birthday date sex gender phone telephone tel mobile fax email mail address street addr city town state zip
    zipcode postal postcode country county note notes comment comments remark remarks memo chart mrn patient patients customer
    client account acct order code codes type status title price amount total qty quantity description desc value result results
    unit units time timestamp year month day visit doctor provider physician insurance payer plan policy member subscriber guarantor
    sphere sph cylinder cyl axis add prism eye lens frame brand model color colour size clinic branch location office department
    ssn npi dx diagnosis test specimen lab range flag ssn race ethnicity language marital created updated modified source file
    key index label category class region latitude longitude lat lon lng url key text score weight height
    vorname nachname familienname geburtsdatum geburtstag geboren strasse straße plz ort stadt land telefon handy kunde kundennummer
    kundennr datum geschlecht anrede bemerkung bemerkungen notiz betrag menge nummer filiale krankenkasse versicherung arzt preis
    nom prénom prenom naissance sexe adresse rue ville cp pays téléphone courriel remarque remarques dossier médecin montant
    nombre apellido apellidos fecha nacimiento sexo dirección direccion ciudad provincia país pais teléfono telefono correo notas
    """.split { $0 == " " || $0 == "\n" }.map(String.init))
}
