import ILSRecord

/// One part of a lens that is written in one field, or of one of both eyes'.
struct Prescription: Transform {
  enum Part: String, CaseIterable, Sendable {
    case sphere, cylinder, axis, add, prism, base
  }

  let part: Part
  /// Whether the lens shall be one with a minus cylinder; nil: as it was written.
  let isMinus: Bool?
  /// Whose lens it is where the field has both; nil where it has one.
  let eye: EyeText.Eye?

  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let text = try run.loadTrimmed(value) else { return }
    guard var lens = try lens(in: text) else {
      run.form = .null
      return
    }
    if let isMinus, let power = lens.cylinder?.thousandths, isMinus ? power > 0 : power < 0 { lens = lens.transposed }
    switch part {
    case .sphere: run.becomeJSON(lens.sphere.json)
    case .cylinder: take(lens.cylinder?.json, &run)
    case .axis: take(lens.axis.map { Array(String($0).utf8) }, &run)
    case .add: take(lens.add?.json, &run)
    case .prism: take(lens.prism?.json, &run)
    case .base: if let base = lens.base { run.become(base) } else { run.form = .null }
    }
  }

  /// - Returns: nil where the text is the other eye's alone.
  private func lens(in text: String) throws(RecordError) -> LensPrescription? {
    guard let eye else {
      if let lens = LensPrescription(text) { return lens }
      throw RecordError(
        .prescriptionUnreadable, "not the prescription of one lens, such as -2.50/-1.00x90 add +2.00 2 BU")
    }
    if let both = EyeText(text) {
      let lenses = EyeText.Eye.allCases.map { both[$0].map { LensPrescription($0) } }
      let isRead = lenses.allSatisfy { $0.map { $0 != nil } ?? true }
      if isRead, !Self.hasSharedAddition(lenses[0] ?? nil, lenses[1] ?? nil, both.last) {
        return eye == .right ? lenses[0] ?? nil : lenses[1] ?? nil
      }
    }
    throw RecordError(
      .prescriptionUnreadable,
      "not the prescriptions of both eyes, each behind its name and with its own addition, such as R -2.50/-1.00x90 L plano"
    )
  }

  /// An addition behind both eyes may be that of the last, or of both: nobody can tell.
  private static func hasSharedAddition(_ right: LensPrescription?, _ left: LensPrescription?, _ last: EyeText.Eye)
    -> Bool
  {
    guard let right, let left else { return false }
    return last == .left ? left.add != nil && right.add == nil : right.add != nil && left.add == nil
  }

  private func take(_ json: [UInt8]?, _ run: inout TransformRun) {
    if let json { run.becomeJSON(json) } else { run.form = .null }
  }
}

