import Foundation
import Hummingbird
import HTTPTypes
import ILSStore
import Logging
import ServeParts

/// A path of the API and what answers there.
protocol Resource: Sendable {
  static var method: HTTPRequest.Method { get }
  /// With `:id` for a job's id.
  static var path: String { get }
  /// What a token must allow; nil: none is asked for.
  static var scope: Scope? { get }

  init(_ service: Service)
  func answer(_ request: Request, _ context: ServeContext) async throws -> Response
}

/// What the resources share.
struct Service: Sendable {
  let settings: Settings
  let tools: Tools
  let catalogue: Catalogue
  let uploads: Uploads
  let runner: JobRunner
  let states: JobStates
  let tables: JobTables
  let reception: Reception
  let counts = RequestCounts()
  let checks: Checks
  let logger: Logger

  init(_ settings: Settings, _ logger: Logger) throws {
    self.settings = settings
    self.logger = logger
    tools = Tools(folder: settings.tools, database: settings.database)
    catalogue = Catalogue(tools: settings.tools)
    uploads = Uploads(spool: settings.spool)
    for folder in ["jobs", "uploads"] { try PrivateFiles.makeFolder("\(settings.spool)/\(folder)") }
    let ledger = SpoolLedger(spool: settings.spool, quota: settings.quota)
    tables = JobTables(database: settings.databaseURL)
    runner = JobRunner(settings, tools, tables, ledger, logger)
    states = JobStates(spool: settings.spool, tables, runner)
    checks = Checks(ofToken: settings.quota.checksOfToken)
    reception = Reception(
      settings: settings, catalogue: catalogue, tools: tools, uploads: uploads, ledger: ledger, counts: counts)
  }

  func folder(_ id: String) -> JobFolder { JobFolder(spool: settings.spool, id: id) }

  /// Who did what, in the log: never a value, and never a token.
  func note(_ event: String, _ id: String, _ context: ServeContext) {
    logger.notice("audit: \(event) of job \(id) by \(context.caller.name)")
  }

  /// The same in the audit trail, of what no tool that is started notes there.
  /// - Throws: a problem where the trail cannot be written.
  func note(_ request: JobCatalogue.Request, _ id: String, _ context: ServeContext) async throws {
    guard let job = JobID(id) else { return }
    do {
      if try await tables.note(request, of: job, by: context.caller.name) { return }
      logger.warning("job \(id): \(request.rawValue), which the database has no audit trail for: run ils-load --init")
    } catch {
      logger.error("job \(id): \(request.rawValue), and the audit trail could not be written")
      throw Problem(.serviceUnavailable, "the audit trail cannot be written")
    }
  }

  /// Ends a preview or validation that takes too long, writes too much into its folder, or that nobody waits for.
  func limited(_ folder: String, for context: ServeContext) -> Limited {
    Limited(
      seconds: settings.quota.checkSeconds, excess: { Limited.excess(of: folder, bytes: 1 << 30) },
      isMoot: { await context.hasLeft() })
  }
}
