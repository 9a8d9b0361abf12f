extension OutputBuffer {
  /// Puts `number`, most significant byte first, over the four bytes at `offset`.
  public mutating func overwrite(bigEndian number: UInt32, at offset: Int) {
    precondition(offset >= 0 && offset + 4 <= count)
    let length = count
    truncate(to: offset)
    reserve(length - offset).storeBytes(of: number.bigEndian, as: UInt32.self)
    commit(length - offset)
  }
}
