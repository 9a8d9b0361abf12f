import Glibc

import CLibPQ
import ILSRecord

/// One connection to PostgreSQL (libpq).
final class Connection {
  let handle: OpaquePointer
  /// Statements without an answer of interest, that go along with the next one.
  private var ahead: [String] = []

  /// Where the URL does not say otherwise: a network that has gone silent is taken for lost within about a minute.
  private static let patience = [
    ("connect_timeout", "30"), ("keepalives_idle", "20"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
    ("tcp_user_timeout", "50000"),
  ]

  /// - Parameter url: a connection URI or conninfo string; empty for libpq's own environment.
  /// - Throws: `unavailable`, naming where the server was looked for and never a password; `configuration` where the
  ///   session cannot have its settings.
  convenience init(_ url: String) throws(StopError) {
    guard Connection.isReadable(url) else {
      // What libpq says about it may hold the password.
      throw StopError(
        .usage, DatabaseFault.dbUrl,
        "--database or DATABASE_URL is neither a URL nor key=value pairs that libpq can read "
          + "(postgresql://USER@HOST:PORT/DATABASE); it is not repeated here, as it may hold a password: in a URL, write its @ "
          + "as %40, / as %2F and : as %3A")
    }
    guard let handle = Connection.connect(url) else {
      throw StopError(.software, DatabaseFault.dbConnect, "libpq has no memory for a connection")
    }
    self.init(handle)
    guard PQstatus(handle) == CONNECTION_OK else {
      let place = Connection.place(handle)
      let reason = Connection.firstLine(String(cString: PQerrorMessage(handle)))
      throw StopError(
        .unavailable, DatabaseFault.dbConnect,
        "cannot connect to \(place): \(reason); check --database or DATABASE_URL, and that the server runs")
    }
    try pinAtFirst()
  }

  /// A connection that libpq has made, or could not make.
  init(_ handle: OpaquePointer) {
    self.handle = handle
    // Notices would go to stderr, and may hold values.
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    if PQstatus(handle) == CONNECTION_OK { Cancellation.note(handle) }
  }

  /// Gives the session its settings. A connection that is lost at once was there: it is made again a few times.
  private func pinAtFirst() throws(StopError) {
    for _ in 0..<3 {
      do throws(StopError) {
        return try pin()
      } catch {
        guard isLost else { throw error }
        PQreset(handle)
        Cancellation.note(handle)
      }
    }
    try pin()
  }

  private static func connect(_ url: String) -> OpaquePointer? { withParameters(url) { PQconnectdbParams($0, $1, 1) } }

  /// Begins to connect (libpq, PQconnectStartParams).
  static func start(_ url: String) -> OpaquePointer? { withParameters(url) { PQconnectStartParams($0, $1, 1) } }

  /// What the URL says comes last, and so wins.
  private static func withParameters(
    _ url: String, _ connect: ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) -> OpaquePointer?
  ) -> OpaquePointer? {
    let isTimed = getenv("PGCONNECT_TIMEOUT") != nil
    let parameters = patience.filter { !isTimed || $0.0 != "connect_timeout" } + [("dbname", url)]
    return withPointers(parameters.map { $0.0 }) { names in
      withPointers(parameters.map { $0.1 }) { connect(names + [nil], $0 + [nil]) }
    }
  }

  deinit {
    Cancellation.forget(handle)
    PQfinish(handle)
  }

  /// The number of the server's process at the other end.
  var backend: Int { Int(PQbackendPID(handle)) }

  /// Whether the server is known to be gone from the other end.
  var isLost: Bool { PQstatus(handle) == CONNECTION_BAD }

  /// Connects again with the same parameters; whether it did.
  func reset() -> Bool {
    ahead.removeAll()
    PQreset(handle)
    guard PQstatus(handle) == CONNECTION_OK, (try? pin()) != nil else { return false }
    Cancellation.note(handle)
    return true
  }

