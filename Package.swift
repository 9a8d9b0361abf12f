// swift-tools-version: 6.1
import PackageDescription

// Rooms, leaves first. An arrow of `dependencies` may only point upwards in this file.

/// Release builds let the optimiser see through the walls between rooms: the per-record calls cross three of them.
let room: [SwiftSetting] = [
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))
]

/// No table of the loader stays writable, and no name is looked up late (position-independent code is the default).
let hardened: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "relro", "-Xlinker", "-z", "-Xlinker", "now"])
]

/// A write behind an array on the stack of C or C++ ends the program.
let guarded = "-fstack-protector-strong"

/// One executable: a short main over the shared rooms.
func tool(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: name,
    dependencies: ["ILSCommand"] + dependencies,
    swiftSettings: room,
    linkerSettings: hardened)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies)
}

let package = Package(
  name: "ils",
  products: [
    .executable(name: "ils-parse", targets: ["ils-parse"]),
    .executable(name: "ils-map", targets: ["ils-map"]),
    .executable(name: "ils-script", targets: ["ils-script"]),
    .executable(name: "ils-validate", targets: ["ils-validate"]),
    .executable(name: "ils-load", targets: ["ils-load"]),
    .executable(name: "ils-rollback", targets: ["ils-rollback"]),
    .executable(name: "ils-jobs", targets: ["ils-jobs"]),
    .executable(name: "ils-report", targets: ["ils-report"]),
    .executable(name: "ils-why", targets: ["ils-why"]),
    .executable(name: "ils-verify", targets: ["ils-verify"]),
    .executable(name: "ils-migrate", targets: ["ils-migrate"]),
    // What the package of ils-serve uses of the rooms.
    .library(name: "ILSRooms", targets: ["ILSRecord", "ILSStream", "ILSStore", "ILSCommand", "ILSMigration"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    // System libraries and thin C.
    .target(name: "CScan", cSettings: [.unsafeFlags([guarded])]),
    .target(name: "CDates", cSettings: [.unsafeFlags([guarded])]),
    .target(name: "CMapping", dependencies: ["CScan"], cSettings: [.unsafeFlags([guarded])]),
    .target(name: "CValidation", dependencies: ["CScan"], cSettings: [.unsafeFlags([guarded])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

    // Entities and presets, as data files beside the executables. A C target, because SwiftPM's resource accessor for
    // Swift targets would link Foundation into every filter.
    .target(name: "ILSData", resources: [.copy("entities"), .copy("presets"), .copy("schemas")]),

    // The rooms.
    .target(name: "ILSRecord", dependencies: ["CScan"], swiftSettings: room),
    .target(name: "ILSIdentity", dependencies: ["ILSRecord", "CScan"], swiftSettings: room),
    .target(name: "ILSDates", dependencies: ["ILSRecord", "CDates"], swiftSettings: room),
    .target(name: "ILSFormats", dependencies: ["ILSRecord", "ILSDates", "CScan", "CZlib"], swiftSettings: room),
    .target(name: "ILSMapping", dependencies: ["ILSRecord", "ILSDates", "CScan", "CMapping"], swiftSettings: room),
    .target(name: "ILSSchema", dependencies: ["ILSRecord", "ILSDates"], swiftSettings: room),
    .target(
      name: "ILSValidation",
      dependencies: ["ILSRecord", "ILSIdentity", "ILSDates", "ILSSchema", "CDates", "CScan", "CValidation"],
      swiftSettings: room),
    .target(
      name: "ILSStream", dependencies: ["ILSRecord", "CScan", "CZlib", "CZstd", "CLzma", "CNettle"], swiftSettings: room
    ),
    .target(
      name: "CVersion",
      cSettings: Context.environment["ILS_COMMIT"].map { [.define("ILS_COMMIT", to: "\"\($0)\"")] } ?? []),
    .target(name: "ILSStore", dependencies: ["ILSRecord", "ILSIdentity", "ILSDates", "CLibPQ"], swiftSettings: room),
    .target(
      name: "ILSCommand",
      dependencies: [
        "CVersion",
        "ILSRecord", "ILSDates", "ILSMapping", "ILSSchema", "ILSValidation", "ILSStream", "ILSData",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: room),

    .target(name: "ILSJobs", dependencies: ["ILSRecord", "ILSStream", "ILSCommand", "ILSStore"], swiftSettings: room),
    .target(
      name: "ILSMending", dependencies: ["ILSRecord", "ILSStream", "ILSCommand", "CZlib"], swiftSettings: room),
    .target(
      name: "ILSMigration",
      dependencies: ["ILSRecord", "ILSSchema", "ILSStream", "ILSCommand", "ILSStore", "ILSJobs", "ILSMending"],
      swiftSettings: room),
    .target(
      name: "ILSReading", dependencies: ["ILSRecord", "ILSFormats", "ILSStream", "ILSCommand"], swiftSettings: room),
    .target(
      name: "ILSTrace",
      dependencies: [
        "ILSRecord", "ILSIdentity", "ILSFormats", "ILSMapping", "ILSStream", "ILSStore", "ILSCommand", "ILSReading",
      ],
      swiftSettings: room),
    .target(name: "ILSReport", dependencies: ["ILSRecord", "ILSDates", "ILSValidation"], swiftSettings: room),
    // What each fault code means, over all rooms.
    .target(
      name: "ILSCodes",
      dependencies: [
        "ILSRecord", "ILSIdentity", "ILSFormats", "ILSMapping", "ILSSchema", "ILSValidation", "ILSStream", "ILSStore",
        "ILSCommand", "ILSMending", "ILSMigration", "ILSReport", "ILSTrace",
      ], swiftSettings: room),

    // The tools.
    tool("ils-parse", ["ILSFormats", "ILSReading"]),
    tool("ils-map", ["ILSStream"]),
    // What runs the custom functions of ils-map: a process of its own, since SpiderMonkey is large and scripts are not ours.
    // Debian builds SpiderMonkey without DEBUG, and its headers (apt: libmozjs-102-dev) refuse to be read with it.
    .executableTarget(
      name: "ils-script",
      cxxSettings: [.unsafeFlags(["-isystem", "/usr/include/mozjs-102", "-UDEBUG", "-fno-rtti", guarded])],
      linkerSettings: hardened + [.linkedLibrary("mozjs-102")]),
    tool("ils-validate", ["ILSStore", "ILSCodes", "ILSJobs"]),
    tool("ils-load", ["ILSJobs", "ILSStore"]),
    tool("ils-rollback", ["ILSJobs", "ILSStore"]),
    tool("ils-jobs", ["ILSJobs", "ILSStore"]),
    tool("ils-report", ["ILSReport", "ILSCodes", "ILSMigration"]),
    tool("ils-why", ["ILSTrace", "ILSReading", "ILSJobs"]),
    tool("ils-verify", ["ILSJobs", "ILSStore", "ILSReport"]),
    tool("ils-migrate", ["ILSMigration", "ILSStore", "ILSCodes"]),

    // The tests.
    .target(name: "FuzzSupport", dependencies: ["ILSRecord"], path: "Tests/FuzzSupport"),
    .target(name: "CScanPlain", dependencies: ["CMapping", "CValidation"], path: "Tests/CScanPlain"),
    tests("ILSRecord", ["CMapping", "CScan", "CScanPlain", "CValidation"]),
    tests("ILSDates"),
    tests("ILSIdentity"),
    tests("ILSFormats", ["FuzzSupport"]),
    tests("ILSMapping", ["FuzzSupport", "ILSDates"]),
    tests("ILSSchema"),
    tests("ILSValidation", ["FuzzSupport", "ILSSchema", "CDates", "CValidation"]),
    tests("ILSStream"),
    tests("ILSStore"),
    tests("ILSCommand"),
    tests("ILSMigration", ["ILSRecord"]),
    tests("ILSReading"),
    tests("ILSReport", ["ILSRecord"]),
    tests("ILSCodes"),

    // The executables from outside: golden cases and manners.
    .testTarget(
      name: "ToolTests",
      dependencies: [
        "ils-parse", "ils-map", "ils-script", "ils-validate", "ils-load", "ils-rollback", "ils-jobs", "ils-report",
        "ils-migrate", "ils-why", "ils-verify",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
