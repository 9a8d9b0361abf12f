import ILSMapping
import ILSValidation

extension FaultCode {
  /// The codes of every room that refuses records.
  public static let everyRoom: [FaultCode] =
    all + stages + MappingFault.allCases.map { FaultCode($0.rawValue, $0.meaning, $0.mending) }
}
