import ILSIdentity
import ILSRecord

/// The checks that an entity's schema asks of its table. Each finds ids of rows, and no values.
struct TableChecks {
  /// A check that is still to be made: SQL for the column `id` of what it finds.
  struct Question {
    let name: String
    let kind: VerifyCheck.Kind
    let sql: String
    var field: String?
  }

  private let scope: VerifyScope
  private let schema: LoadSchema
  private let json: JSONValue
  private let hasJobs: Bool
  private var name: String { schema.table }

  init(_ scope: VerifyScope, hasJobs: Bool) {
    self.scope = scope
    self.hasJobs = hasJobs
    schema = scope.table.schema
    json = schema.document["schema"] ?? .null
  }

  var all: [Question] {
    [Question(name: name, kind: .count, sql: scope.rows("true")), hidden] + shared + fields + garbled + pairs
      + references
      + (hasJobs ? jobs : [])
  }

  /// What a policy hides from the role is checked by nobody.
  private var hidden: Question {
    Question(
      name: "policies may hide \(name) from this role", kind: .doubt,
      sql: "SELECT oid::text AS id FROM pg_class WHERE oid = \(scope.table.oid) AND row_security_active(oid)")
  }

  private func column(_ name: String) -> String { "t.\(name.quotedIdentifier)" }

  // MARK: - Keys

  /// Rows that are one, or may be.
  private var shared: [Question] {
    let terms = IdentityTerms(scope.table)
    return terms.rules.keys.filter { $0.kind != .contact }.map { key in
      let values = key.fields.map { term in
        terms.rules.foldings[term] == .none ? terms.row(term) : "lower(\(terms.row(term))::text)"
      }
      let group = values + (terms.rules.scope + key.scope).map { terms.row($0) }
      let present = key.fields.map { "\(terms.row($0)) IS NOT NULL" }.joined(separator: " AND ")
      let names = key.names.joined(separator: ", ")
      return Question(
        name: key.kind == .identifier ? "\(name) that share \(names)" : "\(name) that may be one: same \(names)",
        kind: key.kind == .identifier ? .fault : .doubt,
        sql: """
          SELECT id FROM (SELECT \(scope.id) AS id, count(*) OVER (PARTITION BY \(group.joined(separator: ", "))) AS hits
            FROM \(scope.name) t WHERE \(scope.condition) AND \(present)) k WHERE hits > 1
          """, field: key.names.count == 1 ? names : nil)
    }
  }

  // MARK: - Fields

