import ILSRecord

/// Whether a mapping brings JavaScript of its own.
func hasScript(_ mapping: JSONValue) -> Bool {
  if let members = mapping.members {
    if let script = mapping["customTransform"], !script.isNull { return true }
    return members.contains { $0.name == "transform" && $0.value == .string("custom") || hasScript($0.value) }
  }
  return mapping.array?.contains { $0 == .string("custom") || hasScript($0) } ?? false
}
