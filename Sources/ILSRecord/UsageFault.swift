/// What is wrong with what a tool was asked for, in whatever room it is noticed.
public enum UsageFault: String, FaultCodes {
  case usage

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .usage: ("The options or arguments are wrong.", "Look at --help.")
    }
  }
}
