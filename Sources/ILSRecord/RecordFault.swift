/// Why a line is no record, or a value no text.
public enum RecordFault: String, FaultCodes {
  case jsonInvalid = "json.invalid"
  case jsonTruncated = "json.truncated"
  case jsonUtf8 = "json.utf8"
  case jsonNotObject = "json.not_object"
  case jsonDuplicateKey = "json.duplicate_key"
  case jsonTooLong = "json.too_long"
  case jsonSurrogate = "json.surrogate"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .jsonInvalid:
      ("The line is no JSON.", "Look at the byte that the message names; ils-parse writes right lines.")
    case .jsonTruncated: ("The line ends in the middle of its JSON.", "Export it again: it was cut off.")
    case .jsonUtf8: ("The line is no UTF-8.", "Convert it: ils-parse --format json --encoding NAME.")
    case .jsonNotObject: ("The line holds no JSON object.", "Write one record to a line: jq -c '.[]' unwraps an array.")
    case .jsonDuplicateKey: ("A field occurs twice in the record.", "Rename or remove one: only one could be kept.")
    case .jsonTooLong: ("The line is longer than the limit.", "Split the record, or take out what is no text.")
    case .jsonSurrogate: ("A \\u escape is half of a character.", "Export it again as UTF-8.")
    }
  }
}
