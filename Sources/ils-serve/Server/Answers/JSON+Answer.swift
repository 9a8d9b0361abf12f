import Hummingbird
import ILSRecord

extension JSONValue {
  /// nil for text that is no JSON.
  init?(read text: some Collection<UInt8>) {
    guard let value = try? JSONValue(parsing: Array(text)) else { return nil }
    self = value
  }

  static func count(_ number: Int) -> JSONValue { .number("\(number)") }

  static func texts(_ texts: some Sequence<String>) -> JSONValue { .array(texts.map { .string($0) }) }

  /// The object with `value` as its member `name`, in the place of one that it has; nil takes it out.
  func with(_ name: String, _ value: JSONValue?) -> JSONValue {
    var members = members ?? []
    let place = members.firstIndex { $0.name == name }
    switch (place, value) {
    case (let place?, let value?): members[place].value = value
    case (let place?, nil): members.remove(at: place)
    case (nil, let value?): members.append((name, value))
    case (nil, nil): break
    }
    return .object(members)
  }

  func response(_ status: HTTPResponse.Status = .ok) -> Response { .json(ByteBuffer(string: text + "\n"), status) }
}

extension Response {
  /// A JSON text as it is.
  static func json(_ text: ByteBuffer, _ status: HTTPResponse.Status = .ok) -> Response {
    Response(status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: text))
  }

  /// What was asked of a job is done, or under way.
  static func said(_ message: String, of job: String, _ status: HTTPResponse.Status = .ok) -> Response {
    JSONValue.object([("success", .boolean(true)), ("jobId", .string(job)), ("message", .string(message))])
      .response(status)
  }
}

/// The JSON lines among what a tool wrote.
func jsonLines(_ bytes: [UInt8]) -> [JSONValue] {
  bytes.split(separator: UInt8(ascii: "\n")).compactMap { JSONValue(read: $0) }
}
