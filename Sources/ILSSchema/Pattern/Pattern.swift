/// A regular expression that is matched in time linear in the text, whatever the pattern.
///
/// A Thompson automaton (Communications of the ACM 11, 1968) whose sets of states are made into a deterministic one as
/// texts ask for them. Matches anywhere in the text, as JSON Schema's `pattern` does.
package final class Pattern {
  private enum Step {
    case set(ScalarSet, next: Int)
    case split(Int, Int)
    case start(next: Int)
    case end(next: Int)
    case boundary(isNegated: Bool, next: Int)
    case match
  }

  private var steps: [Step] = []
  private var hasBoundary = false
  private var states: [State] = []
  private var numbers: [[Int]: Int] = [:]
  private var wide: [UInt64: Int] = [:]
  private var initial: Int?

  private struct State {
    /// Steps that wait for a character, or for the end.
    let waiting: [Int]
    let isMatch: Bool
    let isMatchAtEnd: Bool
    /// The next state for each ASCII character; -1 where it is not known yet.
    var next: [Int] = .init(repeating: -1, count: 128)
  }

  private static var stepLimit: Int { 20_000 }
  private static var stateLimit: Int { 1_000 }

  /// - Throws: for what ECMA-262 does not know, and what cannot be matched in linear time.
  init(_ text: String) throws(PatternFault) {
    try compile(try PatternParser.parse(text))
    steps.append(.match)
  }

  // MARK: - The automaton

  /// Appends the steps of a node; they lead to the step behind them.
  private func compile(_ node: PatternNode) throws(PatternFault) {
    guard steps.count < Self.stepLimit else {
      throw PatternFault(message: "it is too large once its counts are written out: use smaller ones")
    }
    switch node {
    case .empty: break
    case .set(let set): steps.append(.set(set, next: steps.count + 1))
    case .start: steps.append(.start(next: steps.count + 1))
    case .end: steps.append(.end(next: steps.count + 1))
    case .boundary(let isNegated):
      hasBoundary = true
      steps.append(.boundary(isNegated: isNegated, next: steps.count + 1))
    case .sequence(let nodes): for node in nodes { try compile(node) }
    case .choice(let nodes): try compile(choice: nodes)
    case .many(let node, let least, let most): try compile(many: node, least, most)
    case .unbounded(let what):
      throw PatternFault(message: "\(what) cannot be matched in bounded time: write the pattern without it")
    }
  }

  private func compile(choice nodes: [PatternNode]) throws(PatternFault) {
    var ends: [Int] = []
    for (index, node) in nodes.enumerated() {
      if index == nodes.count - 1 {
        try compile(node)
      } else {
        let split = steps.count
        steps.append(.match)
        try compile(node)
        ends.append(steps.count)
        steps.append(.match)
        steps[split] = .split(split + 1, steps.count)
      }
    }
    for end in ends { steps[end] = .split(steps.count, steps.count) }
  }

  private func compile(many node: PatternNode, _ least: Int, _ most: Int?) throws(PatternFault) {
    guard max(least, most ?? 0) <= Self.stepLimit else { throw PatternFault(message: "a count is too large") }
    for _ in 0..<least { try compile(node) }
    guard let most else {
      let split = steps.count
      steps.append(.match)
      try compile(node)
      steps.append(.split(split, split))
      steps[split] = .split(split + 1, steps.count)
      return
    }
    var splits: [Int] = []
    for _ in least..<max(least, most) {
      splits.append(steps.count)
      steps.append(.match)
      try compile(node)
    }
    for split in splits { steps[split] = .split(split + 1, steps.count) }
  }

  // MARK: - Matching

  /// Where a step is taken: what lies on either side.
  private struct Place {
    var isStart = false
    var isEnd = false
    /// Whether a word character is on one side alone; nil where nobody asks.
    var isBoundary = false
  }

  /// Follows all steps that need no character from `start` on.
  private func close(_ start: Int, _ place: Place, _ found: inout Set<Int>) {
    var open = [start]
    while let step = open.popLast() {
      guard found.insert(step).inserted else { continue }
      switch steps[step] {
      case .split(let first, let second): open += [first, second]
      case .start(let next): if place.isStart { open.append(next) }
      case .end(let next): if place.isEnd { open.append(next) }
      case .boundary(let isNegated, let next): if place.isBoundary != isNegated { open.append(next) }
      case .set, .match: break
      }
    }
  }

  private func isMatch(_ step: Int) -> Bool { if case .match = steps[step] { true } else { false } }

  /// Whether `text`, UTF-8, holds a match.
  func matches(_ text: UnsafeRawBufferPointer) -> Bool { hasBoundary ? walk(text) : run(text) }

  private func state(_ found: Set<Int>) -> Int {
    let key = found.sorted()
    if let known = numbers[key] { return known }
    var atEnd: Set<Int> = []
    for case let step in key { if case .end(let next) = steps[step] { close(next, Place(isEnd: true), &atEnd) } }
    let isMatch = key.contains(where: isMatch)
    states.append(
      State(waiting: key, isMatch: isMatch, isMatchAtEnd: isMatch || atEnd.contains(where: self.isMatch)))
    numbers[key] = states.count - 1
    return states.count - 1
  }

  private func first() -> Int {
    if let initial { return initial }
    var found: Set<Int> = []
    close(0, Place(isStart: true), &found)
    let first = state(found)
    initial = first
    return first
  }

  /// Forgets all states but `now`, once there are too many: its new number.
  private func trim(_ now: Int) -> Int {
    guard states.count > Self.stateLimit || wide.count > 1 << 16 else { return now }
    let waiting = Set(states[now].waiting)
    states.removeAll()
    numbers.removeAll()
    wide.removeAll()
    initial = nil
    return state(waiting)
  }

  private func follow(_ number: Int, _ scalar: UInt32) -> Int {
    var found: Set<Int> = []
    for step in states[number].waiting {
      if case .set(let set, let next) = steps[step], set.contains(scalar) { close(next, Place(), &found) }
    }
    // A match may start at any character.
    close(0, Place(), &found)
    return state(found)
  }

  private func run(_ text: UnsafeRawBufferPointer) -> Bool {
    var now = first()
    var at = 0
    while at < text.count, !states[now].isMatch {
      now = trim(now)
      let byte = text[at]
      if byte < 0x80 {
        at += 1
        let known = states[now].next[Int(byte)]
        if known >= 0 {
          now = known
        } else {
          let next = follow(now, UInt32(byte))
          states[now].next[Int(byte)] = next
          now = next
        }
      } else {
        let scalar = decode(text, &at)
        let key = UInt64(now) << 32 | UInt64(scalar)
        let next = wide[key] ?? follow(now, scalar)
        wide[key] = next
        now = next
      }
    }
    return states[now].isMatch || states[now].isMatchAtEnd
  }

  /// The slow way, for patterns that ask what lies around a place.
  private func walk(_ text: UnsafeRawBufferPointer) -> Bool {
    var scalars: [UInt32] = []
    var at = 0
    while at < text.count { scalars.append(decode(text, &at)) }
    func isWord(_ index: Int) -> Bool { scalars.indices.contains(index) && ScalarSet.word.contains(scalars[index]) }
    var waiting: Set<Int> = []
    for index in 0...scalars.count {
      let place = Place(
        isStart: index == 0, isEnd: index == scalars.count, isBoundary: isWord(index - 1) != isWord(index))
      var found: Set<Int> = []
      for step in waiting { close(step, place, &found) }
      close(0, place, &found)
      if found.contains(where: isMatch) { return true }
      guard index < scalars.count else { return false }
      waiting = []
      for step in found {
        if case .set(let set, let next) = steps[step], set.contains(scalars[index]) { waiting.insert(next) }
      }
    }
    return false
  }

  /// The scalar that starts at `at`, in checked UTF-8.
  private func decode(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> UInt32 {
    let byte = text[at]
    at += 1
    if byte < 0x80 { return UInt32(byte) }
    let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
    var scalar = UInt32(byte) & (0x7F >> UInt32(length))
    for _ in 1..<length where at < text.count {
      scalar = scalar << 6 | UInt32(text[at] & 0x3F)
      at += 1
    }
    return scalar
  }
}