  private var fields: [Question] {
    schema.fields.flatMap { field -> [Question] in
      let property = json["properties"]?[field.name]
      let column = column(field.column)
      func ask(_ what: String, _ kind: VerifyCheck.Kind, _ test: String) -> Question {
        Question(name: "\(name) \(what)", kind: kind, sql: scope.rows(test), field: field.name)
      }
      var questions: [Question] = []
      if isRequired(field.name) {
        questions.append(ask("without \(field.name)", .fault, "coalesce(btrim(\(column)::text), '') = ''"))
      }
      if property?["format"]?.string == "date" {
        questions.append(
          ask("whose \(field.name) is not YYYY-MM-DD", .fault, #"\#(column)::text !~ '^\d{4}-\d{2}-\d{2}'"#))
      }
      if ["email", "idn-email"].contains(property?["format"]?.string) {
        questions.append(
          ask(
            "whose \(field.name) is no e-mail address", .doubt,
            #"\#(column)::text !~ '^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$'"#))
      }
      if let words = property?["enum"]?.array?.compactMap(\.string), !words.isEmpty {
        let list = words.map(\.quotedLiteral).joined(separator: ", ")
        questions.append(ask("whose \(field.name) is none of the schema's", .fault, "\(column)::text NOT IN (\(list))"))
      }
      return questions + limits(field, property).map { ask($0.what, .fault, $0.test) }
    }
  }

  private func isRequired(_ field: String) -> Bool {
    (json["required"]?.array ?? []).contains { $0.string == field }
  }

  private func limits(_ field: LoadSchema.Field, _ property: JSONValue?) -> [(what: String, test: String)] {
    let column = "\(column(field.column))::text"
    func day(_ text: String) -> String { text == "today" ? "current_date::text" : text.quotedLiteral }
    var limits: [(String, String)] = []
    if let first = property?["x-ils"]?["notBefore"]?.string {
      limits.append(("whose \(field.name) is before \(first)", "\(column) < \(day(first))"))
    }
    if let last = property?["x-ils"]?["notAfter"]?.string {
      // What is written behind the day, a time, is of that day.
      limits.append(("whose \(field.name) is after \(last)", "left(\(column), 10) > \(day(last))"))
    }
    return limits
  }

  private var garbled: [Question] {
    let texts = schema.fields.map { column($0.column) }.joined(separator: ", ")
    guard !texts.isEmpty else { return [] }
    return [
      Question(
        name: "\(name) whose text was garbled (U+FFFD)", kind: .doubt,
        sql: scope.rows("concat_ws(' ', \(texts)) LIKE '%' || U&'\\FFFD' || '%'"))
    ]
  }

  /// Fields that the schema compares.
  private var pairs: [Question] {
    (json["x-ils"]?["checks"]?.array ?? []).compactMap { check in
      guard let field = check["field"]?.string, let other = check["notBefore"]?.string,
        let late = schema.column(of: field), let early = schema.column(of: other)
      else { return nil }
      return Question(
        name: "\(name) whose \(field) is before \(other)", kind: .doubt,
        sql: scope.rows("\(column(late))::text < \(column(early))::text"), field: field)
    }
  }

  // MARK: - References

  private var references: [Question] {
    schema.references.flatMap { reference -> [Question] in
      let own = column(reference.column)
      let other = "\(reference.table.quotedIdentifier) o"
      let key = "o.\(reference.id.quotedIdentifier)"
      let gone = "\(own) IS NOT NULL AND NOT EXISTS (SELECT FROM \(other) WHERE \(key) = \(own))"
      let missing = reference.isOptional ? gone : "\(own) IS NULL OR (\(gone))"
      return [
        Question(
          name: "\(name) without their row in \(reference.table)", kind: .fault, sql: scope.rows(missing),
          field: reference.field)
      ] + (reference.notBefore.map { [tooEarly($0, reference)] } ?? [])
    }
  }

  private func tooEarly(_ pair: (own: String, other: String), _ reference: LoadSchema.Reference) -> Question {
    let own = column(schema.column(of: pair.own) ?? pair.own)
    return Question(
      name: "\(name) whose \(pair.own) is before the \(pair.other) of their row in \(reference.table)", kind: .doubt,
      sql: """
        SELECT \(scope.id) AS id FROM \(scope.name) t JOIN \(reference.table.quotedIdentifier) o
        ON o.\(reference.id.quotedIdentifier) = \(column(reference.column))
        WHERE \(scope.condition) AND \(own)::text < o.\(pair.other.quotedIdentifier)::text
        """, field: pair.own)
  }

  // MARK: - Jobs

  private var jobs: [Question] {
    let made: String =
      if let job = schema.jobColumn {
        "SELECT \(column(job))::text AS job, \(scope.id) AS id FROM \(scope.name) t WHERE \(column(job)) IS NOT NULL"
      } else {
        "SELECT i.job_id::text AS job, \(scope.id) AS id FROM ils.inserted i JOIN \(scope.name) t ON \(scope.id) = i.row_id"
      }
    let own = "j.kind = 'load' AND \(JobChecks.isJob(of: scope.table.oid))"
    return [
      Question(
        name: "\(name) of jobs that were rolled back", kind: .doubt,
        sql: """
          SELECT m.id FROM (\(made)\(schema.jobColumn == nil ? " WHERE" : " AND") \(scope.condition)) m
          JOIN ils.jobs j ON j.id::text = m.job WHERE \(own) AND j.status = 'rolled back'
          """),
      Question(
        name: "jobs some of whose \(name) are gone", kind: .doubt,
        sql: """
          SELECT j.id::text AS id FROM ils.jobs j LEFT JOIN (SELECT job, count(*) AS rows FROM (\(made)) m GROUP BY job) c
          ON c.job = j.id::text WHERE \(own) AND j.status = 'completed' AND j.inserted > coalesce(c.rows, 0)
          """),
    ]
  }
}
