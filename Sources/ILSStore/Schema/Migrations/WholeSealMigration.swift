extension Migrations {
  /// The digest of a job's input, and the ids that it brought for rows, belong to what is sealed.
  static let wholeSeal = """
    \(Seal.makeSeal(Seal.function))
    \(Seal.appendSeals(Seal.whole))
    """
}
