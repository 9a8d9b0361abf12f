import Hummingbird

/// What the server answers to.
enum Routes {
  static let resources: [any Resource.Type] = [
    PreviewResource.self, ValidationResource.self, StartResource.self, StatusResource.self, EventsResource.self,
    JobsResource.self, ErrorsResource.self, RejectsResource.self, CancelResource.self, ResumeResource.self,
    RollbackResource.self, EntitiesResource.self, HealthResource.self, MetricsResource.self,
  ]

  /// The methods that a path takes; none where it is none of ours.
  static func methods(of path: String) -> [String] {
    let parts = path.split(separator: "/")
    let methods = resources.filter { resource in
      let wanted = resource.path.split(separator: "/")
      return wanted.count == parts.count && zip(wanted, parts).allSatisfy { $0 == $1 || $0.hasPrefix(":") }
    }
    .map { $0.method.rawValue }
    return methods + (methods.isEmpty && Page.has(path) ? ["GET"] : [])
  }
}
