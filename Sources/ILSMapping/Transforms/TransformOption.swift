import ILSRecord

/// An option of a transform: what mapping files may say, and their schema.
package struct TransformOption: Sendable {
  package enum Kind: Sendable {
    case text
    /// One ASCII character, and no control.
    case character
    case integer(ClosedRange<Int>)
    case choice([String])
    /// An array of texts.
    case words
  }

  package let name: String
  package let kind: Kind
  package let isRequired: Bool
  /// What the schema says beside the kind.
  package let limits: [(name: String, value: JSONValue)]

  init(_ name: String, _ kind: Kind, isRequired: Bool = false, limits: [(name: String, value: JSONValue)] = []) {
    self.name = name
    self.kind = kind
    self.isRequired = isRequired
    self.limits = limits
  }

  /// Why `json` cannot be its value; nil where it can.
  func fault(_ json: JSONValue) -> String? {
    switch kind {
    case .text: return json.string == nil ? "must be a string, not \(json.kindName)" : nil
    case .character:
      guard let text = json.string?.utf8, text.count == 1, let byte = text.first, (0x20..<0x7F).contains(byte) else {
        return "must be one ASCII character"
      }
      return nil
    case .integer(let range):
      return json.integer.map { range.contains($0) } == true
        ? nil : "must be a number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let names):
      if let text = json.string, names.contains(text) { return nil }
      let quoted = names.map { "\"\($0)\"" }
      return quoted.count == 1
        ? "can only be \(quoted[0])" : "must be \(quoted.dropLast().joined(separator: ", ")) or \(quoted.last ?? "")"
    case .words:
      return json.array.map { $0.allSatisfy { $0.string != nil } } == true ? nil : "must be an array of strings"
    }
  }
}

/// The options of one transform in a mapping file, and what is wrong with them.
struct OptionReader {
  private let json: JSONValue
  private let place: String
  private(set) var faults: [MappingFile.Fault] = []
  /// The number that the mapping file's next script has.
  let script: Int

  init(_ json: JSONValue, of transform: NamedTransform, at place: String, script: Int) {
    self.json = json
    self.place = place
    self.script = script
    for member in json.members ?? [] where member.name != "transform" {
      check(member.name, member.value, transform)
    }
    for option in transform.options where option.isRequired && json[option.name] == nil {
      if case .choice(let names) = option.kind {
        fault(option.name, "is missing; there are: \(names.joined(separator: ", "))")
      } else {
        fault(option.name, option.fault(.null) ?? "is missing")
      }
    }
    if transform.needsAnOption, !transform.options.contains(where: { json[$0.name] != nil }) {
      let names = transform.options.map(\.name).joined(separator: " or a ")
      faults.append(MappingFile.Fault(place: place, message: "\(transform.name) needs a \(names)"))
    }
  }

  private mutating func check(_ name: String, _ value: JSONValue, _ transform: NamedTransform) {
    guard let option = transform.options.first(where: { $0.name == name }) else {
      let names = transform.options.map(\.name).sorted().joined(separator: ", ")
      return fault(name, "is no option of \(transform.name)\(names.isEmpty ? "" : "; there are: \(names)")")
    }
    if let message = option.fault(value) { fault(name, message) }
  }

  /// Tells that the option called `name` is wrong beyond what its kind says.
  mutating func fault(_ name: String, _ message: String) {
    faults.append(MappingFile.Fault(place: "\(place).\(name)", message: message))
  }

  func text(_ name: String) -> String? { json[name]?.string }
  func integer(_ name: String) -> Int? { json[name]?.integer }
  func words(_ name: String) -> [String] { (json[name]?.array ?? []).compactMap(\.string) }
}
