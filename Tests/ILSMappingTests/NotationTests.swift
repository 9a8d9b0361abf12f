import ILSRecord
import ILSMapping
import Testing

/// How opticians and their systems write lenses, and what each notation means: sphere, cylinder, axis, addition, prism, base.
///
/// What is not certainly one lens is refused (nil), and stays for a person to read: nothing of it is guessed.
@Suite struct NotationTests {
  /// The text, and its parts as `sphere cylinder axis add prism base`, `-` for none.
  static let lenses: [(String, String?)] = [
    // A sphere alone; DS, D.S., sph say that there is no cylinder.
    ("-2.50", "-2.50 - - - - -"), ("+2.50", "2.50 - - - - -"), ("2.50", "2.50 - - - - -"),
    ("-2.50 DS", "-2.50 - - - - -"),
    ("-2.50DS", "-2.50 - - - - -"), ("-2.50 sph", "-2.50 - - - - -"), ("-2.50 D", "-2.50 - - - - -"),
    ("-2.50 Sphere", "-2.50 - - - - -"), ("+0.25 DS", "0.25 - - - - -"), ("-12.00 DS", "-12.00 - - - - -"),
    ("-2.5", "-2.5 - - - - -"), ("-2", "-2 - - - - -"), ("- 2.50", "-2.50 - - - - -"),
    ("\u{2212}2.50", "-2.50 - - - - -"),
    ("-2,50", "-2.50 - - - - -"), ("0.00", "0.00 - - - - -"), ("+0.00", "0.00 - - - - -"), ("-0.00", "0.00 - - - - -"),
    (".50", "0.50 - - - - -"), ("-.75", "-0.75 - - - - -"), ("-2.50 / DS", "-2.50 - - - - -"),
    ("-2.125", "-2.125 - - - - -"), ("+1.12", "1.12 - - - - -"),
    // No power.
    ("plano", "0 - - - - -"), ("Plano DS", "0 - - - - -"), ("PL", "0 - - - - -"), ("pl sph", "0 - - - - -"),
    ("\u{221E}", "0 - - - - -"), ("PLANO", "0 - - - - -"), ("plan", "0 - - - - -"),
    // With a cylinder and its axis.
    ("-2.50/-1.00x90", "-2.50 -1.00 90 - - -"), ("-2.50 / -1.00 x 90", "-2.50 -1.00 90 - - -"),
    ("-2.50 -1.00 x 90", "-2.50 -1.00 90 - - -"), ("-2.50/-1.00 X 090", "-2.50 -1.00 90 - - -"),
    ("-2.50/-1.00 @ 90", "-2.50 -1.00 90 - - -"), ("-2.50/-1.00 ax 90", "-2.50 -1.00 90 - - -"),
    ("-2.50/-1.00 axis 90", "-2.50 -1.00 90 - - -"), ("-2.50/-1.00x90\u{B0}", "-2.50 -1.00 90 - - -"),
    ("-2.50/-1.00\u{D7}90", "-2.50 -1.00 90 - - -"), ("-2.50/-1.00*90", "-2.50 -1.00 90 - - -"),
    ("-2.50 DS / -1.00 DC x 90", "-2.50 -1.00 90 - - -"), ("-2.50DS/-1.00DCx90", nil),
    ("-2.50 sph -1.00 cyl axis 90", "-2.50 -1.00 90 - - -"), ("-2,50/-1,00x90", "-2.50 -1.00 90 - - -"),
    ("+1.50/+0.75x5", "1.50 0.75 5 - - -"), ("+1.50/-0.75x005", "1.50 -0.75 5 - - -"),
    ("plano/-0.75x180", "0 -0.75 180 - - -"), ("PL/-0.75x180", "0 -0.75 180 - - -"),
    ("plano -0.75 x 12", "0 -0.75 12 - - -"),
    ("\u{221E}/-0.75x12", "0 -0.75 12 - - -"), ("-2.50/-1.00x0", "-2.50 -1.00 180 - - -"),
    ("-2.50/-1.00x180", "-2.50 -1.00 180 - - -"), ("-2.50/-1.00x1", "-2.50 -1.00 1 - - -"),
    ("0.00/-0.25x45", "0.00 -0.25 45 - - -"), ("- 2.50 / - 1.00 x 90", "-2.50 -1.00 90 - - -"),
    ("-2.50/-0.00x90", "-2.50 0.00 90 - - -"), ("-2.50/-1.00x 90", "-2.50 -1.00 90 - - -"),
    ("-2.50/-1.00 x90deg", "-2.50 -1.00 90 - - -"), ("-2.5/-1x90", "-2.5 -1 90 - - -"),
    ("-2.50/-1.00/x90", "-2.50 -1.00 90 - - -"), ("-2.50 / -1.00 / 90", nil),
    // An addition.
    ("-2.50 add +2.00", "-2.50 - - 2.00 - -"), ("-2.50 DS add 2.00", "-2.50 - - 2.00 - -"),
    ("-2.50/-1.00x90 add +2.00", "-2.50 -1.00 90 2.00 - -"), ("-2.50/-1.00x90 Add: +2.00", "-2.50 -1.00 90 2.00 - -"),
    ("-2.50/-1.00x90 / add 2.25", "-2.50 -1.00 90 2.25 - -"), ("plano add +1.50", "0 - - 1.50 - -"),
    ("plano/-0.75x180 add +1,75", "0 -0.75 180 1.75 - -"), ("+1.00 ADD +2.50 DS", "1.00 - - 2.50 - -"),
    ("+1.00 addition 2.50", "1.00 - - 2.50 - -"), ("+1.00add+2.50", "1.00 - - 2.50 - -"),
    // A prism and its base.
    ("-2.50 2 BU", "-2.50 - - - 2 up"), ("-2.50 2\u{394} base up", "-2.50 - - - 2 up"),
    ("-2.50 1.5 BD", "-2.50 - - - 1.5 down"),
    ("-2.50 3 BI", "-2.50 - - - 3 in"), ("-2.50 3 base out", "-2.50 - - - 3 out"), ("-2.50 3^ BO", "-2.50 - - - 3 out"),
    ("-2.50/-1.00x90 2 BU", "-2.50 -1.00 90 - 2 up"), ("-2.50/-1.00x90 add +2.00 2 BU", "-2.50 -1.00 90 2.00 2 up"),
    ("-2.50/-1.00x90 2 BU add +2.00", "-2.50 -1.00 90 2.00 2 up"), ("plano 1 BI", "0 - - - 1 in"),
    ("-2.50 2 pd base in", "-2.50 - - - 2 in"), ("-2.50 0.5 BI", "-2.50 - - - 0.5 in"),
    ("-2.50 2,5 BO", "-2.50 - - - 2.5 out"),
    // Two prisms are one of another direction: for a person to add up.
    ("-2.50 2 BU 1 BI", nil), ("-2.50 2 BU & 1 BI", nil),
    // Balance, frosted and the like are lenses without a power of their own.
    ("BAL", nil), ("Balance", nil), ("bal lens", nil), ("frosted", nil), ("NIL", nil), ("none", nil), ("n/a", nil),
    ("-", nil),
    ("as previous", nil), ("see notes", nil), ("?", nil), ("ISQ", nil), ("not tested", nil),
    // A cylinder without an axis, an axis without a cylinder, a second number whose kind nobody says.
    ("-2.50/-1.00", nil), ("-2.50 -1.00", nil), ("-2.50 x 90", nil), ("-2.50/x90", nil), ("-2.50 -1.00 90", nil),
    ("-2.50/-1.00x", nil), ("/-1.00x90", nil), ("x90", nil), ("-2.50 2.00", nil), ("-2.50 2", nil), ("-2.50 BU", nil),
    // An axis that is none.
    ("-2.50/-1.00x181", nil), ("-2.50/-1.00x270", nil), ("-2.50/-1.00x-90", nil), ("-2.50/-1.00x9.5", nil),
    ("-2.50/-1.00xH", nil), ("-2.50/-1.00xV", nil), ("-2.50/-1.00x1800", nil), ("-2.50/-1.00x90/180", nil),
    // Hundredths, and what is beyond a lens.
    ("-250", nil), ("-0250", nil), ("-250/-100x90", nil), ("-2.50/-100x90", nil), ("+075", nil), ("-75", nil),
    ("41", nil),
    ("-40.25", nil), ("-2.50/-1.00x90 add 200", nil), ("1e1", nil), ("-2.5000", nil),
    // Signs that contradict or stand nowhere.
    ("+-2.50", nil), ("-+2.50", nil), ("--2.50", nil), ("\u{B1}0.25", nil), ("-2.50/+-1.00x90", nil), ("-2..50", nil),
    ("-2.5.0", nil), ("-2 50", nil), ("- 2. 50", nil), ("-2.50,", nil), ("-2.50;-2.25", nil),
    // Both eyes, two lenses, or something else in one cell.
    ("R -2.50 L -2.25", nil), ("-2.50 | -2.25", nil), ("R: -2.50/-1.00x90", nil), ("OD -2.50", nil), ("-2.50 OU", nil),
    ("-2.50, -2.25", nil), ("-2.50/-1.00x90 -2.25/-0.75x85", nil), ("-2.50 (-2.25)", nil), ("-2.50 to -2.75", nil),
    ("6/6", nil), ("20/20", nil), ("6/9-2", nil), ("63", nil), ("31.5/31.5", nil), ("12/03/2024", nil), ("N5", nil),
    ("-2.50 6/6", nil), ("-2.50/-1.00x90 6/6", nil), ("-2.50/-1.00x90 (6/6)", nil), ("-2.50 N5", nil),
    ("8.6 14.2", nil),
    ("-2.50 8.6/14.2", nil), ("BC 8.6", nil), ("add +2.00", nil), ("+2.00 add", nil), ("2 BU", nil), ("-2.50 add", nil),
    ("-2.50 add x90", nil), ("-2.50 add plano", nil), ("-2.50 add +1.00 add +2.00", nil),
    ("-2.50 inter +1.00 add +2.00", nil),
    ("-2.50 0 BU", nil), ("-2.50 -2 BU", nil), ("-2.50 2 B", nil), ("-2.50 2 base", nil), ("-2.50 2 BU 90", nil),
    ("-2.50 2 @ 90", nil), ("-2.50 2 base 90", nil), ("-2.50 2 up", nil), ("-2.50/-1.00x90x45", nil), ("/", nil),
    ("S-2.50 C-1.00 A90", nil), ("-2.50\n-1.00x90", nil), ("-2.50 mm", nil), ("$2.50", nil), ("#REF!", nil),
    ("-25", nil), ("-25 DS", nil), ("-12/-1.00x90", nil), ("-10 DS", "-10 - - - - -"),
    ("-12.00/-1.00x90", "-12.00 -1.00 90 - - -"),
    ("-2.50-1.00x90", "-2.50 -1.00 90 - - -"), ("+2.50+1.00x90", "2.50 1.00 90 - - -"),
    ("-2.50\t/\t-1.00x90", "-2.50 -1.00 90 - - -"),
    ("-2.50\u{2013}1.00x90", "-2.50 -1.00 90 - - -"), ("PLANO/-1.00X90 ADD 2.50 1 BI", "0 -1.00 90 2.50 1 in"),
    ("+6.00/-2.25x172", "6.00 -2.25 172 - - -"), ("-2.50/-1.00 x 090 degrees", "-2.50 -1.00 90 - - -"), ("00", nil),
    ("R/E -2.50", nil),
    ("VA 6/6 -2.50", nil), ("-2.50 oblique", nil), ("0", "0 - - - - -"),
    ("-2.50 DS DS", nil), ("-2.50 DC", nil), ("DS -2.50", nil),
  ]

  @Test(arguments: lenses) func aLensIsReadWholeOrRefused(_ lens: String, _ parts: String?) throws {
    func part(_ name: String) throws -> String {
      let outcome = try text(#"{"transform":"prescription","part":"\#(name)"}"#, lens)
      return outcome == "null" ? "-" : outcome
    }
    if let parts {
      let read = try ["sphere", "cylinder", "axis", "add", "prism", "base"].map(part).joined(separator: " ")
      #expect(read == parts, "\(lens)")
    } else {
      #expect(try part("sphere") == "prescription.unreadable", "\(lens)")
    }
  }

  @Test func thereAreTwoHundred() {
    #expect(Self.lenses.count >= 200)
    #expect(Set(Self.lenses.map(\.0)).count == Self.lenses.count)
  }
}