extension NamedTransform {
  static let prescription = NamedTransform(
    "prescription",
    [
      .init("part", .choice(Prescription.Part.allCases.map(\.rawValue)), isRequired: true),
      .init("cylinder", .choice(["minus", "plus"])), .init("eye", .choice(EyeText.Eye.allCases.map(\.rawValue))),
    ],
    isIdempotent: false,
    examples: examples(
      "sphere",
      [
        ("-2.50/-1.00x90 add +2.00 2 BU", "-2.50"), ("plano / -0.75 x 180", "0"), ("+1.25 DS", "1.25"),
        ("-2,50 -1,00 x 90", "-2.50"), ("- 2.50 DS", "-2.50"), ("-250", "prescription.unreadable"),
        ("R -2.50 L -2.25", "prescription.unreadable"), ("-2.50/-1.00", "prescription.unreadable"),
        ("-2.50/-1.00x190", "prescription.unreadable"), ("BAL", "prescription.unreadable"), ("DS", "0"),
        ("-2.50 -1.00", "prescription.unreadable"), ("-2.50/-1.00x90x80", "prescription.unreadable"),
      ])
      + examples(
        "cylinder",
        [
          ("-2.50/-1.00x90 add +2.00", "-1.00"), ("-2.50 DS", "null"), ("+1.00 +0.50 @ 5", "0.50"),
          ("-2.50/-1.00 DC x 90\u{B0}", "-1.00"), ("-2.50/DS", "null"),
        ])
      + examples("axis", [("-2.50/-1.00x90", "90"), ("pl -0.25 axis 0", "180"), ("-1.00", "null")])
      + examples(
        "add",
        [("-2.50/-1.00x90 add +2.00 2 BU", "2.00"), ("-1.00 Add 1.5", "1.5"), ("-1.00 add", "prescription.unreadable")])
      + examples(
        "prism",
        [
          ("-1.00 2 BU", "2"), ("-1.00/-0.50x10 1.5\u{394} base in", "1.5"),
          ("-1.00 2 BU 1 BI", "prescription.unreadable"),
        ])
      + examples("base", [("-1.00 2 BU", "up"), ("-1.00 2 base out", "out"), ("-1.00", "null")])
      + [
        (#""part":"sphere","cylinder":"minus""#, "+1.00/+0.50x100", "1.50"),
        (#""part":"cylinder","cylinder":"minus""#, "+1.00/+0.50x100", "-0.50"),
        (#""part":"axis","cylinder":"minus""#, "+1.00/+0.50x100", "10"),
        (#""part":"axis","cylinder":"plus""#, "+1.00/+0.50x100", "100"),
        (#""part":"axis","cylinder":"plus""#, "-1.00/-0.50x90", "180"),
      ]
      + eyes(
        "sphere", "right",
        [
          ("R -2.50/-1.00x90 L plano", "-2.50"), ("OS +1.00 OD +2.25 DS", "2.25"), ("re: -1.00, le: -1.25", "-1.00"),
          ("RIGHT -1.00 / -0.50 x 10 | LEFT -2.00", "-1.00"), ("R-2.50 L-1.00", "-2.50"), ("L -1.00 DS", "null"),
          ("R: plano; L: plano", "0"), ("R +1.00 add +2.00 L +1.25 add +2.00", "1.00"), (" ", "null"),
          ("R -2.50 L", "prescription.unreadable"), ("R L -2.50", "prescription.unreadable"),
          ("-2.50 L -1.00", "prescription.unreadable"), ("-2.50/-1.00x90", "prescription.unreadable"),
          ("R -2.50 R -1.00", "prescription.unreadable"), ("R -2.50 L BAL", "prescription.unreadable"),
          ("R&L -2.50", "prescription.unreadable"), ("OU -2.50", "prescription.unreadable"),
          ("R -250 L -1.00", "prescription.unreadable"), ("R +1.00 L +1.25 add +2.00", "prescription.unreadable"),
          ("Rx -2.50 L -1.00", "prescription.unreadable"), ("R -2.50/-1.00x90 2 BU L -1.00", "-2.50"),
        ])
      + eyes(
        "sphere", "left",
        [
          ("R -2.50/-1.00x90 L plano", "0"), ("OS +1.00 OD +2.25 DS", "1.00"), ("R -2.50", "null"),
          ("L +1.00 R +1.25 add +2.00", "prescription.unreadable"), ("R -2.50 L -1.00 x", "prescription.unreadable"),
        ])
      + eyes("axis", "left", [("R -1.00/-0.50x90 L -1.00/-0.75x5", "5"), ("R -1.00/-0.50x90 L -1.00", "null")])
      + eyes("add", "left", [("R +1.00 add +1.50 L +1.25 add +2.00", "2.00"), ("R +1.00 add +1.50 L +1.25", "null")])
  ) { options in
    [
      Prescription(
        part: options.text("part").flatMap { Prescription.Part(rawValue: $0) } ?? .sphere,
        isMinus: options.text("cylinder").map { $0 == "minus" },
        eye: options.text("eye").flatMap { EyeText.Eye(rawValue: $0) })
    ]
  }

  private static func eyes(
    _ part: String, _ eye: String, _ rows: [(value: String, outcome: String)]
  ) -> [(options: String, value: String, outcome: String)] {
    rows.map { ("\"part\":\"\(part)\",\"eye\":\"\(eye)\"", $0.value, $0.outcome) }
  }

  private static func examples(
    _ part: String, _ rows: [(value: String, outcome: String)]
  ) -> [(options: String, value: String, outcome: String)] {
    rows.map { ("\"part\":\"\(part)\"", $0.value, $0.outcome) }
  }
}
