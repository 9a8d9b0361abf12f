import ILSRecord

/// The styles of a workbook's cells, by the number that a cell names.
struct StyleTable {
  /// What a style does to a number, as one byte: what the loop over cells asks for.
  enum Effect: UInt8 { case none, date, dateTime, time, elapsed, padded, percent, worded, scaled, negated, lettered }

  /// What a style does to whatever a cell holds.
  struct Mark: OptionSet, Sendable {
    let rawValue: UInt8
    static var struck: Mark { Mark(rawValue: 1) }
    /// The text has the colour of what is behind it, or the format shows nothing.
    static var unseen: Mark { Mark(rawValue: 2) }
    var isStruck: Bool { contains(.struck) }
    var isUnseen: Bool { contains(.unseen) }
  }

  private var effects: [Effect] = []
  /// Templates of padded styles, by style.
  private var templates: [Int: [UInt8]] = [:]
  var is1904 = false
  /// What each style marks its cells with.
  private var marks: [Mark] = []
  /// Whether there are any: asked of every cell.
  private(set) var hasMarks = false

  /// Excel has 65,490; a cell that names one beyond is not styled.
  private static var limit: Int { 65_536 }

  mutating func append(_ style: CellStyle, _ mark: Mark = []) {
    guard effects.count < Self.limit else { return }
    marks.append(mark)
    if !mark.isEmpty { hasMarks = true }
    switch style {
    case .number: effects.append(.none)
    case .date(withTime: false): effects.append(.date)
    case .date(withTime: true): effects.append(.dateTime)
    case .time: effects.append(.time)
    case .elapsed: effects.append(.elapsed)
    case .percent: effects.append(.percent)
    case .worded: effects.append(.worded)
    case .scaled: effects.append(.scaled)
    case .negated: effects.append(.negated)
    case .lettered: effects.append(.lettered)
    case .padded(let template):
      templates[effects.count] = template
      effects.append(.padded)
    }
  }

  @inline(__always)
  func effect(_ style: Int) -> Effect {
    effects.withUnsafeBufferPointer { style >= 0 && style < $0.count ? $0[style] : .none }
  }

  @inline(__always)
  func mark(_ style: Int) -> Mark {
    marks.withUnsafeBufferPointer { style >= 0 && style < $0.count ? $0[style] : [] }
  }

  func template(_ style: Int) -> [UInt8] { templates[style] ?? [] }
}

extension StyleTable.Effect {
  var style: CellStyle {
    switch self {
    case .none, .padded, .percent, .worded, .scaled, .negated, .lettered: .number
    case .date: .date(withTime: false)
    case .dateTime: .date(withTime: true)
    case .time: .time
    case .elapsed: .elapsed
    }
  }
}
