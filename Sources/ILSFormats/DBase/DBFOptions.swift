import ILSRecord

/// What is said of a dBase table, rather than found out from it.
public struct DBFOptions: Sendable {
  /// nil: by the byte of the header, or found out.
  public var encoding: String?
  /// Bytes that mean nothing in the encoding become U+FFFD, in place of refusing their record.
  public var replacesErrors = false
  /// Names that stand in for those of the fields.
  public var columns: [String]?
  /// Records that are marked as deleted are read, and say so.
  public var keepsDeleted = false
  /// Text that was read in the wrong encoding before it was exported is put right.
  public var mendsMojibake = false

  public init() {}
}
