import ILSRecord

extension XLSXWorkbook {
  /// The element of a cell, and behind it that of the shared string which it names.
  func written(_ cell: String, ofSheet index: Int) throws(StopError) -> String? {
    guard let element = try sheet(index).element(holding: " r=\"\(cell)\"", upTo: "</c>") else { return nil }
    let head = element.prefix { $0 != ">" }
    guard head.contains(" t=\"s\""), let start = element.firstRange(of: "<v>")?.upperBound,
      let number = Int(element[start...].prefix { $0 != "<" }), let part = stringsPart, let entry = archive.entry(part)
    else { return element }
    let string = try PartStream(archive, entry).element(number: number, opening: "<si", upTo: "</si>")
    return element + (string ?? "")
  }
}

extension PartStream {
  /// The longest element that is shown.
  private static var longest: Int { 1 << 20 }

  /// The element whose start tag holds `mark`, up to `end` or, where it is empty, to the end of that tag.
  func element(holding mark: String, upTo end: String) throws(StopError) -> String? {
    guard let place = try find(mark, keeping: 1024) else { return nil }
    let start = text[..<place].lastIndex(of: UInt8(ascii: "<")) ?? place
    return try element(from: start, upTo: end)
  }

  /// Element `number`, from 0, among those that `opening` starts.
  func element(number: Int, opening: String, upTo end: String) throws(StopError) -> String? {
    var from = 0
    for count in 0... {
      guard let place = try find(opening, from: &from, keeping: 0) else { return nil }
      from = place + opening.utf8.count
      guard from < text.count else { return nil }
      if count == number { return try element(from: place, upTo: end) }
    }
    return nil
  }

  private var text: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  private func find(_ mark: String, keeping: Int) throws(StopError) -> Int? {
    var from = 0
    return try find(mark, from: &from, keeping: keeping)
  }

  /// Where `mark` stands in the window, at `from` or behind it; the window goes on until it is there.
  private func find(_ mark: String, from: inout Int, keeping: Int) throws(StopError) -> Int? {
    let mark = Array(mark.utf8)
    while true {
      var at = from
      while let place = text[at...].firstIndex(of: mark[0]) {
        if place + mark.count > text.count { break }
        if text[place...].starts(with: mark) { return place }
        at = place + 1
      }
      let kept = max(count - keeping - mark.count, 0)
      guard try refill(keeping: kept) else { return nil }
      from = max(max(from, at) - kept, 0)
    }
  }

  private func element(from start: Int, upTo end: String) throws(StopError) -> String? {
    var start = start
    let end = Array(end.utf8)
    while true {
      let rest = UnsafeRawBufferPointer(rebasing: text[start...])
      if let close = rest.firstIndex(of: UInt8(ascii: ">")) {
        if close > 0, rest[close - 1] == UInt8(ascii: "/") {
          return String(decoding: rest[...close], as: UTF8.self)
        }
        let behind = rest.indices.first { rest[$0] == end[0] && rest[$0...].starts(with: end) }
        if let behind { return String(decoding: rest[..<(behind + end.count)], as: UTF8.self) }
      }
      guard rest.count < Self.longest, try refill(keeping: start) else { return nil }
      start = 0
    }
  }
}
