import Foundation
import Hummingbird
import Logging
import ServeParts

/// What the routes share.
struct Service: Sendable {
  let settings: Settings
  let tools: Tools
  let catalogue: Catalogue
  let uploads: Uploads
  let runner: JobRunner
  let states: JobStates
  let metrics = Metrics()
  let quota: SpoolQuota
  let checks: Checks
  let logger: Logger

  init(_ settings: Settings, _ logger: Logger) throws {
    self.settings = settings
    tools = Tools(folder: settings.tools, database: settings.database)
    catalogue = Catalogue(tools: settings.tools)
    uploads = Uploads(spool: settings.spool)
    for folder in ["jobs", "uploads"] { try Settings.makePrivate("\(settings.spool)/\(folder)") }
    runner = JobRunner(settings, tools, logger)
    quota = SpoolQuota(spool: settings.spool, bytes: settings.quota.spoolBytes)
    checks = Checks(ofToken: settings.quota.checksOfToken)
    self.logger = logger
    states = JobStates(settings, tools, runner)
  }

  func folder(_ id: String) -> JobFolder { JobFolder(spool: settings.spool, id: id) }

  // MARK: - Files

  func preview(_ request: Request, _ context: ServeContext) async throws -> Response {
    let taken = try await receive(request, context)
    do {
      let response = try await checks.run(for: context.caller) { try await preview(taken, context) }
      if taken.fields["keep"] != "true" || taken.isKept { release(taken) }
      return response
    } catch {
      release(taken)
      throw error
    }
  }

  private func preview(_ taken: ImportRequest, _ context: ServeContext) async throws -> Response {
    var options = taken.options
    options.delimiter = taken.fields["delimiter"] ?? options.delimiter
    options.encoding = taken.fields["encoding"] ?? options.encoding
    options.sheet = taken.fields["sheet"] ?? options.sheet
    options.headerRow = taken.fields["headerRow"].flatMap { Int($0) } ?? options.headerRow
    if taken.fields["asDisplayed"] == "true" { options.asDisplayed = true }
    var arguments = ["--log-format", "json", "--preview", "--entity", taken.type]
    if let size = taken.fields["sampleSize"] {
      guard let count = Int(size), (1...1000).contains(count) else {
        throw Problem(.unprocessableContent, "sampleSize is a number from 1 to 1000")
      }
      arguments += ["--sample", "\(count)"]
    }
    arguments += options.reading(isNDJSON: taken.isNDJSON) + ["--", taken.file]
    let outcome = try await Limited(seconds: settings.quota.checkSeconds, folder: taken.work, bytes: 1 << 30).run {
      [tools, arguments] in try await tools.run("ils-parse", arguments, in: taken.folder, seconds: nil)
    }
    guard outcome.status <= 1 else { throw Problem(.unprocessableContent, outcome.complaint) }
    let notes = outcome.log.split(separator: UInt8(ascii: "\n")).compactMap { JSON($0)?["message"]?.string }
    var answer =
      "{\"success\":true,\"preview\":\(String(decoding: outcome.output, as: UTF8.self).trimmingCharacters(in: .newlines))"
    answer += ",\"notes\":\(JSON.array(notes.prefix(20).map(JSON.string)).text)"
    if taken.fields["keep"] == "true", let caller = context.caller {
      if !taken.isKept { try uploads.keep(taken.folder, for: caller) }
      answer += ",\"upload\":\"\(taken.uploadID)\""
    }
    return .json(answer + "}")
  }

  /// The pipe without its last stage: what would be refused.
  func validate(_ request: Request, _ context: ServeContext) async throws -> Response {
    let taken = try await receive(request, context)
    defer { release(taken) }
    let work = try uploads.make().path
    defer { uploads.remove(work) }
    let limited = Limited(seconds: settings.quota.checkSeconds, folder: work, bytes: 1 << 30)
    let summary = try await checks.run(for: context.caller) {
      try await limited.run { [tools] in try await Validation(tools: tools, taken: taken, work: work).run() }
    }
    return JSON.object(["success": .bool(true), "validation": summary]).response()
  }

