import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServeParts
import ServiceLifecycle
import UnixSignals

/// The server: routes, and what runs beside them.
struct WebServer {
  private let settings: Settings
  private let service: Service
  private let logger: Logger

  init(_ settings: Settings) throws {
    self.settings = settings
    var logger = Logger(label: "ils-serve", factory: { StreamLogHandler.standardError(label: $0) })
    let level = ProcessInfo.processInfo.environment["LOG_LEVEL"] ?? "info"
    logger.logLevel = Logger.Level(rawValue: level) ?? .info
    self.logger = logger
    service = try Service(settings, logger)
  }

  func run() async throws {
    if !Settings.isLoopback(settings.host), settings.tls == nil {
      logger.warning(
        "tokens and patients' data go over the network in the clear: give --tls-certificate, or put a proxy in front")
    }
    if settings.tokens == nil {
      logger.warning("no token is asked for: whoever can reach \(settings.host) may do everything")
    }
    let settings = settings
    let application = Application(
      router: router(), server: try server(),
      configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: "ils-serve"),
      services: [JobsService(runner: service.runner)],
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? settings.port
        complain("listening at http\(settings.tls == nil ? "" : "s")://\(settings.host):\(port)/")
      },
      logger: quiet)
    await service.runner.recover()
    try await application.runService(gracefulShutdownSignals: [UnixSignal.sigterm, .sigint])
  }

  /// The web server's own remarks would tell who asks for what.
  private var quiet: Logger {
    var logger = logger
    logger.logLevel = .error
    return logger
  }

  private func server() throws -> HTTPServerBuilder {
    let limits = HTTP1Channel.Configuration(
      idleTimeout: .seconds(60),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    guard let files = settings.tls else { return .http1(configuration: limits) }
    let chain = try NIOSSLCertificate.fromPEMFile(files.certificate).map { NIOSSLCertificateSource.certificate($0) }
    let key = NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
    var tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
    tls.minimumTLSVersion = .tlsv12
    return try .tls(.http1(configuration: limits), tlsConfiguration: tls)
  }

  private func router() -> Router<ServeContext> {
    let router = Router(context: ServeContext.self)
    router.add(middleware: CountRequests(counts: service.counts))
    router.add(middleware: BrowserSafety(isLoopback: Settings.isLoopback(settings.host), isTLS: settings.tls != nil))
    router.add(middleware: Problems(logger: logger))
    for kind in Routes.resources {
      let resource = kind.init(service)
      let group = router.group("")
      if let scope = kind.scope {
        group.add(middleware: Authenticate(tokens: settings.tokens, logger: logger, scope: scope))
      }
      group.on(RouterPath(kind.path), method: kind.method) { try await resource.answer($0, $1) }
    }
    Page.add(to: router)
    return router
  }
}

/// Jobs beside the web server: taken up at the start, ended behind a batch at the end, tidied every hour.
struct JobsService: ServiceLifecycle.Service {
  let runner: JobRunner

  func run() async throws {
    try? await withGracefulShutdownHandler {
      while !Task.isShuttingDownGracefully {
        await runner.tidy()
        try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3600)) }
      }
    } onGracefulShutdown: {
      Task { await runner.stop() }
    }
    await runner.stop()
  }
}
