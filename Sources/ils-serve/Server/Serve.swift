import ArgumentParser
import Foundation
import ILSCommand
import ServeParts

@main
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-serve", abstract: "Give the migration over HTTP: preview, start, status, rollback.",
    version: Settings.version, subcommands: [Run.self, Token.self], defaultSubcommand: Run.self)
}

/// Starts the server.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Answer requests until SIGTERM or SIGINT.")

  @Option(help: "Listen at this address.")
  var host = "127.0.0.1"

  @Option(help: "Listen at this port; 0 takes a free one.")
  var port = 5000

  @Option(help: .init("Take the tokens in FILE; ils-serve token makes them.", valueName: "file"))
  var tokens: String?

  @Flag(help: "Ask for no token. Only on this machine's own addresses.")
  var noAuth = false

  @Option(help: .init("Keep uploads, rejects and jobs that wait in FOLDER.", valueName: "folder"))
  var spool: String?

  @Option(help: .init("The database; else DATABASE_URL, else libpq's own variables.", valueName: "url"))
  var database: String?

  @Option(help: .init("Load N files at once; others wait.", valueName: "n"))
  var jobs = 2

  @Option(help: .init("Take no file that is larger, such as 500M.", valueName: "size"))
  var maxUpload: ByteCount = .init(argument: "4G")!

  @Option(help: .init("Let the spool grow to SIZE; then take nothing more.", valueName: "size"))
  var maxSpool: ByteCount = .init(argument: "20G")!

  @Option(help: .init("Let each token have SIZE of the spool.", valueName: "size"))
  var maxToken: ByteCount = .init(argument: "10G")!

  @Option(help: .init("Let each token have N jobs that wait or run.", valueName: "n"))
  var maxJobs = 50

  @Option(help: .init("Let each token have N previews and validations at once.", valueName: "n"))
  var maxChecks = 4

  @Option(help: .init("End a preview or validation after N seconds.", valueName: "seconds"))
  var checkTime = 300

  @Option(help: .init("Keep the rejects of jobs that ended for N hours.", valueName: "hours"))
  var keep = 24

  @Flag(help: "Run the JavaScript of mappings that are sent in.")
  var allowScripts = false

  @Option(help: .init("Speak TLS with this certificate chain (PEM).", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: .init("The certificate's private key (PEM).", valueName: "file"))
  var tlsKey: String?

  func validate() throws {
    if tokens == nil, !noAuth {
      throw ValidationError("name the file of tokens: --tokens FILE (ils-serve token FILE makes one), or --no-auth")
    }
    if noAuth, !Settings.isLoopback(host) {
      throw ValidationError("--no-auth is for this machine's own addresses alone")
    }
    if jobs < 1 { throw ValidationError("--jobs must be 1 or more") }
    if (tlsCertificate == nil) != (tlsKey == nil) {
      throw ValidationError("--tls-certificate and --tls-key go together")
    }
    for (name, count) in [("--max-jobs", maxJobs), ("--max-checks", maxChecks), ("--check-time", checkTime)]
    where !(1...1_000_000).contains(count) {
      throw ValidationError("\(name) must be from 1 to 1000000")
    }
    if !(0...65_535).contains(port) { throw ValidationError("--port is from 0 to 65535") }
    if !(0...1_000_000).contains(keep) { throw ValidationError("--keep is from 0 to 1000000 hours") }
  }

  func run() async throws {
    let settings: Settings
    do {
      settings = try self.settings()
    } catch {
      complain("\(error)")
      throw ExitCode(78)
    }
    do {
      try await WebServer(settings).run()
    } catch let error as ExitCode {
      throw error
    } catch {
      complain("cannot serve at \(host):\(port): \(error)")
      throw ExitCode(69)
    }
  }
}

extension Run {
  fileprivate func settings() throws -> Settings {
    // What the stages leave holds patient data.
    umask(0o077)
    // The stages run elsewhere: paths must not depend on where.
    let spool = URL(fileURLWithPath: spool ?? Places.spool()).path
    try PrivateFiles.makeFolder(spool)
    try PrivateFiles.lock(spool)
    let quota = Quota(
      spoolBytes: maxSpool.bytes, tokenBytes: maxToken.bytes, jobsOfToken: maxJobs, checksOfToken: maxChecks,
      checkSeconds: checkTime)
    var settings = Settings(
      host: host, port: port, tokens: try tokens.map(PrivateFiles.tokens), spool: spool, database: database,
      jobLimit: jobs, uploadLimit: maxUpload.bytes, retention: Double(keep) * 3600, allowsScripts: allowScripts,
      quota: quota)
    if let certificate = tlsCertificate, let key = tlsKey { settings.tls = (certificate, key) }
    return settings
  }
}

/// Makes a token.
struct Token: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a token, print it once, and append its hash to FILE.")

  @Argument(help: .init("The file of tokens (mode 0600).", valueName: "file"))
  var file: String

  @Option(help: .init("What its bearer may do: read, import, rollback, with commas between.", valueName: "scopes"))
  var scopes = "read,import,rollback"

  @Option(help: .init("Valid for N days; without it, until its line is removed.", valueName: "days"))
  var days: Double?

  @Option(help: .init("Who it is for.", valueName: "name"))
  var name = "unnamed"

  func run() throws {
    let known = scopes.split(separator: ",").map { Scope(rawValue: String($0)) }
    guard !known.isEmpty, !known.contains(nil) else { throw ValidationError("scopes are read, import and rollback") }
    let words = name.split(whereSeparator: \.isWhitespace)
    guard !words.isEmpty, name.utf8.count <= 100,
      !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else { throw ValidationError("a name has 1 to 100 characters, and no control characters") }
    if let days, !(-36_500...36_500).contains(days) { throw ValidationError("--days is within a hundred years") }
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    let token = "ils_" + Data(bytes).base64EncodedString().filter { $0.isLetter || $0.isNumber }
    let expires = days.map { Int(Date().timeIntervalSince1970 + $0 * 86_400) }
    let entry = TokenEntry(
      hash: TokenFile.hash(token), scopes: Set(known.compactMap { $0 }), expires: expires, name: name)
    let descriptor = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      complain("\(file) cannot be written")
      throw ExitCode(73)
    }
    defer { close(descriptor) }
    guard status.st_mode & 0o077 == 0 else {
      complain("others may read or change \(file): chmod 600 \(file)")
      throw ExitCode(78)
    }
    // A last line that an editor left without its end would swallow the token.
    var last = UInt8(ascii: "\n")
    if status.st_size > 0 { pread(descriptor, &last, 1, status.st_size - 1) }
    let line = Array(((last == UInt8(ascii: "\n") ? "" : "\n") + entry.line + "\n").utf8)
    guard write(descriptor, line, line.count) == line.count else { throw ExitCode(74) }
    print(token)
  }
}
