import ILSRecord

/// One part of a contact lens's shape in millimetres: `8.6/14.2`, `BC 8.60 DIA 14.2`.
struct ContactLensShape: Transform {
  enum Part: String, CaseIterable, Sendable { case baseCurve, diameter }

  let part: Part

  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let text = try run.loadTrimmed(value) else { return }
    guard let shape = Self.read(text.lowercased()) else {
      throw RecordError(
        .lensUnreadable, "not the shape of a contact lens in millimetres, such as 8.6/14.2 or BC 8.6 DIA 14.2")
    }
    if let size = part == .baseCurve ? shape.curve : shape.diameter {
      run.becomeJSON(Array(size.utf8))
    } else {
      run.form = .null
    }
  }

  private typealias Shape = (curve: String?, diameter: String?)

  private static let names: [String: Part] = [
    "bc": .baseCurve, "bcor": .baseCurve, "bozr": .baseCurve, "dia": .diameter, "diam": .diameter,
    "diameter": .diameter,
    "td": .diameter,
  ]

  /// Lenses of glass and of silicone: in hundredths of a millimetre.
  private static let curves = 500...1050
  private static let diameters = 750...2400

  /// Without names, the base curve stands first; one number without a name may be either.
  private static func read(_ text: String) -> Shape? {
    var found: [(part: Part?, text: String, size: Int)] = []
    var name: Part?
    for word in words(text) {
      if let known = names[word] {
        if name != nil { return nil }
        name = known
      } else if word == "mm" {
        if found.isEmpty || name != nil { return nil }
      } else {
        guard let size = size(word) else { return nil }
        found.append((name, word, size))
        name = nil
      }
    }
    guard name == nil, (1...2).contains(found.count) else { return nil }
    if found.count == 2, found.allSatisfy({ $0.part == nil }) {
      (found[0].part, found[1].part) = (.baseCurve, .diameter)
    }
    let curve = found.first { $0.part == .baseCurve }
    let diameter = found.first { $0.part == .diameter }
    guard found.count == (curve == nil ? 0 : 1) + (diameter == nil ? 0 : 1),
      curve.map({ curves.contains($0.size) }) ?? true, diameter.map({ diameters.contains($0.size) }) ?? true,
      curve.map({ $0.size < diameter?.size ?? Int.max }) ?? true
    else { return nil }
    return (curve?.text, diameter?.text)
  }

  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    func isOfNumber(_ character: Character?) -> Bool {
      character.map { $0.isNumber || $0 == "." || $0 == "," } ?? false
    }
    var isOpen = false
    for character in text {
      if character.isWhitespace || "/:;=".contains(character) || character == "," && !isOfNumber(words.last?.last) {
        isOpen = false
      } else if isOpen, isOfNumber(words.last?.last) == isOfNumber(character) {
        words[words.count - 1].append(character)
      } else {
        words.append(String(character))
        isOpen = true
      }
    }
    return words.map { word in
      let word = word.hasSuffix(",") ? String(word.dropLast()) : word
      return isOfNumber(word.last)
        ? word.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ".") : word
    }
  }

  /// In hundredths; nil for what is no number of two decimals at most.
  private static func size(_ word: String) -> Int? {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }),
      let whole = Int(parts[0]), parts[0].count <= 2, !parts[0].hasPrefix("0")
    else { return nil }
    guard parts.count == 2 else { return whole * 100 }
    guard parts[1].count <= 2, let fraction = Int(parts[1]) else { return nil }
    return whole * 100 + (parts[1].count == 1 ? fraction * 10 : fraction)
  }
}

extension NamedTransform {
  static let contactLensShape = NamedTransform(
    "contact_lens_shape", [.init("part", .choice(ContactLensShape.Part.allCases.map(\.rawValue)), isRequired: true)],
    isIdempotent: false,
    examples: of(
      #""part":"baseCurve""#,
      [
        ("8.6/14.2", "8.6"), ("BC 8.60 DIA 14.2", "8.60"), ("8.6 14.2", "8.6"), ("BC: 8.6", "8.6"), ("8,6/14,2", "8.6"),
        ("DIA 14.2, BC 8.6", "8.6"), ("7.80/9.60", "7.80"), ("BOZR 7.8mm TD 9.6mm", "7.8"), ("8.6mm/14.2mm", "8.6"),
        ("BC8.6/DIA14.2", "8.6"), ("bc=8.6;dia=14.2", "8.6"), ("DIA 14.2", "null"), (" ", "null"),
        ("8.6", "lens.unreadable"), ("14.2", "lens.unreadable"), ("14.2/8.6", "lens.unreadable"),
        ("860/142", "lens.unreadable"), ("8.6/14.2/-3.00", "lens.unreadable"),
        ("BC 14.2 DIA 8.6", "lens.unreadable"), ("8.6/8.6", "lens.unreadable"),
        ("BC 8.6 8.4", "lens.unreadable"), ("BC 8.6 BC 8.4", "lens.unreadable"),
        ("median", "lens.unreadable"), ("8.6/14.2 DIA", "lens.unreadable"), ("BC", "lens.unreadable"),
        ("8.600/14.2", "lens.unreadable"), ("08.6/14.2", "lens.unreadable"),
        ("4.9/14", "lens.unreadable"),
        ("8.6/14.2in", "lens.unreadable"), ("-8.6/14.2", "lens.unreadable"),
        ("8.6,14.2", "lens.unreadable"),
      ])
      + of(
        #""part":"diameter""#,
        [
          ("8.6/14.2", "14.2"), ("DIA 14.2 BC 8.6", "14.2"), ("8.6 14", "14"), ("BC 8.6", "null"),
          ("DIA: 14.20", "14.20"),
          ("7.80/9.60", "9.60"), ("9.6", "lens.unreadable"), ("8.6 DIA 25", "lens.unreadable"),
          ("8.6 DIA 14.2", "lens.unreadable"),
        ])
  ) { options in
    [ContactLensShape(part: options.text("part").flatMap { ContactLensShape.Part(rawValue: $0) } ?? .baseCurve)]
  }
}
