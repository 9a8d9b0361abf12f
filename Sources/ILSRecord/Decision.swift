/// One thing that was found out about an input, rather than said: what was taken, what speaks for it, what against.
///
/// Holds no patient data: evidence counts and names kinds of things, never values.
public struct Decision: Equatable, Sendable {
  /// Something that could have been taken.
  public struct Candidate: Equatable, Sendable {
    public var name: String
    /// 0 to 1.
    public var certainty: Double

    public init(_ name: String, certainty: Double) {
      self.name = name
      self.certainty = certainty
    }
  }

  /// What was asked: `encoding`, `format`, `delimiter`, `header` ...
  public var question: String
  /// What was taken; certainty 1 where the input states it.
  public var answer: Candidate
  /// Each reason is a phrase of a sentence.
  public var evidence: [String]
  public var objections: [String]
  /// What was not taken, the likeliest first.
  public var others: [Candidate]
  /// What a user says to have it otherwise, such as `--encoding`.
  public var option: String?
  public var position: Position

  public init(
    _ question: String, _ answer: Candidate, evidence: [String] = [], objections: [String] = [],
    others: [Candidate] = [], option: String? = nil, at position: Position = Position()
  ) {
    self.question = question
    self.answer = answer
    self.evidence = evidence
    self.objections = objections
    self.others = others
    self.option = option
    self.position = position
  }

  /// `question`, `answer`, `certainty`, `evidence`, `objections`, `others`, `option`; and `_file`, `_sheet` where known.
  public var json: JSONValue {
    .object(
      place + [
        ("question", .string(question)), ("answer", .string(answer.name)), ("certainty", Self.share(answer.certainty)),
        ("evidence", .array(evidence.map { .string($0) })), ("objections", .array(objections.map { .string($0) })),
        (
          "others",
          .array(
            others.map { .object([("answer", .string($0.name)), ("certainty", Self.share($0.certainty))]) })
        ),
        ("option", option.map { .string($0) } ?? .null),
      ])
  }

  private var place: [(name: String, value: JSONValue)] {
    [("_file", position.file), ("_sheet", position.sheet)].compactMap { name, value in
      value.map { (name, .string($0)) }
    }
  }

  /// A share of one in hundredths: nobody can tell more.
  private static func share(_ value: Double) -> JSONValue {
    let hundredths = Int((min(max(value, 0), 1) * 100).rounded(.down))
    if hundredths == 100 { return .number("1") }
    return .number("0.\(hundredths < 10 ? "0" : "")\(hundredths)")
  }
}