  func start(_ request: Request, _ context: ServeContext) async throws -> Response {
    let caller = context.caller?.name ?? ""
    guard await runner.jobs(of: caller) < settings.quota.jobsOfToken else {
      throw Problem(.tooManyRequests, "the token has \(settings.quota.jobsOfToken) jobs that wait or run")
    }
    let taken = try await receive(request, context)
    let id = UUIDs.make(milliseconds: UInt64(Date().timeIntervalSince1970 * 1000))
    let job = folder(id)
    do {
      try Settings.makePrivate(job.path + "/upload")
      // A kept upload may be used again: it is the same file under two names.
      guard link("\(taken.folder)/\(taken.file)", "\(job.path)/\(taken.file)") == 0 else {
        throw Problem(.init(code: 507), "the spool folder cannot be written")
      }
      if let mapping = taken.mapping { try JobFolder.put(mapping: mapping, catalogue, into: job) }
      let source = taken.fields["source"] ?? "api_import_\(Int(Date().timeIntervalSince1970))"
      try job.write(
        JobRequest(
          id: id, type: taken.type, source: source, options: taken.options, file: taken.file, isNDJSON: taken.isNDJSON,
          hasMapping: taken.mapping != nil, startedBy: context.caller?.name ?? "", requestedAt: Date().iso),
        to: "request.json")
    } catch {
      uploads.remove(job.path)
      release(taken)
      throw error
    }
    release(taken)
    note("import", id, context)
    await runner.submit(id)
    return JSON.object([
      "success": .bool(true), "jobId": .string(id), "message": .string("Import job started"),
    ]).response(.accepted)
  }

  // MARK: - Jobs

  func status(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    var status = try await states.status(of: id)
    status["errors"] = .array(try await faults(of: id).first(100))
    return JSON.object(["success": .bool(true), "status": status]).response()
  }

  func faults(of id: String) -> FaultStream { FaultStream(paths: folder(id).rejects) }

  func list(_ request: Request, _ context: ServeContext) async throws -> Response {
    let limit = request.uri.queryParameters["limit"].flatMap { Int($0) } ?? 50
    guard (1...1000).contains(limit) else { throw Problem(.unprocessableContent, "limit is a number from 1 to 1000") }
    let status = request.uri.queryParameters["status"].map(String.init)
    let jobs = try await states.list(limit: limit, status: status)
    return JSON.object(["success": .bool(true), "jobs": .array(jobs)]).response()
  }

  /// Who did what, in the log: never a value, and never a token.
  func note(_ event: String, _ id: String, _ context: ServeContext) {
    logger.notice("audit: \(event) of job \(id) by \(context.caller?.name ?? "")")
  }

  func cancel(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    note("cancel", id, context)
    if await !runner.cancel(id) {
      _ = try await states.status(of: id)
      let outcome = try await tools.run("ils-jobs", ["cancel", "--log-format", "json", id], by: context.caller?.name)
      if outcome.status != 0 { throw Problem(.conflict, outcome.complaint) }
    }
    await states.forget(id)
    return said(id, "The job stops behind its present batch")
  }

  func resume(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    let status = try await states.status(of: id)
    guard status["resumable"]?.bool == true else {
      throw Problem(.conflict, "the job is \(status["status"]?.string ?? "gone") and cannot go on: send the file again")
    }
    note("resume", id, context)
    await runner.resume(id)
    await states.forget(id)
    return said(id, "Import job resumed")
  }

  private func said(_ id: String, _ message: String) -> Response {
    JSON.object(["success": .bool(true), "jobId": .string(id), "message": .string(message)]).response()
  }

  func rollback(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    let arguments = try await RollbackOptions(reading: request).arguments
    _ = try await states.status(of: id)
    if await runner.waits(id) { throw Problem(.conflict, "the job has not begun: cancel it") }
    note("rollback", id, context)
    let outcome = try await tools.run(
      "ils-rollback", ["--log-format", "json"] + arguments + [id], by: context.caller?.name, seconds: nil)
    await states.forget(id)
    let lines = outcome.output.split(separator: UInt8(ascii: "\n")).compactMap { JSON($0) }
    guard outcome.status <= 1, let record = lines.last(where: { $0["kind"]?.string == "rollback" }) else {
      throw Problem(outcome.status == 69 ? .serviceUnavailable : .conflict, outcome.complaint)
    }
    let kept = lines.filter { $0["outcome"] != nil }
    if kept.isEmpty, !arguments.contains("--dry-run") { folder(id).remove("upload") }
    return JSON.object([
      "success": .bool(true), "jobId": .string(id), "rollback": record, "kept": .array(Array(kept.prefix(100))),
      "message": .string(
        kept.isEmpty
          ? "Import rolled back" : "Import rolled back; \(kept.count) rows that were changed since or are needed stay"),
    ]).response()
  }

