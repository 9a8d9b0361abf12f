/// Text whose cells nothing separates: they start at the same place in each line.
enum FixedWidth {
  /// The places, from 1, at which cells start; nil where `sample` does not look so.
  static func columns(_ sample: UnsafeRawBufferPointer) -> [Int]? {
    var lines = sample.split(separator: 0x0A, maxSplits: 60, omittingEmptySubsequences: true).map { line in
      Array(line.last == 0x0D ? line.dropLast() : line)
    }
    // The last one may be cut off.
    if lines.count > 3 { lines.removeLast() }
    guard lines.count >= 3, !lines.contains(where: { line in line.contains { [0x09, 0x2C, 0x3B, 0x7C].contains($0) } })
    else { return nil }
    let width = lines.map(\.count).max() ?? 0
    guard width >= 12, width < 4096 else { return nil }
    func isBlank(_ place: Int, _ line: [UInt8]) -> Bool { place >= line.count || line[place] == 0x20 }
    // Lines of one length need one blank between cells; ragged ones two.
    let blanks = lines.allSatisfy { $0.count == width } ? 1 : 2
    var starts = [1]
    for place in (blanks + 1)..<width
    where lines.allSatisfy({ line in (place - blanks..<place).allSatisfy { isBlank($0, line) } }) {
      let begun = lines.count { !isBlank(place, $0) }
      if begun * 10 >= lines.count * 7 { starts.append(place + 1) }
    }
    return starts.count > blanks ? starts : nil
  }
}
