import CLibPQ
import Glibc
import ILSRecord

/// A statement, and its parameters: they go as text; nil is null.
struct Question {
  let sql: String
  let parameters: [String?]

  init(_ sql: String, _ parameters: [String?] = []) { (self.sql, self.parameters) = (sql, parameters) }
}

/// Several statements at the price of one round trip (libpq, Pipeline Mode).
extension Connection {
  /// Runs statements, one behind the other; outside a transaction, all of them are one.
  /// - Returns: what each answered.
  /// - Throws: the first error: what stands behind it was not run.
  @discardableResult
  func ask(_ questions: [Question]) throws(DatabaseError) -> [Rows] {
    var answers: [Rows] = []
    try ask(questions, &answers)
    return answers
  }

  /// The same; where it throws, `answers` has what the statements before the one that failed have answered.
  func ask(_ questions: [Question], _ answers: inout [Rows]) throws(DatabaseError) {
    let ahead = takeAhead().map { Question($0) }
    guard PQenterPipelineMode(handle) == 1 else { throw brokenOff }
    // One that is lost leaves the mode by being made anew.
    defer { PQexitPipelineMode(handle) }
    for question in ahead + questions {
      let sent = Connection.withPointers(question.parameters) {
        PQsendQueryParams(handle, question.sql, Int32(question.parameters.count), nil, $0, nil, nil, 0)
      }
      guard sent == 1 else { throw brokenOff }
    }
    guard PQpipelineSync(handle) == 1 else { throw brokenOff }
    var failure: DatabaseError?
    for number in 0..<(ahead.count + questions.count) where !isLost {
      while let result = PQgetResult(handle) {
        if PQresultStatus(result) == PGRES_PIPELINE_ABORTED {
          PQclear(result)
        } else {
          do throws(DatabaseError) {
            let rows = try check(result)
            if number >= ahead.count { answers.append(rows) }
          } catch { failure = failure ?? error }
        }
        if isLost { break }
      }
    }
    if let end = PQgetResult(handle) {
      let isWhole = PQresultStatus(end) == PGRES_PIPELINE_SYNC
      PQclear(end)
      if !isWhole { failure = failure ?? brokenOff }
    }
    if let failure { throw failure }
    if answers.count < questions.count { throw brokenOff }
  }

  /// The connection has failed, and the server has not said why.
  var brokenOff: DatabaseError {
    DatabaseError(state: "08006", text: String(cString: PQerrorMessage(handle)), isDisconnected: isLost)
  }

  /// Calls `body` with C strings that live as long as the call.
  static func withPointers<T>(_ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> T) -> T {
    let copies = texts.map { $0.map { strdup($0) } ?? nil }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { UnsafePointer($0) })
  }
}
