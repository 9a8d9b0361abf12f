import ILSDates
import ILSRecord
import Glibc

/// Today in local time. Stages have no clock: tools hand this to them.
public func today() -> CivilDate {
  var now = time(nil)
  var local = tm()
  localtime_r(&now, &local)
  guard let date = CivilDate(year: Int(local.tm_year) + 1900, month: Int(local.tm_mon) + 1, day: Int(local.tm_mday))
  else { preconditionFailure("the system clock stands outside years 1 to 9999") }
  return date
}

/// Milliseconds of a clock that nobody sets: differences are times.
func steadyMilliseconds() -> Int {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Int(now.tv_sec) * 1000 + Int(now.tv_nsec) / 1_000_000
}
