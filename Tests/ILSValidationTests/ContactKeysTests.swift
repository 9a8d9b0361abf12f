import Testing

@testable import ILSValidation

/// Who shares a contact and a part of the agreement, beside a list that is gone through.
@Suite struct ContactKeysTests {
  private struct Holder {
    let contact: UInt64
    let parts: [UInt64]
    let place: Int

    func isLike(_ other: Holder) -> Bool { (0..<2).contains { parts[$0] != 0 && parts[$0] == other.parts[$0] } }
  }

  private static func hash(_ contact: UInt64) -> IdentityHash {
    IdentityHash(first: 0x0123_4567_89AB_CDEF, second: 0xFEDC_BA98_7654_3210)
      .mixed(with: IdentityHash(first: contact, second: 0))
  }

  @Test(arguments: 1...20)
  func sharedContactsAreFoundAsAListFindsThem(seed: UInt64) {
    var random = Random(state: seed)
    let memory = TableMemory()
    var keys = ContactKeys(parts: 2, memory)
    var list: [Holder] = []
    let signatures = Signatures()
    var prints = RecordPrints(terms: 0, memory)
    for place in 0..<400 {
      _ = prints.append(row: place, signature: 0) { _ in 0 }
      // Few contacts and few parts: all of them are shared sooner or later, and some parts are absent.
      let holder = Holder(
        contact: random.next() % (seed * 5), parts: [random.next() % 4, random.next() % 40], place: place)
      let contact = keys.prepare(Self.hash(holder.contact), signature: 0)
      _ = keys.claim(contact)
      let first = keys.first(contact)
      #expect(first == list.first { $0.contact == holder.contact }?.place)
      // Whoever asks compares the first one with the record; the later ones are found by what they have in common.
      let isLikeFirst = list.first { $0.place == first }.map { holder.isLike($0) } ?? false
      let later = holder.parts.withUnsafeBufferPointer { keys.twin(contact, $0, signatures, prints) }
      let found = isLikeFirst ? first : later
      let alike = list.filter { other in
        other.contact == holder.contact && holder.isLike(other)
      }
      #expect((found == nil) == alike.isEmpty)
      if let found { #expect(alike.contains { $0.place == found }) }
      if found != nil, random.next() % 2 == 0 { continue }
      if first == nil {
        keys.insert(contact, place: place)
      } else {
        holder.parts.withUnsafeBufferPointer { keys.insertLater(contact, $0, place: place, prints) }
      }
      list.append(holder)
    }
  }
}

/// The same numbers each time.
struct Random {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
