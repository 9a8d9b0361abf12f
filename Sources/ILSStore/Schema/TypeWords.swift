/// What a column takes, in plain words, for those whose values the database alone can read.
enum TypeWords {
  /// Values of an enumeration that are listed at most, in characters.
  private static var listed: Int { 200 }

  /// - Parameters:
  ///   - kind: the type's name in `pg_type`, of a domain its base's; nil where it is not one of PostgreSQL's own.
  ///   - form: its `typtype`; an array's is `A`.
  ///   - labels: what an enumeration holds.
  /// - Returns: nil for a type of which there is nothing to say but its name.
  static func of(kind: String?, form: String, labels: String?) -> String? {
    switch (form, kind) {
    case ("e", _): labels.map { $0.count <= listed ? "one of these: \($0)" : "one of the values of its type" }
    case ("A", _): "an array, as {1,2}"
    case ("r", _): "a range, as [1,5)"
    case ("m", _): "several ranges, as {[1,5),[8,9)}"
    case ("c", _): "a row of its type, as (1,text)"
    case (_, "bool"): "true or false"
    case (_, "uuid"): "a UUID, as 6f9619ff-8b86-4d01-b42d-00c04fc964ff"
    case (_, "inet"): "an IP address, as 192.0.2.7"
    case (_, "cidr"): "a network's address, as 192.0.2.0/24, with no digit set behind its length"
    case (_, "macaddr"), (_, "macaddr8"): "a MAC address, as 08:00:2b:01:02:03"
    case (_, "json"), (_, "jsonb"): "JSON"
    case (_, "xml"): "XML that is whole"
    case (_, "bit"), (_, "varbit"): "a bit string, as 101"
    case (_, "interval"): "a span of time, as 2 days or P2D"
    case (_, "bytea"): #"bytes, as \x00ff"#
    case (_, "tsvector"), (_, "tsquery"): "words to be searched for, as the database writes them"
    case (_, "point"): "a point, as (1,2)"
    default: nil
    }
  }
}
