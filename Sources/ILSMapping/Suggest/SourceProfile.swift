import ILSRecord

/// What the fields of a source look like, gathered record by record.
public struct SourceProfile {
  /// In the order in which they were first met.
  public private(set) var columns: [ColumnProfile] = []
  private var numbers: [String: Int] = [:]
  /// Column numbers of the fields of one shape.
  private var plan: [Int] = []
  private var planShape = -1

  public init() {}

  public mutating func add(_ record: Record) {
    if record.shape.id != planShape {
      planShape = record.shape.id
      plan = record.shape.names.map { number(of: $0) }
    }
    for (field, column) in plan.enumerated() { columns[column].add(record[field]) }
  }

  /// Makes the column called `name` known, also where no record has it.
  public mutating func add(column name: String) { _ = number(of: name) }

  private mutating func number(of name: String) -> Int {
    if let known = numbers[name] { return known }
    numbers[name] = columns.count
    columns.append(ColumnProfile(name: name))
    return columns.count - 1
  }
}
