import CValidation
import ILSIdentity

/// Which terms each key is made of, in flat memory: it is gone through for each record.
struct KeyPlan: ~Copyable {
  /// A run of terms: what a key is unique within, then its fields.
  struct Parts: BitwiseCopyable {
    /// The key's number in the rules.
    let key: Int
    let start: Int
    let fields: Int
    let end: Int
    /// The only term; -1 where there are more, or a scope.
    let single: Int
  }

  /// Keys whose value is a record's alone: identifiers and descriptions.
  let own: UnsafeMutableBufferPointer<Parts>
  let contacts: UnsafeMutableBufferPointer<Parts>
  /// What must agree beside a contact.
  let agreement: UnsafeMutableBufferPointer<Parts>
  /// The identifiers that can tell two holders of a contact apart: at most six.
  let identifiers: UnsafeMutableBufferPointer<Parts>
  let foldings: UnsafeMutableBufferPointer<Folding>
  /// How `hashes.h` folds each term.
  let ways: UnsafeMutableBufferPointer<Int>
  /// Which terms have a text that stands for no value.
  let mayBeCleared: UnsafeMutableBufferPointer<Bool>
  private let terms: UnsafeMutableBufferPointer<Int>

  init(_ rules: IdentityRules) {
    var list: [Int] = []
    func parts(_ key: Int, _ scope: [Int], _ fields: [Int]) -> Parts {
      let start = list.count
      list += scope + fields
      let single = scope.isEmpty && fields.count == 1 ? fields[0] : -1
      return Parts(key: key, start: start, fields: start + scope.count, end: list.count, single: single)
    }
    func keys(_ isTaken: (IdentityRules.Kind) -> Bool, within scope: [Int] = []) -> [Parts] {
      rules.keys.enumerated().filter { isTaken($1.kind) }.map { parts($0, scope + $1.scope, $1.fields) }
    }
    own = Self.copy(keys({ $0 != .contact }, within: rules.scope))
    contacts = Self.copy(keys({ $0 == .contact }, within: rules.scope))
    agreement = Self.copy(rules.agreement.map { parts(0, [], $0.fields) })
    identifiers = Self.copy(Array(keys { $0 == .identifier }.prefix(6)))
    foldings = Self.copy(rules.foldings)
    ways = Self.copy(rules.foldings.map(\.way))
    mayBeCleared = Self.copy(rules.clears.map { $0 != nil })
    terms = Self.copy(list)
  }

  deinit {
    own.deallocate()
    contacts.deallocate()
    agreement.deallocate()
    identifiers.deallocate()
    foldings.deallocate()
    ways.deallocate()
    mayBeCleared.deallocate()
    terms.deallocate()
  }

  private static func copy<T>(_ list: [T]) -> UnsafeMutableBufferPointer<T> {
    let memory = UnsafeMutableBufferPointer<T>.allocate(capacity: list.count)
    _ = memory.initialize(from: list)
    return memory
  }

  @inline(__always)
  func scope(_ parts: Parts) -> UnsafeMutableBufferPointer<Int> { run(parts.start, parts.fields) }

  @inline(__always)
  func fields(_ parts: Parts) -> UnsafeMutableBufferPointer<Int> { run(parts.fields, parts.end) }

  @inline(__always)
  private func run(_ start: Int, _ end: Int) -> UnsafeMutableBufferPointer<Int> {
    UnsafeMutableBufferPointer(start: terms.baseAddress.map { $0 + start }, count: end - start)
  }
}

extension Folding {
  fileprivate var way: Int {
    switch self {
    case .none: ILS_FOLD_NONE
    case .case: ILS_FOLD_CASE
    case .name: ILS_FOLD_LETTERS
    }
  }
}
