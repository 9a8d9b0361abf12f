import ILSRecord

/// A change of one value. All are total: a value or a `RecordError` comes out, whatever goes in.
///
/// A transform has a file of its own: what it does, its quick way, and its `NamedTransform`, which holds the rest.
protocol Transform: Sendable {
  /// Changes the value that `run` holds, which is present, and no object or array.
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError)

  /// The same for any value. Absent ones pass by and nested ones are refused, where a transform says nothing else.
  func apply(to value: FieldValue, in run: inout TransformRun) throws(RecordError)

  /// Whether it reads what a value means, and refuses what it cannot read: what it passes is right without a table.
  var readsMeaning: Bool { get }

  /// Takes its part of a mapping's quick way, or ends it.
  func join(_ quick: inout FastTransform)
}

extension Transform {
  func apply(to value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    if try run.isPresent(value) { try change(value, in: &run) }
  }

  var readsMeaning: Bool { false }

  func join(_ quick: inout FastTransform) { quick.kind = .none }
}

/// A transform as mapping files name it: what a mapping's reader, its JSON Schema and the tests need to know of it.
package struct NamedTransform: Sendable {
  package let name: String
  package let options: [TransformOption]
  /// Every option may be left out, but not all.
  package let needsAnOption: Bool
  /// A second run changes nothing.
  package let isIdempotent: Bool
  /// Options (JSON members, or nothing), a string, and what becomes of it: a string, other JSON, or an error's code.
  package let examples: [(options: String, value: String, outcome: String)]
  let make: @Sendable (inout OptionReader) -> [any Transform]

  init(
    _ name: String, _ options: [TransformOption] = [], needsAnOption: Bool = false, isIdempotent: Bool = true,
    examples: [(options: String, value: String, outcome: String)],
    make: @escaping @Sendable (inout OptionReader) -> [any Transform]
  ) {
    self.name = name
    self.options = options
    self.needsAnOption = needsAnOption
    self.isIdempotent = isIdempotent
    self.examples = examples
    self.make = make
  }

  /// Examples that share their options, JSON members.
  static func of(
    _ options: String, _ rows: [(value: String, outcome: String)]
  ) -> [(options: String, value: String, outcome: String)] {
    rows.map { (options, $0.value, $0.outcome) }
  }

  /// Whether a mapping can name it without an object around the name.
  package var isUsableAlone: Bool { !needsAnOption && !options.contains(where: \.isRequired) }
}
