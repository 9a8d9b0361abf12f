import Glibc

/// Whether SIGINT or SIGTERM asked this process to stop, for tools that end what they are at first.
///
/// Whoever waits for input is woken. A second such signal ends the process at once.
public enum Interruption {
  private nonisolated(unsafe) static var isAsked: sig_atomic_t = 0
  private nonisolated(unsafe) static var lastWord: @convention(c) () -> Void = {}

  /// From now on those signals are noted instead of ending the process, also where the parent left them blocked: programs
  /// that start others from a thread of a pool do.
  /// - Parameter lastWord: called by a second signal, before the process ends; only what a signal handler may do.
  public static func watch(lastWord: @escaping @convention(c) () -> Void = {}) {
    self.lastWord = lastWord
    handle(SIGALRM) { _ in alarm(1) }
    for number in [SIGINT, SIGTERM] {
      handle(number) { number in
        if Interruption.isAsked == 0 {
          Interruption.isAsked = 1
          // A read may begin just behind the signal, and would not see it: so it is woken again.
          alarm(1)
        } else {
          signal(SIGALRM, SIG_DFL)
          alarm(2)
          Interruption.lastWord()
          _exit(128 + number)
        }
      }
    }
    unblock([SIGINT, SIGTERM, SIGALRM])
  }

  public static var isRequested: Bool { isAsked != 0 }

  private static func unblock(_ numbers: [Int32]) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    sigprocmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Unlike signal(), which lets a read that was interrupted go on.
  private static func handle(_ number: Int32, _ body: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = body
    sigaction(number, &action, nil)
  }
}
