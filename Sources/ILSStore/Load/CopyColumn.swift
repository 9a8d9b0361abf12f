import ILSRecord

/// How a column's values are written in COPY BINARY, for the types that need no help from the server.
enum CopyColumn {
  case text
  /// Days since 2000-01-01, four bytes.
  case date

  /// Nil for types whose binary form this side does not write.
  init?(type: String) {
    switch type {
    case "text", "character varying": self = .text
    case "date": self = .date
    case _ where type.hasPrefix("character varying("): self = .text
    default: return nil
    }
  }
}

/// The column list of a COPY straight into the target table.
struct StraightCopy {
  let sql: String
  let columns: [CopyColumn]
  /// Columns whose default stands in for an absent value, which COPY cannot ask for.
  let needsValue: [Bool]
  /// The job's id, as sixteen bytes.
  let job: [UInt8]

  /// Nil where rows cannot go straight into the table: it has references to resolve, or a type that this side cannot write.
  init?(_ table: TargetTable, job: Job) {
    let schema = table.schema
    // The server says whether a record is one of the rows that are looked at.
    let isFiltered = schema.identity.filter.contains { filter in
      schema.fields.contains { $0.column == schema.column(of: filter.name) ?? filter.name }
    }
    guard table.takesCopy, schema.references.isEmpty, schema.derived.isEmpty, schema.constants.isEmpty, !isFiltered,
      schema.computed.isEmpty,
      let jobColumn = schema.jobColumn, table.type(jobColumn) == "uuid"
    else { return nil }
    var columns: [CopyColumn] = []
    for field in schema.fields {
      guard let column = CopyColumn(type: table.type(field.column)) else { return nil }
      columns.append(column)
    }
    self.columns = columns
    needsValue = schema.fields.map { table.columns[$0.column]?.defaultValue != nil }
    let names = (schema.fields.map(\.column) + [jobColumn]).map(\.quotedIdentifier)
    sql = "COPY \(schema.table.quotedIdentifier) (\(names.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
    self.job = job.id.bytes
  }
}
