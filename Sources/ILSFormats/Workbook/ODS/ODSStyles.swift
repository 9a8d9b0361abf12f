import ILSRecord

/// The styles of an OpenDocument spreadsheet (OpenDocument 1.3 part 3, 16.2 and 16.29), by number: what they do to what cells hold.
struct ODSStyles {
  /// A style of cells as it stands in the file.
  private struct Cell {
    var parent: String?
    var data: String?
    var isStruck: Bool?
    var colour: String?
    var ground: String?
  }

  /// What a format of numbers, days or times shows.
  private struct Format {
    var style = CellStyle.number
    var zeros = 0
    var places = 0
    var isFirst = true
    /// What stands in front of the number makes of it, once there is one.
    var lead: CellStyle?
  }

  private var cells: [String: Cell] = [:]
  private var formats: [String: CellStyle] = [:]
  /// Sheets that nobody sees have such a style.
  private(set) var hiddenTables: Set<String> = []
  private var numbers: [[UInt8]: Int] = [:]
  private(set) var table = StyleTable()
  /// Numbers of the styles that stand for nothing but a type of values.
  private(set) var percent = 0

  private static var limit: Int { 65_536 }
  private static let defaultColours = (text: "#000000", ground: "#ffffff")

  /// Takes the styles of a part, up to its body.
  mutating func read(_ tokens: inout XMLTokens) throws(StopError) {
    let names = Names()
    var present: (name: String, family: String)?
    var format: (name: String, format: Format)?
    while true {
      let kind = try tokens.next()
      if kind == .end { return }
      if kind == .close {
        if let done = format, names.formats.contains(tokens.name) {
          if formats.count < Self.limit { formats[done.name] = ODSStyles.style(done.format) }
          format = nil
        } else if tokens.name == names.style {
          present = nil
        }
        continue
      }
      if let open = format, kind == .text {
        format = (open.name, ODSStyles.noted(literal: tokens.text, open.format))
        continue
      }
      guard kind == .open || kind == .empty else { continue }
      if tokens.name == names.body { return }
      if tokens.name == names.style {
        present = begin(tokens)
        if kind == .empty { present = nil }
      } else if names.formats.contains(tokens.name), kind == .open {
        format = tokens.attribute("name").map { ($0, ODSStyles.format(tokens, names)) }
      } else if let open = format {
        format = (open.name, ODSStyles.noted(tokens, open.format, names))
      } else if let present {
        take(tokens, present, names)
      }
    }
  }

  private struct Names {
    let body = XMLName.key("body")
    let style = XMLName.key("style")
    let text = XMLName.key("text-properties")
    let cell = XMLName.key("table-cell-properties")
    let table = XMLName.key("table-properties")
    let number = XMLName.key("number")
    let hours = XMLName.key("hours")
    let day = XMLName.key("day")
    let numberStyle = XMLName.key("number-style")
    let currency = XMLName.key("currency-style")
    let percentage = XMLName.key("percentage-style")
    let date = XMLName.key("date-style")
    let time = XMLName.key("time-style")
    let boolean = XMLName.key("boolean-style")
    var formats: Set<UInt64> { [numberStyle, currency, percentage, date, time, boolean] }
  }

  private mutating func begin(_ tokens: borrowing XMLTokens) -> (name: String, family: String)? {
    guard let name = tokens.attribute("name"), let family = tokens.attribute("family"), cells.count < Self.limit else {
      return nil
    }
    if family == "table-cell" {
      cells[name] = Cell(parent: tokens.attribute("parent-style-name"), data: tokens.attribute("data-style-name"))
    }
    return (name, family)
  }

  private mutating func take(_ tokens: borrowing XMLTokens, _ style: (name: String, family: String), _ names: Names) {
    if style.family == "table", tokens.name == names.table, tokens.attribute("display") == "false" {
      hiddenTables.insert(style.name)
    }
    guard style.family == "table-cell" else { return }
    if tokens.name == names.text {
      if let line = tokens.attribute("text-line-through-style") ?? tokens.attribute("text-line-through-type") {
        cells[style.name]?.isStruck = line != "none"
      }
      if let colour = tokens.attribute("color") { cells[style.name]?.colour = colour.lowercased() }
      if tokens.attribute("use-window-font-color") == "true" { cells[style.name]?.colour = "window" }
    } else if tokens.name == names.cell, let ground = tokens.attribute("background-color") {
      cells[style.name]?.ground = ground.lowercased()
    }
  }

