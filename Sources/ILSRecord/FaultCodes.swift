/// The codes of one room: an enum whose raw values are the codes, each with its meaning and its mending beside it.
///
/// A code is stable: programs read it out of rejects and diagnostics. A new one is a case and a line of `texts`; the
/// compiler asks for both. `FaultCode.everyRoom` has them all, and scripts/dev/code-page writes ils-rejects(5) of them.
public protocol FaultCodes: RawRepresentable<String>, CaseIterable, Sendable {
  /// A sentence each: what was met, and how people mend it.
  var texts: (meaning: String, mending: String) { get }
}

/// A code with what it means and how it is mended.
public struct FaultCode: Equatable, Sendable {
  public let code: String
  public let meaning: String
  public let mending: String

  public init(_ code: String, _ meaning: String, _ mending: String) {
    (self.code, self.meaning, self.mending) = (code, meaning, mending)
  }

  /// All codes of one room.
  public static func all<Codes: FaultCodes>(of codes: Codes.Type) -> [FaultCode] {
    codes.allCases.map { FaultCode($0.rawValue, $0.texts.meaning, $0.texts.mending) }
  }
}

extension RecordError {
  public init(_ fault: some FaultCodes, field: String? = nil, message: String, value: String? = nil) {
    self.init(code: fault.rawValue, field: field, message: message, value: value)
  }

  public func isA(_ fault: some FaultCodes) -> Bool { code == fault.rawValue }
}

extension StopError {
  public init(_ status: ExitStatus, _ fault: some FaultCodes, _ message: String, at position: Position = Position()) {
    self.init(status, code: fault.rawValue, message, at: position)
  }

  public func isA(_ fault: some FaultCodes) -> Bool { code == fault.rawValue }
}

extension Diagnostic {
  public init(
    _ severity: Severity, _ fault: some FaultCodes, _ message: String, field: String? = nil,
    at position: Position = Position(), value: String? = nil
  ) {
    self.init(severity, code: fault.rawValue, message, field: field, at: position, value: value)
  }
}
