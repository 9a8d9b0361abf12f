import ILSRecord

/// Takes records, and says behind the last what each of their fields holds: how full, how many different values, which most often,
/// of what patterns.
///
/// Memory does not grow with the number of records: what is counted exactly, and what as a bound, is said with the figures.
public struct ProfileStage: Stage {
  public private(set) var fields: [FieldProfile] = []
  public private(set) var records = 0
  private var places: [String: Int] = [:]
  private var plan: (shape: Int, fields: [(index: Int, place: Int)]) = (-1, [])
  private var (text, spare) = (Spare(), Spare())
  private var leftOut: Set<String> = []
  /// Whoever runs it shows the figures.
  private let isSilent: Bool

  private static let limit = 300
  /// For the values of the fields that the first record has, together.
  private static let memory = 64 << 20

  /// A buffer of its own in each stage.
  private final class Spare { var buffer = OutputBuffer() }

  /// - Parameter isSilent: the figures are left in `fields`, and not written as a JSON object a field.
  public init(isSilent: Bool = false) { self.isSilent = isSilent }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    records += 1
    if record.shape.id != plan.shape { choosePlan(record.shape, &emit) }
    for (index, place) in plan.fields {
      let value = record[index]
      if value.isAbsent {
        fields[place].addEmpty()
        continue
      }
      guard value.hasEscapes else {
        fields[place].add(value.text, &spare.buffer)
        continue
      }
      text.buffer.removeAll()
      do throws(RecordError) {
        try value.decode(into: &text.buffer)
      } catch {
        throw .reject(Rejection(error))
      }
      fields[place].add(text.buffer.bytes, &spare.buffer)
    }
  }

  private mutating func choosePlan(_ shape: Shape, _ emit: inout Emitter) {
    let own = shape.names.indices.filter { !shape.names[$0].hasPrefix("_") }
    for index in own where places[shape.names[index]] == nil && fields.count < Self.limit {
      places[shape.names[index]] = fields.count
      let share = records == 1 ? Self.memory / max(own.count, 1) : 0
      fields.append(FieldProfile(shape.names[index], bytes: max(share, 200 << 10)))
    }
    let beyond = own.filter { places[shape.names[$0]] == nil }
    if !beyond.isEmpty, leftOut.isEmpty {
      leftOut = Set(beyond.map { shape.names[$0] })
      emit.tell(
        Diagnostic(
          .warning, ReportFault.profileFields,
          "only the first \(Self.limit) fields are profiled; \(shape.names[beyond[0]]) and what follows are not"))
    }
    plan = (shape.id, own.compactMap { index in places[shape.names[index]].map { (index, $0) } })
  }

  public mutating func finish(emit: inout Emitter) throws(StageError) {
    if isSilent { return }
    for field in fields {
      field.json(records: records).write(to: &emit.output)
      emit.output.append("\n")
    }
    emit.endRecord()
  }
}
