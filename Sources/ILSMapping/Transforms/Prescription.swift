import ILSRecord

/// One part of a lens that is written in one field.
struct Prescription: Transform {
  enum Part: String, CaseIterable, Sendable {
    case sphere, cylinder, axis, add, prism, base
  }

  let part: Part
  /// Whether the lens shall be one with a minus cylinder; nil: as it was written.
  let isMinus: Bool?

  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let text = try run.loadTrimmed(value) else { return }
    guard var lens = LensPrescription(text) else {
      throw RecordError(
        .prescriptionUnreadable, "not the prescription of one lens, such as -2.50/-1.00x90 add +2.00 2 BU")
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

  private func take(_ json: [UInt8]?, _ run: inout TransformRun) {
    if let json { run.becomeJSON(json) } else { run.form = .null }
  }
}

extension NamedTransform {
  static let prescription = NamedTransform(
    "prescription",
    [
      .init("part", .choice(Prescription.Part.allCases.map(\.rawValue)), isRequired: true),
      .init("cylinder", .choice(["minus", "plus"])),
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
  ) { options in
    [
      Prescription(
        part: options.text("part").flatMap { Prescription.Part(rawValue: $0) } ?? .sphere,
        isMinus: options.text("cylinder").map { $0 == "minus" })
    ]
  }

  private static func examples(
    _ part: String, _ rows: [(value: String, outcome: String)]
  ) -> [(options: String, value: String, outcome: String)] {
    rows.map { ("\"part\":\"\(part)\"", $0.value, $0.outcome) }
  }
}
