import ILSRecord

/// The styles of a workbook's cells, by the number that a cell names.
struct StyleTable {
  /// What a style does to a number, as one byte: what the loop over cells asks for.
  enum Effect: UInt8 { case none, date, dateTime, time, elapsed, padded, percent, worded }

  private var effects: [Effect] = []
  /// Templates of padded styles, by style.
  private var templates: [Int: [UInt8]] = [:]
  var is1904 = false
  /// Styles whose text is struck through.
  private var struck: Set<Int> = []
  /// Whether there are any: asked of every cell.
  private(set) var hasStruck = false

  /// Excel has 65,490; a cell that names one beyond is not styled.
  private static var limit: Int { 65_536 }

  mutating func append(_ style: CellStyle, isStruck: Bool = false) {
    guard effects.count < Self.limit else { return }
    if isStruck {
      struck.insert(effects.count)
      hasStruck = true
    }
    switch style {
    case .number: effects.append(.none)
    case .date(withTime: false): effects.append(.date)
    case .date(withTime: true): effects.append(.dateTime)
    case .time: effects.append(.time)
    case .elapsed: effects.append(.elapsed)
    case .percent: effects.append(.percent)
    case .worded: effects.append(.worded)
    case .padded(let template):
      templates[effects.count] = template
      effects.append(.padded)
    }
  }

  @inline(__always)
  func effect(_ style: Int) -> Effect {
    effects.withUnsafeBufferPointer { style >= 0 && style < $0.count ? $0[style] : .none }
  }

  func isStruck(_ style: Int) -> Bool { struck.contains(style) }

  func template(_ style: Int) -> [UInt8] { templates[style] ?? [] }
}

extension StyleTable.Effect {
  var style: CellStyle {
    switch self {
    case .none, .padded, .percent, .worded: .number
    case .date: .date(withTime: false)
    case .dateTime: .date(withTime: true)
    case .time: .time
    case .elapsed: .elapsed
    }
  }
}
