import ILSRecord

/// Finds out whether first and last names look swapped: by names that many people have in front, and few at the end.
struct NameOrder {
  /// Records whose order can be told, and those of them that look swapped.
  private var known = 0
  private var swapped = 0
  private var seen = 0
  private var isGivenCommon = false

  private let common: WordList

  private static var lookedAtAll: Int { 1 << 14 }

  init(isNeeded: Bool) { common = isNeeded ? Self.commonNames : .empty }

  /// To be called for the first name of a record, then for its last name. Of a long input, each eighth is looked at.
  @inline(__always)
  mutating func look(_ name: PaddedBytes, isGiven: Bool) {
    if isGiven { seen += 1 }
    if seen > Self.lookedAtAll, seen & 7 != 0 { return }
    let isCommon = common.holds(name)
    if isGiven {
      isGivenCommon = isCommon
    } else if isCommon != isGivenCommon {
      known += 1
      if isCommon { swapped += 1 }
    }
  }

  /// How many look swapped, where they are more than a few.
  var excess: (swapped: Int, known: Int)? { swapped >= 10 && swapped * 3 > known ? (swapped, known) : nil }

  /// Frequent first names (U.S. Social Security Administration, births since 1930, and other countries' statistics offices),
  /// without those that are frequent last names too.
  private static let commonNames = WordList(
    """
    james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan joseph jessica
    sarah charles karen christopher nancy daniel lisa matthew betty anthony margaret mark sandra donald ashley steven
    kimberly paul emily andrew donna joshua michelle kenneth carol kevin amanda brian melissa george deborah timothy
    stephanie ronald rebecca edward laura jason sharon jeffrey cynthia ryan kathleen jacob amy gary angela nicholas
    shirley eric anna jonathan brenda stephen pamela larry emma justin nicole samuel helen benjamin gregory samantha
    alexander katherine christine debra patrick rachel raymond carolyn janet dennis catherine maria jerry heather diane
    olivia julie jose joyce victoria kelly christina joan evelyn lauren judith megan andrea cheryl hannah jacqueline
    martha gloria teresa ann sara madison frances kathryn janice jean alice abigail sophia juan carlos luis miguel pedro
    manuel jorge francisco antonio ana carmen isabel rosa lucia elena sofia giuseppe giovanni francesca giulia marco
    pierre philippe michel nathalie isabelle hans peter klaus wolfgang ursula monika sabine stefan andreas jan piotr
    anna katarzyna ivan olga natalia sergei dmitri svetlana mohammed mohamed ahmed fatima aisha omar hassan ibrahim yusuf
    hiroshi yuki akiko kenji sakura priya rahul anjali sanjay deepak sunita
    """.split { $0 == " " || $0 == "\n" }.map(String.init))
}