  /// A setting of which the server says at any time what it is, and that is not as it must be; nil for none.
  var unpinned: String? {
    let told = [
      "client_encoding": "UTF8", "DateStyle": "ISO, YMD", "TimeZone": "UTC", "IntervalStyle": "postgres",
      "standard_conforming_strings": "on",
    ]
    return told.first { name, value in PQparameterStatus(handle, name).map { String(cString: $0) } != value }?.key
  }

  /// Whether libpq can take the text apart, and a password with marks of its own would not be taken for a host: what libpq
  /// says of such a one repeats it.
  private static func isReadable(_ url: String) -> Bool {
    if let scheme = url.firstRange(of: "://") {
      let rest = url[scheme.upperBound...]
      let authority = rest.prefix { $0 != "/" }
      let marks = authority.count { $0 == "@" }
      if marks > 1 || marks == 0 && rest.prefix(while: { $0 != "?" }).contains("@") { return false }
    }
    guard let parsed = PQconninfoParse(url, nil) else { return false }
    PQconninfoFree(parsed)
    return true
  }

  private static func firstLine(_ text: String) -> String {
    let line = text.split(separator: "\n").first.map(String.init) ?? "no reason given"
    return line.hasPrefix("connection to server")
      ? line.split(separator: ":").dropFirst().joined(separator: ":").trimmed : line
  }

