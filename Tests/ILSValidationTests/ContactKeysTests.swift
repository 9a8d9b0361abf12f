import Testing

@testable import ILSValidation

/// Who shares a contact and a part of the agreement, beside a list that is gone through.
@Suite struct ContactKeysTests {
  private struct Holder {
    let contact: UInt64
    let parts: [UInt64]
    let place: Int
  }

  @Test(arguments: 1...20)
  func sharedContactsAreFoundAsAListFindsThem(seed: UInt64) {
    var random = Random(state: seed)
    var keys = ContactKeys(parts: 2, TableMemory())
    var list: [Holder] = []
    let signatures = Signatures()
    for place in 0..<400 {
      // Few contacts and few parts: all of them are shared sooner or later, and some parts are absent.
      let holder = Holder(
        contact: random.next() % (seed * 5), parts: [random.next() % 4, random.next() % 40], place: place)
      let contact = ContactKeys.Contact(hash: .init(first: holder.contact, second: ~holder.contact), signature: 0)
      let found = holder.parts.withUnsafeBufferPointer { keys.twin(contact, $0, signatures) }
      let alike = list.filter { other in
        other.contact == holder.contact
          && (0..<2).contains { holder.parts[$0] != 0 && holder.parts[$0] == other.parts[$0] }
      }
      #expect((found == nil) == alike.isEmpty)
      if let found { #expect(alike.contains { $0.place == found }) }
      if found != nil, random.next() % 2 == 0 { continue }
      holder.parts.withUnsafeBufferPointer { keys.insert(contact, $0, place: place) }
      list.append(holder)
    }
  }

  private struct Random {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }
}
