import Hummingbird
import HTTPTypes
import ILSRecord
import ServeParts

/// The entities with their fields, the transforms and the presets.
struct EntitiesResource: Resource {
  static let method = HTTPRequest.Method.get
  static let path = "api/import/entities"
  static let scope: Scope? = .read
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) -> Response {
    let catalogue = service.catalogue
    return JSONValue.object([
      ("success", .boolean(true)), ("entities", .array(catalogue.entities)),
      ("transforms", .texts(catalogue.transforms)), ("presets", .texts(catalogue.presets)),
    ]).response()
  }
}
