import ILSRecord

/// Filled up to a width: lost leading zeros come back.
struct Pad: Transform {
  /// In characters.
  let width: Int
  let filler: UInt8
  let isAtEnd: Bool

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    try run.load(value)
    let missing = width - run.text.bytes.count { $0 & 0xC0 != 0x80 }
    run.spare.removeAll()
    if isAtEnd { run.spare.append(run.text.bytes) }
    if missing > 0 { for _ in 0..<missing { run.spare.append(filler) } }
    if !isAtEnd { run.spare.append(run.text.bytes) }
    run.turn()
  }
}

extension NamedTransform {
  static let pad = NamedTransform(
    "pad",
    [
      .init("width", .integer(1...1000), isRequired: true), .init("with", .character),
      .init("side", .choice(["left", "right"])),
    ],
    examples: [
      (#""width":5"#, "2134", "02134"), (#""width":5"#, "123456", "123456"),
      (#""width":3,"with":" ","side":"right""#, "é", "é  "),
    ]
  ) { options in
    [
      Pad(
        width: options.integer("width") ?? 0, filler: options.text("with")?.utf8.first ?? UInt8(ascii: "0"),
        isAtEnd: options.text("side") == "right")
    ]
  }
}
