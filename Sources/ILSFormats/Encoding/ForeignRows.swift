import ILSRecord

/// Watches a text that is not in UTF-8 on its way through the transcoder: rows of it that are UTF-8 are refused, since read
/// in its encoding they would be rubbish; and bytes that the sample did not hold, and that do not mean the same in all
/// encodings that fit it, are told.
struct ForeignRows {
  /// Stands in front of a row that is UTF-8; no text in UTF-8 holds it, so that its reader refuses the row.
  static let mark: UInt8 = 0xFE

  private let choice: EncodingChoice
  private let file: String?
  /// The start of a line whose end has not come.
  private var pending: [UInt8] = []
  /// For each byte: it was weighed, or it was told of.
  private var known: [Bool]
  private let own: [UInt32]
  private let alike: [(page: CodePage, meanings: [UInt32])]

  private static let longest = 1 << 20
  /// What makes words that are worth less by more than this is no rival.
  private static let doubt = 4.0

  init(_ choice: EncodingChoice, file: String?) {
    self.choice = choice
    self.file = file
    known = choice.bytes
    let all = (0...255).map { UInt8($0) }
    own = choice.page.isSingleByte ? choice.page.scalars(of: all) : []
    alike = choice.page.isSingleByte ? choice.same.filter(\.isSingleByte).map { ($0, $0.scalars(of: all)) } : []
  }

  mutating func convert(
    _ bytes: UnsafeRawBufferPointer, _ transcoder: Transcoder, to output: inout OutputBuffer, _ emit: inout Emitter
  ) {
    guard let last = bytes.lastIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
      pending += bytes
      if pending.count > Self.longest { finish(transcoder, to: &output, &emit) }
      return
    }
    var at = 0
    while at <= last {
      let end = bytes[at...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? last
      let line = UnsafeRawBufferPointer(rebasing: bytes[at...end])
      if pending.isEmpty {
        take(line, transcoder, &output, &emit)
      } else {
        let joined = pending + line
        pending = []
        joined.withUnsafeBytes { take($0, transcoder, &output, &emit) }
      }
      at = end + 1
    }
    pending += bytes[(last + 1)...]
  }

  mutating func finish(_ transcoder: Transcoder, to output: inout OutputBuffer, _ emit: inout Emitter) {
    let rest = pending
    pending = []
    rest.withUnsafeBytes { take($0, transcoder, &output, &emit) }
  }

  private mutating func take(
    _ line: UnsafeRawBufferPointer, _ transcoder: Transcoder, _ output: inout OutputBuffer, _ emit: inout Emitter
  ) {
    guard let high = line.firstIndex(where: { $0 >= 0x80 }) else { return transcoder.convert(line, to: &output) }
    if isForeign(line) {
      output.append(UnsafeRawBufferPointer(rebasing: line[..<high]))
      output.append(Self.mark)
      output.append(UnsafeRawBufferPointer(rebasing: line[high...]))
      return
    }
    if !alike.isEmpty { look(at: line, &emit) }
    transcoder.convert(line, to: &output)
  }

  /// A short row of another encoding may be UTF-8 by chance: it is what makes better words of it.
  private func isForeign(_ line: UnsafeRawBufferPointer) -> Bool {
    guard firstInvalidUTF8(line) == nil else { return false }
    let bytes = Array(line)
    return EncodingScore(CodePage.unicode, bytes: bytes).value > EncodingScore(choice.page, bytes: bytes).value
  }

  /// Tells of bytes that come late and leave the encoding in doubt, once each.
  private mutating func look(at line: UnsafeRawBufferPointer, _ emit: inout Emitter) {
    for byte in line where byte >= 0x80 && !known[Int(byte)] {
      known[Int(byte)] = true
      let others = alike.filter { $0.meanings[Int(byte)] != own[Int(byte)] }
      guard !others.isEmpty else { continue }
      let text = Array(line)
      let score = EncodingScore(choice.page, bytes: text).value
      let rivals = others.filter { EncodingScore($0.page, bytes: text).value > score - Self.doubt }.map(\.page.name)
      guard !rivals.isEmpty else { continue }
      emit.tell(
        Diagnostic(
          .warning, TextFault.textEncoding,
          "a letter that the first 64 KiB do not hold reads otherwise in \(rivals.prefix(3).joined(separator: " and ")) "
            + "than in \(choice.page.name): look at it, and if it is wrong say --encoding",
          at: Position(file: file)))
    }
  }
}