  private static func place(_ handle: OpaquePointer) -> String {
    func text(_ value: UnsafeMutablePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
    let host = text(PQhost(handle))
    let database = text(PQdb(handle))
    return "database \"\(database)\" at \(host.isEmpty ? "the default socket" : host) port \(text(PQport(handle)))"
  }

  // MARK: - Statements

  /// Lets a statement go along with the next one, which tells what it failed with.
  func runAhead(_ sql: String) { ahead.append(sql) }

  func takeAhead() -> [String] {
    defer { ahead.removeAll() }
    return ahead
  }

  /// The statement behind those that go along with it.
  func whole(_ sql: String) -> String { ahead.isEmpty ? sql : (takeAhead() + [sql]).joined(separator: ";\n") }

  /// Runs one or several statements without parameters.
  func run(_ sql: String) throws(DatabaseError) { _ = try check(PQexec(handle, whole(sql))) }

  /// Runs one statement. Parameters go as text; nil is null.
  func query(_ sql: String, _ parameters: [String?] = []) throws(DatabaseError) -> Rows {
    if !ahead.isEmpty { return try ask([Question(sql, parameters)])[0] }
    return try check(
      Connection.withPointers(parameters) {
        PQexecParams(handle, sql, Int32(parameters.count), nil, $0, nil, nil, 0)
      })
  }

  /// Starts a COPY ... FROM STDIN, whose data `putCopy` sends and `endCopy` closes.
  func startCopy(_ sql: String) throws(DatabaseError) {
    let started = PQexec(handle, whole(sql))
    guard PQresultStatus(started) == PGRES_COPY_IN else {
      _ = try check(started)
      return
    }
    PQclear(started)
  }

  /// The same behind a question, whose answer it returns.
  func startCopy(_ sql: String, behind question: String) throws(DatabaseError) -> Rows {
    try send(question + ";\n" + sql)
    var answer: Rows?
    var failure: DatabaseError?
    while let result = PQgetResult(handle) {
      if PQresultStatus(result) == PGRES_COPY_IN, let answer {
        PQclear(result)
        return answer
      }
      do throws(DatabaseError) {
        let rows = try check(result)
        if PQresultStatus(result) == PGRES_TUPLES_OK { answer = rows }
      } catch { failure = failure ?? error }
      if isLost { break }
    }
    throw failure ?? brokenOff
  }

  /// Sends some of a COPY's data. What goes wrong is told by `endCopy`.
  func putCopy(_ data: UnsafeRawBufferPointer) {
    guard !data.isEmpty else { return }
    _ = PQputCopyData(handle, data.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(data.count))
  }

  /// Ends a COPY and tells whether all of its data were taken.
  /// - Returns: how many rows the table has taken.
  @discardableResult
  func endCopy() throws(DatabaseError) -> Int {
    _ = PQputCopyEnd(handle, nil)
    var failure: DatabaseError?
    var taken = 0
    while let result = PQgetResult(handle) {
      do throws(DatabaseError) { taken += try check(result).affected } catch { failure = failure ?? error }
      // A connection that broke in the middle of a COPY would answer that for ever.
      if PQstatus(handle) != CONNECTION_OK { break }
    }
    if let failure { throw failure }
    return taken
  }

  /// Runs a COPY ... TO STDOUT (FORMAT binary) and calls `body` with the values of each row; nil is null.
  func copyOut(
    _ sql: String, columns: Int, _ body: ([UnsafeRawBufferPointer?]) -> Void
  ) throws(DatabaseError) {
    try copyOut([(sql, columns)]) { body($1) }
  }

  /// Runs several, one behind the other, and calls `body` with the number of each besides.
  /// - Parameter question: a query that stands before them.
  /// - Returns: what the query has answered; nil for none.
  @discardableResult
  func copyOut(
    _ copies: [(sql: String, columns: Int)], behind question: String? = nil,
    _ body: (Int, [UnsafeRawBufferPointer?]) -> Void
  ) throws(DatabaseError) -> Rows? {
    try send(((question.map { [$0] } ?? []) + copies.map(\.sql)).joined(separator: ";\n"))
    var answer: Rows?
    var failure: DatabaseError?
    var number = 0
    while let result = PQgetResult(handle) {
      if PQresultStatus(result) == PGRES_COPY_OUT, number < copies.count {
        PQclear(result)
        readCopy(columns: copies[number].columns) { body(number, $0) }
        number += 1
      } else {
        do throws(DatabaseError) {
          let rows = try check(result)
          if number == 0 { answer = rows }
        } catch { failure = failure ?? error }
      }
      if isLost { break }
    }
    if let failure { throw failure }
    if isLost || number < copies.count { throw brokenOff }
    return answer
  }

  private func readCopy(columns: Int, _ body: ([UnsafeRawBufferPointer?]) -> Void) {
    var values = [UnsafeRawBufferPointer?](repeating: nil, count: columns)
    var isFirst = true
    while true {
      var row: UnsafeMutablePointer<CChar>?
      let length = Int(PQgetCopyData(handle, &row, 0))
      guard length > 0, let row else { return }
      // The first piece starts with the header: 11 bytes of signature, flags, extension length.
      Connection.cut(UnsafeRawBufferPointer(start: row, count: length), from: isFirst ? 19 : 0, into: &values, body)
      isFirst = false
      PQfreemem(row)
    }
  }

  /// Cuts one row in COPY's binary form into its values.
  private static func cut(
    _ row: UnsafeRawBufferPointer, from start: Int, into values: inout [UnsafeRawBufferPointer?],
    _ body: ([UnsafeRawBufferPointer?]) -> Void
  ) {
    guard row.count >= start + 2 else { return }
    let count = Int(Int16(bigEndian: row.loadUnaligned(fromByteOffset: start, as: Int16.self)))
    guard count == values.count else { return }
    var at = start + 2
    for column in 0..<count {
      let length = Int(Int32(bigEndian: row.loadUnaligned(fromByteOffset: at, as: Int32.self)))
      at += 4
      values[column] = length < 0 ? nil : UnsafeRawBufferPointer(rebasing: row[at..<(at + length)])
      at += max(length, 0)
    }
    body(values)
  }

  func check(_ result: OpaquePointer?) throws(DatabaseError) -> Rows {
    let status = PQresultStatus(result)
    if let result, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY {
      return Rows(result)
    }
    defer { PQclear(result) }
    func field(_ code: Character) -> String? {
      PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
    }
    throw DatabaseError(
      state: field("C") ?? "08006", table: field("t"), column: field("c"), constraint: field("n"),
      text: field("M") ?? String(cString: PQerrorMessage(handle)), isDisconnected: PQstatus(handle) != CONNECTION_OK)
  }
}

extension String {
  /// Without white space around it.
  var trimmed: String {
    let body = drop { $0.isWhitespace }
    return String(body[..<(body.lastIndex { !$0.isWhitespace }.map { body.index(after: $0) } ?? body.startIndex)])
  }
}
