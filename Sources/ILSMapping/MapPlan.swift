import ILSRecord

/// One target of a plan.
struct MapStep {
  /// The field that feeds it; -1 where it takes more, or none is there.
  var source: Int32 = -1
  /// Where its name, with comma, quotes and colon, stands among the plan's names.
  var nameStart: Int32 = 0
  var nameLength: Int32 = 0
  let mapping: Int32
  let kind: FastTransform.Kind
  let trims: Bool
  let caseFirst: UInt8
  let turnsEmptyToNull: Bool
  let dayFirst: Bool
  let isYearFirst: Bool
  let isOrderAssumed: Bool
  /// An absent value needs nothing but to be copied or to become null.
  let takesAbsent: Bool
  /// The table is the mapping's, which outlives the plan.
  let table: Unmanaged<ValueTable>?

  /// A field that is copied with the name that it has.
  init(copying source: Int, nameStart: Int, nameLength: Int) {
    self.source = Int32(source)
    self.nameStart = Int32(nameStart)
    self.nameLength = Int32(nameLength)
    mapping = -1
    kind = .copy
    trims = false
    caseFirst = 0
    turnsEmptyToNull = false
    dayFirst = false
    isYearFirst = false
    isOrderAssumed = false
    takesAbsent = true
    table = nil
  }

  init(_ mapping: FieldMapping, index: Int) {
    let fast = FastTransform(mapping.transforms)
    self.mapping = Int32(index)
    kind = fast.kind
    trims = fast.trims
    caseFirst = fast.caseFirst
    turnsEmptyToNull = fast.turnsEmptyToNull
    dayFirst = fast.dayFirst
    isYearFirst = fast.isYearFirst
    isOrderAssumed = fast.isOrderAssumed
    takesAbsent = !mapping.isRequired && mapping.defaultValue == nil
    table = fast.table.map { Unmanaged.passUnretained($0) }
  }
}

/// Which field of one shape feeds which target.
final class MapPlan {
  /// The shape's id; -1 for none.
  let shape: Int
  private let allSteps: UnsafeMutableBufferPointer<MapStep>
  /// The toolkit's own fields, then the mappings, then fields that are kept.
  var steps: UnsafeBufferPointer<MapStep> { UnsafeBufferPointer(allSteps) }
  /// The fields of each mapping that takes several.
  let sources: [[Int]]
  private let allNames: UnsafeMutableRawBufferPointer
  /// At least 16 bytes behind them are readable.
  var names: UnsafeRawPointer { UnsafeRawPointer(allNames.baseAddress!) }
  /// Fields that no mapping names, where they go into one.
  let gathered: [Int]
  /// Names of fields that no mapping names, wherever they go.
  let unmappedNames: [String]
  /// A kept field would take a target's name.
  let collision: RecordError?
  /// How many bytes a record may need beside its values, and how often each of its bytes may be written.
  let room: Int
  let uses: Int

  init(_ shape: Shape, _ mappings: [FieldMapping], _ policy: UnmappedFields) {
    self.shape = shape.id
    var uses = [Int](repeating: 1, count: shape.count)
    let own = shape.names.indices.filter { shape.names[$0].hasPrefix("_") }
    var used = Set(own)
    var names = OutputBuffer()
    var sources: [[Int]] = []
    var steps = own.map { MapPlan.copy($0, shape, &names) }
    for (index, mapping) in mappings.enumerated() {
      var step = MapStep(mapping, index: index)
      step.nameStart = Int32(names.count)
      names.append(UInt8(ascii: ","))
      names.appendJSONString(mapping.target)
      names.append(UInt8(ascii: ":"))
      step.nameLength = Int32(names.count) - step.nameStart
      let found = mapping.source.names.compactMap { shape.index(of: $0) }
      if case .field = mapping.source, let source = found.first { step.source = Int32(source) }
      for source in found { uses[source] += 1 }
      sources.append(found)
      used.formUnion(found)
      steps.append(step)
    }
    let rest = shape.names.indices.filter { !used.contains($0) }
    if policy == .keep { steps += rest.map { MapPlan.copy($0, shape, &names) } }
    if case .gather = policy { gathered = rest } else { gathered = [] }
    self.sources = sources
    self.uses = uses.max() ?? 1
    unmappedNames = rest.map { shape.names[$0] }
    collision = MapPlan.collision(unmappedNames, mappings, policy)
    room = names.count + steps.count * 32 + 256
    allSteps = .allocate(capacity: steps.count)
    _ = allSteps.initialize(from: steps)
    allNames = .allocate(byteCount: names.count + 16, alignment: 16)
    allNames.initializeMemory(as: UInt8.self, repeating: 0)
    allNames.copyMemory(from: names.bytes)
  }

  private static func copy(_ field: Int, _ shape: Shape, _ names: inout OutputBuffer) -> MapStep {
    let start = names.count
    names.append(UInt8(ascii: ","))
    names.append(shape.written(field))
    return MapStep(copying: field, nameStart: start, nameLength: names.count - start)
  }

  deinit {
    allSteps.deallocate()
    allNames.deallocate()
  }

  private static func collision(
    _ unmapped: [String], _ mappings: [FieldMapping], _ policy: UnmappedFields
  ) -> RecordError? {
    let taken: String? =
      switch policy {
      case .drop: nil
      case .gather(let field): mappings.contains { $0.target == field } ? field : nil
      case .keep: mappings.first { unmapped.contains($0.target) }?.target
      }
    return taken.map {
      RecordError(
        .mapCollision, field: $0,
        "a field that is kept has the name of a mapping's target: map it to another name")
    }
  }

  /// Says which source fields the mapping waits for in vain.
  func tellMissing(_ shape: Shape, _ mappings: [FieldMapping], at position: Position, _ emit: inout Emitter) {
    for mapping in mappings {
      for name in mapping.source.names where shape.index(of: name) == nil {
        emit.tell(
          Diagnostic(
            mapping.isRequired && mapping.defaultValue == nil ? .error : .warning, MappingNotice.mapNoSource,
            "the mapping's source field \"\(name)\" is not in the records: check its spelling", field: mapping.target,
            at: Position(file: position.file)))
      }
    }
  }
}