  func errors(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    _ = try await states.status(of: id)
    let format = request.uri.queryParameters["format"].map(String.init)
    let csv = format == "csv" || format == nil && (request.headers[.accept] ?? "").hasPrefix("text/csv")
    guard [nil, "csv", "ndjson"].contains(format) else {
      throw Problem(.unprocessableContent, "format is csv or ndjson")
    }
    var headers: HTTPFields = [.contentType: csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson"]
    if csv { headers[.contentDisposition] = "attachment; filename=\"errors-\(id).csv\"" }
    return Response(status: .ok, headers: headers, body: faults(of: id).body(csv: csv))
  }

  /// The records that were refused, as they came: what a person mends and sends in again.
  func rejects(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    _ = try await states.status(of: id)
    note("download of rejects", id, context)
    let paths = folder(id).rejects
    let headers: HTTPFields = [
      .contentType: "application/x-ndjson", .contentDisposition: "attachment; filename=\"rejects-\(id).ndjson\"",
    ]
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        for path in paths {
          guard let file = FileHandle(forReadingAtPath: path) else { continue }
          defer { try? file.close() }
          while let block = try file.read(upToCount: 1 << 16), !block.isEmpty {
            try await writer.write(ByteBuffer(bytes: block))
          }
        }
        try await writer.finish(nil)
      })
  }

  /// Server-sent events: the status whenever it has changed, until the job has ended.
  func events(_ request: Request, _ context: ServeContext) async throws -> Response {
    let id = try context.id()
    _ = try await states.status(of: id)
    let (states, runner) = (states, runner)
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream"],
      body: ResponseBody { writer in
        var last: JSON?
        var quiet = 0
        while true {
          let status = try await states.status(of: id)
          quiet += 1
          if status != last {
            try await writer.write(ByteBuffer(string: "event: status\ndata: \(status.text)\n\n"))
            (last, quiet) = (status, 0)
          } else if quiet % 30 == 0 {
            try await writer.write(ByteBuffer(string: ": still there\n\n"))
          }
          if JobStates.final.contains(status["status"]?.string ?? "") { break }
          if await runner.isStopping { break }
          try await Task.sleep(for: .milliseconds(500))
        }
        try await writer.finish(nil)
      })
  }
}

extension JobFolder {
  /// Puts the mapping that a request brought, or names, into the job's folder.
  static func put(mapping: String, _ catalogue: Catalogue, into job: JobFolder) throws {
    let text = mapping.contains("/") ? FileManager.default.contents(atPath: mapping) : catalogue.preset(mapping)
    guard let text,
      FileManager.default.createFile(
        atPath: job.path + "/mapping.json", contents: text, attributes: [.posixPermissions: 0o600])
    else { throw Problem(.init(code: 507), "the spool folder cannot be written") }
  }
}

/// The optional body of a rollback request.
struct RollbackOptions: Decodable {
  var dryRun: Bool?
  var force: Bool?
  var cascade: Bool?

  init(reading request: Request) async throws {
    let body = try await request.body.collect(upTo: 1 << 16)
    guard body.readableBytes > 0 else { return }
    let data = Data(body.readableBytesView)
    if let members = JSON(data)?.members,
      let unknown = members.keys.first(where: { !["dryRun", "force", "cascade"].contains($0) })
    {
      throw Problem(.unprocessableContent, "there is no option \(unknown); there are: cascade, dryRun, force")
    }
    do {
      self = try JSONDecoder().decode(RollbackOptions.self, from: data)
    } catch {
      throw Problem(.unprocessableContent, "the body must be JSON such as {\"dryRun\":true}")
    }
  }

  var arguments: [String] {
    [("--dry-run", dryRun), ("--force", force), ("--cascade", cascade)].filter { $0.1 == true }.map(\.0)
  }
}