  // MARK: - Formats

  private static func format(_ tokens: borrowing XMLTokens, _ names: Names) -> Format {
    switch tokens.name {
    case names.percentage: Format(style: .percent)
    case names.date: Format(style: .date(withTime: false))
    case names.time: Format(style: tokens.attribute("truncate-on-overflow") == "false" ? .elapsed : .time)
    case names.boolean: Format(style: .worded)
    // What shows neither digits nor text is taken back when there is some.
    case names.numberStyle: Format(style: .worded)
    default: Format()
    }
  }

  private static func noted(_ tokens: borrowing XMLTokens, _ format: Format, _ names: Names) -> Format {
    var format = format
    if tokens.name == names.hours, format.style == .date(withTime: false) { format.style = .date(withTime: true) }
    guard
      tokens.name == names.number || tokens.name == XMLName.key("fraction")
        || tokens.name == XMLName.key("scientific-number") || tokens.name == XMLName.key("text-content")
    else { return format }
    if format.style == .worded { format.style = .number }
    if format.style == .number, let lead = format.lead { format.style = lead }
    format.zeros = tokens.attribute("min-integer-digits").flatMap { Int($0) } ?? 0
    format.places = tokens.attribute("decimal-places").flatMap { Int($0) } ?? 0
    if let factor = tokens.attribute("display-factor").flatMap({ Double($0) }), factor != 1 { format.style = .scaled }
    format.isFirst = false
    return format
  }

  /// A text in front of the number.
  private static func noted(literal: UnsafeRawBufferPointer, _ format: Format) -> Format {
    var format = format
    guard format.isFirst, format.style == .worded || format.style == .number else { return format }
    let text = XMLText.string(literal)
    if text.unicodeScalars.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil }) {
      format.lead = .lettered
    } else if text.hasPrefix("-") {
      format.lead = .negated
    }
    return format
  }

  private static func style(_ format: Format) -> CellStyle {
    guard format.style == .number, format.zeros > 1, format.zeros <= 64, format.places == 0 else { return format.style }
    return .padded([UInt8](repeating: UInt8(ascii: "0"), count: format.zeros))
  }

  // MARK: - By number

  /// Gives each style of cells its number; 0 is that of none.
  mutating func number() {
    table.append(.number)
    table.append(.percent)
    percent = 1
    var next = 2
    for name in cells.keys {
      let (style, mark) = resolved(name)
      table.append(style, mark)
      numbers[Array(name.utf8)] = next
      next += 1
    }
  }

  /// The number of the style called so.
  func number(_ name: UnsafeRawBufferPointer) -> Int {
    if numbers.isEmpty { return 0 }
    if name.contains(UInt8(ascii: "&")) { return numbers[Array(XMLText.string(name).utf8)] ?? 0 }
    return numbers[Array(name)] ?? 0
  }

  private func resolved(_ name: String) -> (CellStyle, StyleTable.Mark) {
    var (data, isStruck, colour, ground): (String?, Bool?, String?, String?) = (nil, nil, nil, nil)
    var at: String? = name
    var depth = 0
    while let here = at, let cell = cells[here], depth < 16 {
      data = data ?? cell.data
      isStruck = isStruck ?? cell.isStruck
      colour = colour ?? cell.colour
      ground = ground ?? cell.ground
      at = cell.parent
      depth += 1
    }
    var mark: StyleTable.Mark = isStruck == true ? .struck : []
    let behind = ground == nil || ground == "transparent" ? Self.defaultColours.ground : ground
    // The window's own colour is one that is seen.
    if colour != "window", (colour ?? Self.defaultColours.text) == behind { mark.insert(.unseen) }
    return (data.flatMap { formats[$0] } ?? .number, mark)
  }
}
