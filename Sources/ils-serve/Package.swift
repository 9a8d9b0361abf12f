// swift-tools-version: 6.1
import PackageDescription

// A package of its own: a web server takes minutes to build, and none of the tools needs it. It uses the rooms of the
// package that it lies in; what does the work are the executables, which it starts.
let package = Package(
  name: "ils-serve",
  products: [.executable(name: "ils-serve", targets: ["ils-serve"])],
  dependencies: [
    .package(name: "ils", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
  ],
  targets: [
    // Multipart bodies and tokens: no sockets and no processes, so that tests link no web server.
    .target(name: "ServeParts", dependencies: [.product(name: "ILSRooms", package: "ils")], path: "Parts"),
    .executableTarget(
      name: "ils-serve",
      dependencies: [
        "ServeParts",
        .product(name: "ILSRooms", package: "ils"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Server",
      resources: [.copy("Page")],
      linkerSettings: [.unsafeFlags(["-Xlinker", "-z", "-Xlinker", "relro", "-Xlinker", "-z", "-Xlinker", "now"])]),
    .testTarget(name: "ServePartsTests", dependencies: ["ServeParts"], path: "Tests"),
  ],
  swiftLanguageModes: [.v6]
)
