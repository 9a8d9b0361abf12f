extension NamedTransform {
  static let none = NamedTransform("none", examples: [("", " x ", " x ")]) { _ in [] }
}
