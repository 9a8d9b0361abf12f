import ILSIdentity

/// Which terms each probe and each identifier is made of, in flat memory: it is gone through for each record.
struct KeyPlan: ~Copyable {
  /// A run of terms: what a key is unique within, then its fields.
  struct Parts: BitwiseCopyable {
    let start: Int
    let fields: Int
    let end: Int
    let isContact: Bool
  }

  let probes: UnsafeMutableBufferPointer<Parts>
  /// The identifiers that can tell two holders of a contact apart: at most six.
  let identifiers: UnsafeMutableBufferPointer<Parts>
  let foldings: UnsafeMutableBufferPointer<Folding>
  private let terms: UnsafeMutableBufferPointer<Int>

  init(_ rules: IdentityRules, isUsed: Bool) {
    var list: [Int] = []
    func parts(_ scope: [Int], _ fields: [Int], isContact: Bool = false) -> Parts {
      let start = list.count
      list += scope + fields
      return Parts(start: start, fields: start + scope.count, end: list.count, isContact: isContact)
    }
    let used = isUsed ? rules.probes : []
    probes = Self.copy(used.map { parts($0.scope, $0.fields, isContact: rules.keys[$0.key].kind == .contact) })
    identifiers = Self.copy(rules.keys.filter { $0.kind == .identifier }.prefix(6).map { parts($0.scope, $0.fields) })
    foldings = Self.copy(rules.foldings)
    terms = Self.copy(list)
  }

  deinit {
    probes.deallocate()
    identifiers.deallocate()
    foldings.deallocate()
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
