import ArgumentParser
import ILSCommand
import ILSFormats
import ILSRecord

/// All that can be said of how inputs are read.
public struct ReadingOptions: ParsableArguments {
  @OptionGroup public var text: ReadOptions
  @OptionGroup public var workbook: WorkbookReadOptions

  public init() {}

  /// The options that a manifest has kept.
  /// - Throws: `configuration` where they are none of this version's.
  public init(kept arguments: [String]) throws(StopError) {
    do {
      self = try Self.parse(arguments)
    } catch {
      throw StopError(
        .configuration, UsageFault.usage,
        "the job was read with options that are not known here: \(arguments.joined(separator: " "))")
    }
  }

  /// The options that somebody has given by hand.
  /// - Throws: `usage` where ils-parse has none such.
  public init(said arguments: [String]) throws(StopError) {
    do {
      self = try Self.parse(arguments)
      _ = try decoding()
    } catch {
      throw StopError(
        .usage, UsageFault.usage, "ils-parse does not read with \(arguments.joined(separator: " ")): see its --help")
    }
  }

  /// Options that say again what was said: what a manifest keeps.
  public static func arguments(_ text: ReadOptions, _ workbook: WorkbookReadOptions) -> [String] {
    text.arguments + workbook.arguments
  }

  public var arguments: [String] { Self.arguments(text, workbook) }

  /// The options as decoders take them.
  func decoding() throws(StopError) -> (text: TextOptions, workbook: WorkbookOptions) {
    (try text.decoding(), try workbook.decoding(text))
  }
}
