import Foundation
import Hummingbird
import HTTPTypes
import ILSRecord
import ILSStore
import ServeParts

/// Starts a job with a file, or with the records that are the body.
struct StartResource: Resource {
  static let method = HTTPRequest.Method.post
  static let path = "api/import/start"
  static let scope: Scope? = .import
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let caller = context.caller
    let most = service.settings.quota.jobsOfToken
    let tooMany = Problem(.tooManyRequests, "the token has \(most) jobs that wait or run")
    guard await service.runner.jobs(of: caller.name) < most else { throw tooMany }
    return try await service.reception.take(request, caller) { taken in
      let job = service.folder(JobID.make().text)
      defer { service.reception.release(taken) }
      do {
        try fill(job, taken, caller)
        guard await service.runner.admit(job.id, of: caller.name) else { throw tooMany }
        service.note("import", job.id, context)
      } catch {
        service.uploads.remove(job.path)
        throw error
      }
      return .said("Import job started", of: job.id, .accepted)
    }
  }

  private func fill(_ job: JobFolder, _ taken: ImportRequest, _ caller: Caller) throws {
    try PrivateFiles.makeFolder(job.path + "/upload")
    // A kept upload may be used again: it is the same file under two names.
    guard link("\(taken.folder)/\(taken.file)", "\(job.path)/\(taken.file)") == 0 else {
      throw Problem.noRoom("the spool folder cannot be written")
    }
    if let mapping = taken.mapping {
      let text =
        mapping.contains("/")
        ? FileManager.default.contents(atPath: mapping).map { Array($0) } : service.catalogue.preset(mapping)
      guard let text, PrivateFiles.make(job.path + "/mapping.json", text) else {
        throw Problem.noRoom("the spool folder cannot be written")
      }
    }
    let source = taken.fields["source"] ?? "api_import_\(Int(Date().timeIntervalSince1970))"
    let request = JobRequest(
      id: job.id, type: taken.type, source: source, options: taken.options, file: taken.file,
      isNDJSON: taken.isNDJSON, hasMapping: taken.mapping != nil, startedBy: caller.name, requestedAt: now())
    try job.write(request.json, to: "request.json")
  }
}
