import ILSRecord

/// SQL for the moment that clocks of a zone show as a day and a time.
enum ClockTime {
  /// What a part of it must be written as: a day, a time, or both in one.
  static func check(_ parts: [String], _ part: String) -> ValueCheck {
    parts.count > 1 && part != parts[0] ? .time(6, hasZone: false) : .clock(hasTime: parts.count == 1)
  }

  static func moment(_ parts: [String], _ zone: String) -> String {
    "\(clock(parts)) AT TIME ZONE \(zone.quotedLiteral)"
  }

  private static func clock(_ parts: [String]) -> String {
    parts.count == 1 ? "(\(parts[0]))::timestamp" : "((\(parts[0]))::date + (\(parts[1]))::time)"
  }

  /// Whether the zone's clocks never showed the time, or twice: when they are put forward, and back.
  ///
  /// The zone's distances from UTC a day before and a day after give the moments that it may be.
  static func isUnclear(_ parts: [String], _ zone: String) -> String {
    let (clock, zone) = (clock(parts), zone.quotedLiteral)
    func moment(_ day: String) -> String {
      // What the zone showed then less what UTC did is its distance.
      let near = "((\(clock) + interval '\(day)') AT TIME ZONE 'UTC')"
      return "(\(clock) - ((\(near) AT TIME ZONE \(zone)) - (\(near) AT TIME ZONE 'UTC'))) AT TIME ZONE 'UTC'"
    }
    let given = parts.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
    return """
      CASE WHEN \(given) THEN (SELECT count(DISTINCT m.at) <> 1
        FROM (VALUES (\(moment("-1 day"))), (\(moment("1 day")))) m (at) WHERE m.at AT TIME ZONE \(zone) = \(clock)) ELSE false END
      """
  }
}
