import ILSRecord

/// What was found out about the inputs, one object a line, in place of their records.
public final class Explanation: RecordGate {
  public init() {}

  /// Some things are known only once all has been read, such as how many rows are in another encoding.
  public var isSatisfied: Bool { false }

  public func filter(_ buffer: inout OutputBuffer) { buffer.removeAll() }

  public func finish(_ emitter: inout Emitter) {
    for decision in emitter.decisions {
      decision.json.write(to: &emitter.output)
      emitter.output.append(UInt8(ascii: "\n"))
    }
  }
}
