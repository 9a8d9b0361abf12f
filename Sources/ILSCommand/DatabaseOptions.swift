import ArgumentParser
import ILSRecord
import ILSStream
import Glibc

/// Which database a tool works with.
public struct DatabaseOptions: ParsableArguments {
  @Option(
    help: .init(
      "The database, as a URL or conninfo string; else DATABASE_URL, else libpq's environment.", valueName: "url"))
  public var database: String?

  public init() {}

  /// What libpq connects to; empty for its own environment.
  public var url: String { database ?? environment("DATABASE_URL") ?? "" }

  /// The operating system's user and host, for the audit trail.
  public static var who: (user: String?, host: String?) { who(for: environment("ILS_ACTOR")) }

  /// - Parameter actor: whose token it was, where ils-serve asks.
  public static func who(for actor: String?) -> (user: String?, host: String?) {
    let account = getpwuid(geteuid()).flatMap { $0.pointee.pw_name }.map { String(cString: $0) }
    let user = actor.map { "\(account ?? "") for \($0)" } ?? account
    var name = [CChar](repeating: 0, count: 256)
    let isNamed = gethostname(&name, name.count - 1) == 0
    let host = isNamed ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    return (user, host)
  }
}

public typealias Interruption = ILSStream.Interruption
