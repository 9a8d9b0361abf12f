import Foundation
import Testing

@testable import ILSMapping

/// Transposition is exact: it changes how a lens is written, and no more.
@Suite struct PrescriptionTests {
  /// Lenses of all signs, by steps that do not divide one another.
  static var lenses: [LensPrescription] {
    var lenses: [LensPrescription] = []
    for sphere in stride(from: -12_000, through: 12_000, by: 1375) {
      for cylinder in stride(from: -6000, through: 6000, by: 625) {
        for axis in stride(from: 1, through: 180, by: 13) {
          guard var lens = LensPrescription("plano") else { continue }
          lens.sphere = .init(thousandths: sphere, decimals: 3)
          lens.cylinder = .init(thousandths: cylinder, decimals: 3)
          lens.axis = axis
          lenses.append(lens)
        }
      }
    }
    return lenses
  }

  @Test func twiceIsTheIdentity() {
    for lens in Self.lenses { #expect(lens.transposed.transposed == lens) }
  }

  @Test func theAxisStaysFromOneToAHundredAndEighty() {
    for lens in Self.lenses { #expect((1...180).contains(lens.transposed.axis ?? 0)) }
  }

  @Test func thePowerInAllMeridiansIsTheSame() {
    func power(_ lens: LensPrescription, at meridian: Int) -> Double {
      let turn = sin(Double(meridian - (lens.axis ?? 0)) * .pi / 180)
      return Double(lens.sphere.thousandths) + Double(lens.cylinder?.thousandths ?? 0) * turn * turn
    }
    for lens in Self.lenses {
      let other = lens.transposed
      let worst = stride(from: 0, to: 180, by: 7).map { abs(power(lens, at: $0) - power(other, at: $0)) }.max() ?? 0
      #expect(worst < 1e-6)
    }
  }

  /// No power and no axis is read out of words that are none.
  @Test(arguments: [
    "", "/", "x90", "add +2.00", "-2.50/x90", "-2.50/-1.00x", "-2.50/-1.00x90.5", "-2.50 add +2.00 add +1.00", "-41",
    "-2.50/-1.00x90 BU", "-2.50/-1.00x90 2", "OD -2.50", "-2.50 / -1.00 x 90 / -2.00", "6/6", "20/20",
    "-2.50/ -1.00 90",
    "1e1", "-.-", "+-2.50", "-2.5000", "2 BU",
  ]) func whatIsNoLensIsRefused(_ text: String) {
    #expect(LensPrescription(text) == nil)
  }
}
